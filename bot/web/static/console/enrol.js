// The enrol form without a script is whole; this says the day of surgery in words, and shows a changed choice at once.
"use strict";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

// A day as it is typed most often, day first; anything else is left to the server.
const read = (typed) => {
  const text = typed.trim().toLowerCase();
  let found = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  let parts = found && [found[1], found[2] - 1, found[3]];
  if ((found = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(text))) parts = [found[3], found[2] - 1, found[1]];
  if ((found = /^(\d{1,2}) ([a-z]{3})[a-z]*,? (\d{4})$/.exec(text))) parts = [found[3], MONTHS.indexOf(found[2]), found[1]];
  if (!parts || parts[1] < 0 || parts[1] > 11) return null;
  const day = new Date(Number(parts[0]), parts[1], Number(parts[2]));
  return day.getDate() === Number(parts[2]) ? day : null;
};
const write = (day) => `${day.getDate()} ${MONTHS[day.getMonth()][0].toUpperCase()}${MONTHS[day.getMonth()].slice(1)} ${day.getFullYear()}`;

const form = document.querySelector("[data-enrol]");
if (form) {
  const echo = form.querySelector("[data-echo]");
  const near = form.querySelector("[data-days]");
  const day = form.elements.surgery_on;
  const today = read(form.dataset.today);
  const away = (chosen) => {
    const days = Math.round((chosen - today) / 86400000);
    if (days === 0) return "today";
    if (Math.abs(days) === 1) return days > 0 ? "tomorrow" : "yesterday";
    return days > 0 ? `in ${days} days` : `${-days} days ago`;
  };
  const say = () => {
    const chosen = read(day.value);
    echo.hidden = !chosen;
    if (chosen) {
      const words = chosen.toLocaleDateString("en-IN", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
      echo.textContent = `${words}, ${away(chosen)}`;
    }
  };
  for (const [label, days] of [["Today", 0], ["Yesterday", -1], ["Tomorrow", 1]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet small";
    button.textContent = label;
    button.addEventListener("click", () => {
      day.value = write(new Date(today.getFullYear(), today.getMonth(), today.getDate() + days));
      say();
    });
    near.append(button);
  }
  near.hidden = false;
  day.addEventListener("input", say);
  say();
  const wrong = form.querySelector("[aria-invalid='true'], .field-wrong input, .field-wrong textarea");
  if (wrong) {
    const folded = wrong.closest("details");
    if (folded) folded.open = true;
    wrong.focus();
  }
}

const again = document.querySelector("[data-again]");
if (again) {
  for (const choice of document.querySelectorAll(".picks-late input")) {
    choice.addEventListener("change", () => {
      sessionStorage.setItem("saathi-scroll", String(window.scrollY));
      again.click();
    });
  }
}
const scrolled = sessionStorage.getItem("saathi-scroll");
if (scrolled !== null) {
  sessionStorage.removeItem("saathi-scroll");
  if (again) window.scrollTo(0, Number(scrolled));
}
