// Keeps an open page of the console up to date: asks every few seconds whether the page has changed (304 if not), and
// changes the parts marked data-live. Without scripts the page is as good, and somebody reloads it.
import { patch } from "../patch.js";

const EVERY = 8000;
const address = new URL(location.href);
address.searchParams.delete("said");
address.hash = "";

let tag = "";
let shown = new Map();
let timer = setTimeout(ask, EVERY);

// What was just done is said once, not again after a reload.
if (new URLSearchParams(location.search).has("said")) history.replaceState(null, "", address.pathname + address.search + location.hash);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  clearTimeout(timer);
  ask();
});

async function ask() {
  if (!document.hidden) {
    try {
      const headers = { "x-saathi-live": "1", accept: "text/html" };
      if (tag) headers["if-none-match"] = tag;
      const answer = await fetch(address, { headers, redirect: "manual" });
      // The session has ended: the login page comes instead.
      if (answer.status === 401 || answer.type === "opaqueredirect") return location.reload();
      if (answer.status === 200) {
        tag = answer.headers.get("etag") ?? "";
        show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
    } catch {
      // Saathi cannot be reached for the moment: what is shown stays, and the next question comes as usual.
    }
  }
  timer = setTimeout(ask, EVERY);
}

function show(news) {
  document.title = news.title;
  for (const region of document.querySelectorAll("[data-live]")) {
    const wanted = news.querySelector(`[data-live="${region.dataset.live}"]`);
    const html = wanted?.innerHTML ?? "";
    if (shown.get(region.dataset.live) === html) continue;
    shown.set(region.dataset.live, html);
    if (wanted && region.innerHTML !== html) patch(region, [...wanted.children]);
  }
}
