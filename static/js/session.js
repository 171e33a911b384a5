// Warns before the session ends and extends it on request (WCAG 2.2.1). The server knows how long
// it has left: other tabs may have extended it. Without this script a form that comes too late is
// still kept.
const dialog = document.getElementById("session-end");
const part = (name) => dialog.querySelector(`[data-${name}]`);
const WARNING = 5 * 60;
let timer;

// What the dialogue says: the session can be extended (idle), ends anyway (whole), or is over.
function say(what, seconds = 0) {
  for (const name of ["idle", "whole", "over"]) part(name).hidden = name !== what;
  part("stay").hidden = what !== "idle";
  part("close").hidden = what === "idle";
  const minutes = String(Math.max(1, Math.round(seconds / 60)));
  for (const place of dialog.querySelectorAll("[data-minutes]")) place.textContent = minutes;
  if (!dialog.open) dialog.showModal();
}

function wait(rest, warned) {
  const next = rest > WARNING ? rest - WARNING : Math.min(rest, 60);
  clearTimeout(timer);
  timer = setTimeout(() => look(warned), Math.max(next, 5) * 1000);
}

async function look(warned) {
  let left;
  try {
    const answer = await fetch(dialog.dataset.left, { redirect: "manual" });
    if (!answer.ok) {
      say("over");
      return;
    }
    left = await answer.json();
  } catch {
    left = { idle: WARNING + 60, whole: WARNING + 60 }; // no connection: ask again in a minute
  }
  const rest = Math.min(left.idle, left.whole);
  const ending = left.whole <= left.idle;
  const closed = warned && !dialog.open; // who has read that it ends anyway is not told twice
  if (rest > WARNING) dialog.close();
  else if (!(closed && ending)) say(ending ? "whole" : "idle", rest);
  wait(rest, rest <= WARNING);
}

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const request = { method: "POST", body: new FormData(form), redirect: "manual" };
  await fetch(form.action, request).catch(() => {});
  dialog.close();
  look(false); // whether it worked, the server says
});
part("close").addEventListener("click", () => dialog.close());
look(false);
