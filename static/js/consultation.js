// Tells whoever is in a consultation that there is something new, and shows it without touching what
// is half typed. Without this script the page has a link to load it anew.
const room = document.querySelector("[data-consultation]");
const news = room?.querySelector("[data-consultation-news]");
const PAUSE = 5000;
let newest = room?.dataset.newest;
let timer;

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(room.dataset.url, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) return; // signed out, or no part any more: the links say so
    const state = await answer.json();
    const clock = room.querySelector("[data-consultation-clock]");
    if (state.newest !== newest) news.hidden = false;
    else if (clock && state.clock) clock.textContent = state.clock;
    if (state.state !== "running") return;
  } catch {
    // No connection: the next look tries again.
  }
  timer = setTimeout(look, PAUSE);
}

// Takes the parts that are read from the fresh page; the forms stay as they are while a text is in
// them, else the whole page is loaded anew.
async function show() {
  const fields = [...room.querySelectorAll("textarea")];
  if (fields.every((field) => field.value.trim() === "")) {
    location.assign(room.dataset.page);
    return;
  }
  try {
    const answer = await fetch(room.dataset.page, { redirect: "manual" });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-consultation]");
    for (const part of room.querySelectorAll("[data-consultation-part]")) {
      const found = fresh.querySelector(`[data-consultation-part="${part.dataset.consultationPart}"]`);
      if (found) part.replaceChildren(...found.childNodes);
    }
    newest = fresh.dataset.newest;
    news.hidden = true;
    // The button that was pressed is gone: what it showed is where reading goes on.
    room.querySelector("#said").focus();
  } catch {
    // Signed out or no connection: what is typed stays, and the news stay announced.
  }
}

if (room && room.dataset.state === "running") {
  room.querySelector("[data-consultation-show]").addEventListener("click", show);
  timer = setTimeout(look, PAUSE);
}
