// A form sent in the background; what comes back is the page's new state.
const trouble = document.querySelector("[data-trouble]");

// The button that sent the form, so that its name and value go along.
export function submitter(event) {
  return event.submitter ?? event.target.querySelector("button");
}

export async function act(form, button, live) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  document.body.classList.add("busy");
  const fields = new FormData(form);
  if (button?.name) fields.set(button.name, button.value);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(fields),
    });
    const news = await answer.json();
    if (!answer.ok) return complain(news.error);
    complain("");
    form.closest("[data-popup]")?.removeAttribute("open");
    form.reset();
    live.show(news);
    if (form.matches("[data-say], [data-start], .popup, .popup form")) focusWriting();
    live.toEnd();
    live.soon();
  } catch {
    complain("Saathi does not answer. Is the demo still running?");
  } finally {
    delete form.dataset.busy;
    document.body.classList.remove("busy");
  }
}

export function complain(sentence) {
  trouble.textContent = sentence;
  trouble.hidden = !sentence;
}

function focusWriting() {
  document.querySelector("[data-say] textarea")?.focus();
}
