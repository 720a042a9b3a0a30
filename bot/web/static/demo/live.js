// Follows the server: asks every second for the regions of the page, and changes only what changed, so that focus,
// opened parts and the place in the chat stay, and a screen reader hears only what is new.
import { complain } from "./forms.js";

const EVERY = 1000;
// After something was done, what is still being sent shows at once.
const SOON = 150;

export function follow(stage) {
  const shown = new Map();
  let version = stage.dataset.version;
  let failures = 0;

  function show(news) {
    if (news.chat !== new URLSearchParams(stage.dataset.live.split("?")[1]).get("chat")) return;
    version = news.version;
    for (const [name, html] of Object.entries(news.regions)) {
      if (shown.get(name) === html) continue;
      shown.set(name, html);
      const region = document.querySelector(`[data-region="${name}"]`);
      if (region) change(region, html);
    }
  }

  async function ask() {
    if (!document.hidden) {
      try {
        const answer = await fetch(stage.dataset.live, { headers: { "if-none-match": `"${version}"` } });
        if (answer.status === 200) show(await answer.json());
        if (failures > 2) complain("");
        failures = 0;
      } catch {
        failures += 1;
        if (failures === 3) complain("Saathi does not answer. Is the demo still running?");
      }
    }
    timer = setTimeout(ask, EVERY);
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(ask, SOON);
  }

  function toEnd() {
    const chat = document.querySelector(".chat");
    chat.scrollTop = chat.scrollHeight;
  }

  let timer = setTimeout(ask, EVERY);
  return { show, soon, toEnd };
}

// Puts `html` into `region`. Children that carry a key and are unchanged stay the very same elements.
function change(region, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const wanted = [...template.content.children];
  if (!wanted.some((child) => child.dataset.key)) return replace(region, wanted);
  const old = new Map([...region.children].map((child) => [child.dataset.key, child]));
  const first = old.size === 0;
  let place = null;
  for (const child of wanted) {
    const before = old.get(child.dataset.key);
    let element = child;
    if (before) {
      old.delete(child.dataset.key);
      const same = source(before) === child.outerHTML;
      element = same ? before : swap(before, child);
    } else if (!first && child.matches(".line")) {
      child.classList.add("new");
      child.dataset.source = "";
    }
    const next = place ? place.nextElementSibling : region.firstElementChild;
    if (next !== element) region.insertBefore(element, next);
    place = element;
  }
  for (const gone of old.values()) gone.remove();
}

// An element's own words, without what this page added to it (the mark of a new line, an opened part).
function source(element) {
  const copy = element.cloneNode(true);
  copy.classList.remove("new");
  delete copy.dataset.source;
  for (const part of [copy, ...copy.querySelectorAll("details")]) part.removeAttribute("open");
  return copy.outerHTML;
}

function swap(before, child) {
  const opened = new Set([...before.querySelectorAll("details[open]")].map((part) => part.dataset.key));
  for (const part of child.querySelectorAll("details")) if (opened.has(part.dataset.key)) part.open = true;
  before.replaceWith(child);
  return child;
}

function replace(region, wanted) {
  const active = document.activeElement;
  const inside = region.contains(active) ? [active.name, active.value] : null;
  const written = region.querySelector("textarea")?.value;
  region.replaceChildren(...wanted);
  const field = region.querySelector("textarea");
  if (field && written) field.value = written;
  if (!inside) return;
  const again = [...region.querySelectorAll("[name]")].find((one) => one.name === inside[0] && (one === field || one.value === inside[1]));
  again?.focus();
}
