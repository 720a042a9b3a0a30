// The live line of a card, and its print button. Without a script the page is reloaded and printed by the browser.
"use strict";

const EVERY = 3000;
const SLOWEST = 30000;

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

const line = document.querySelector("[data-connection]");
if (line) {
  let wait = EVERY;
  const words = line.querySelector("[data-words]");
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(line.dataset.connection, {
          headers: { accept: "application/json", "x-saathi-live": "1" },
          cache: "no-store",
        });
        if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
          words.textContent = "Log in again to see whether the patient is connected";
          return;
        }
        if (answer.ok) {
          const found = await answer.json();
          if (words.textContent !== found.words) words.textContent = found.words;
          line.classList.toggle("connection-yes", found.connected);
          wait = EVERY;
          if (found.connected && found.words === "Connected") return;
        }
      } catch {
        wait = Math.min(wait * 2, SLOWEST);
      }
    }
    window.setTimeout(look, wait);
  };
  if (!line.classList.contains("connection-yes") || words.textContent !== "Connected") window.setTimeout(look, EVERY);
}
