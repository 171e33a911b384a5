// Saves a form a few seconds after the last keystroke and when the page is left, so that nothing is
// lost between two presses of the button. Without this script the buttons do the same.
const form = document.querySelector("form[data-autosave]");
const told = form?.querySelector("[data-saved]");
const PAUSE = 4000;
let timer;
let changed = false;
let sending = false;

// Counts the letters of long texts as the server does: a line break is one, a letter outside the
// basic plane too.
function count(area) {
  const limit = Number(area.dataset.limit);
  const length = [...area.value.replace(/\r\n/g, "\n").trim()].length;
  let place = area.parentElement.querySelector("[data-count]");
  if (!place) {
    place = document.createElement("p");
    place.className = "counter";
    place.dataset.count = "";
    area.after(place);
  }
  place.textContent = `${length.toLocaleString(document.documentElement.lang)} / ${limit.toLocaleString(document.documentElement.lang)}`;
  place.classList.toggle("counter--over", length > limit);
}

async function save() {
  clearTimeout(timer);
  if (!changed || sending) return;
  sending = true;
  changed = false;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      redirect: "manual",
      keepalive: true,
    });
    const news = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
    if (news) tell(news);
    else changed = true; // signed out: the button leads to the sign-in, and the text is kept
  } catch {
    changed = true; // no connection, or too large for a last word: the next try says it again
    timer = setTimeout(save, 4 * PAUSE);
  } finally {
    sending = false;
  }
}

function tell(answer) {
  told.textContent = answer.message;
  told.classList.toggle("saved--not", !answer.saved);
  if (answer.marks) form.elements.marks.value = answer.marks;
  const place = document.querySelector("[data-gaps-number]");
  if (place && answer.gaps_words) {
    place.textContent = answer.gaps_words;
    place.classList.toggle("progress__gaps--none", answer.gaps === 0);
    document.querySelector("[data-completeness]").textContent = answer.completeness_words;
    document.querySelector(".meter").value = answer.completeness;
  }
}

if (form && told) {
  for (const area of form.querySelectorAll("textarea[data-limit]")) {
    count(area);
    area.addEventListener("input", () => count(area));
  }
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => {
    changed = false; // the button saves everything
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
}
