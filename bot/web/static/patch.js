// Changes what is shown into what should be shown, touching only what differs: focus, opened parts and what is being
// typed stay, and a screen reader hears only what is new.

// Puts `wanted` (elements) into `region`. Children that carry a key and are unchanged stay the very same elements.
export function patch(region, wanted) {
  if (!wanted.some((child) => child.dataset.key)) return replace(region, wanted);
  const old = new Map([...region.children].map((child) => [child.dataset.key, child]));
  const first = old.size === 0;
  let place = null;
  for (const child of wanted) {
    const before = old.get(child.dataset.key);
    let element = child;
    if (before) {
      old.delete(child.dataset.key);
      const same = source(before) === source(child);
      element = same || busy(before) ? before : swap(before, child);
    } else if (!first && child.matches(".line")) {
      child.classList.add("new");
    }
    const next = place ? place.nextElementSibling : region.firstElementChild;
    if (next !== element) region.insertBefore(element, next);
    place = element;
  }
  for (const gone of old.values()) if (!busy(gone)) gone.remove();
}

// Somebody is writing in it, or has chosen something and not sent it yet.
function busy(element) {
  if (element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return true;
  return [...element.querySelectorAll("input, select, textarea")].some(changed);
}

function changed(field) {
  if (field.type === "hidden") return false;
  if (field.matches("select")) {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

// An element's own words, without what this page added to it (the mark of a new line, an opened part).
function source(element) {
  const copy = element.cloneNode(true);
  copy.classList.remove("new");
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
