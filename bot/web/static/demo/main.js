// Everything on the page works as plain forms. This makes it live: forms without a reload, news every second.
import { act, submitter } from "./forms.js";
import { follow } from "./live.js";

const stage = document.querySelector("[data-live]");
const live = follow(stage);

// On small screens: the chosen person in sight, and the tab that was open before another person was chosen.
document.querySelector(".person.chosen").scrollIntoView({ block: "nearest", inline: "center" });
const tabs = [...document.querySelectorAll("[name=tab]")];
for (const tab of tabs) {
  if (sessionStorage.getItem("tab") === tab.value) tab.checked = true;
  tab.addEventListener("change", () => sessionStorage.setItem("tab", tab.value));
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-act]")) {
    event.preventDefault();
    act(event.target, submitter(event), live);
  }
});

// Enter sends, Shift+Enter makes a new line, as on other messengers. Not while an input method is composing Hindi.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("[data-say] textarea");
  if (typing && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    typing.form.requestSubmit();
  }
  if (event.key === "Escape") closePopups(null);
});

document.addEventListener("click", (event) => closePopups(event.target.closest("[data-popup]")));

function closePopups(except) {
  for (const popup of document.querySelectorAll("[data-popup][open]")) {
    if (popup === except) continue;
    const hadFocus = popup.contains(document.activeElement);
    popup.open = false;
    if (hadFocus) popup.querySelector("summary").focus();
  }
}
