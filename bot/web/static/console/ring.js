// Rings when an alert appears that was not there before, once the sound was switched on in this browser, and shows it at
// the top of the page anyway. The tone is made here; nothing is fetched but the page itself.
const EVERY = 8000;
const bell = document.querySelector("[data-ring]");
const sign = bell.querySelector("[data-ring-news]");
const button = bell.querySelector("[data-ring-sound]");
const KEY = "saathi-ring";

let sound = null;
let known = new Set(bell.dataset.ring.split(" ").filter(Boolean));

bell.hidden = false;
label();
button.addEventListener("click", () => {
  const on = localStorage.getItem(KEY) !== "on" || !sound;
  localStorage.setItem(KEY, on ? "on" : "off");
  if (on) {
    wake();
    ring();
  } else {
    sound?.close();
    sound = null;
  }
  label();
});

// A browser lets a page sound only after somebody touched it.
if (localStorage.getItem(KEY) === "on") document.addEventListener("pointerdown", wake, { once: true });

setInterval(ask, EVERY);

async function ask() {
  try {
    const answer = await fetch("/alerts/open", { headers: { "x-saathi-live": "1", accept: "application/json" } });
    if (answer.ok) news((await answer.json()).open);
  } catch {
    // Saathi cannot be reached for the moment: the next question comes as usual.
  }
}

function news(open) {
  const fresh = open.filter((one) => !known.has(one));
  known = new Set(open);
  if (fresh.length) {
    sign.textContent = fresh.length === 1 ? "A new alert has come. " : `${fresh.length} new alerts have come. `;
    const link = document.createElement("a");
    link.href = `/alerts#a${fresh[0].split(".")[0]}`;
    link.textContent = "Open it";
    sign.append(link);
    bell.classList.add("notice-bad");
    ring();
  } else if (!open.length) {
    sign.textContent = "";
    bell.classList.remove("notice-bad");
  }
}

function wake() {
  sound ??= new AudioContext();
  sound.resume();
  label();
}

function ring() {
  if (localStorage.getItem(KEY) !== "on" || !sound) return;
  for (const [number, pitch] of [880, 660, 880, 660].entries()) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    const start = sound.currentTime + number * 0.25;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.4, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.24);
  }
}

function label() {
  const on = localStorage.getItem(KEY) === "on";
  button.textContent = on && sound ? "Sound is on: switch it off" : on ? "Click once so that it can ring" : "Ring when an alert comes";
  button.setAttribute("aria-pressed", String(on && Boolean(sound)));
}
