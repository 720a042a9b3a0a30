// Follows the server: asks every second for the regions of the page, and changes only what changed, so that focus,
// opened parts and the place in the chat stay, and a screen reader hears only what is new.
import { patch } from "../patch.js";
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
      const before = version;
      try {
        const answer = await fetch(stage.dataset.live, { headers: { "if-none-match": `"${version}"` } });
        const news = answer.status === 200 ? await answer.json() : null;
        // What was done meanwhile has brought newer ones: these would take the page back, and the focus with it.
        if (news && version === before) show(news);
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

function change(region, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  patch(region, [...template.content.children]);
}
