// Warns before the session ends and extends it on request (WCAG 2.2.1). The server knows how long
// it has left: other tabs may have extended it. Without this script a form that comes too late is
// still kept.
const dialog = document.getElementById("session-end");
const WARNING = 5 * 60;
let timer;

function show(left) {
  const ending = left.whole <= left.idle;
  dialog.querySelector("[data-idle]").hidden = ending;
  dialog.querySelector("[data-whole]").hidden = !ending;
  dialog.querySelector("[type=submit]").hidden = ending;
  dialog.querySelector("[data-close]").hidden = !ending;
  const minutes = String(Math.max(1, Math.round(Math.min(left.idle, left.whole) / 60)));
  for (const place of dialog.querySelectorAll("[data-minutes]")) place.textContent = minutes;
  if (!dialog.open) dialog.showModal();
}

function wait(left, warned) {
  const rest = Math.min(left.idle, left.whole);
  const next = rest > WARNING ? rest - WARNING : Math.min(rest, 60);
  clearTimeout(timer);
  timer = setTimeout(() => look(warned), Math.max(next, 5) * 1000);
}

async function look(warned) {
  let left;
  try {
    const answer = await fetch(dialog.dataset.left, { redirect: "manual" });
    if (!answer.ok) return; // signed out: the next click leads to the sign-in
    left = await answer.json();
  } catch {
    left = { idle: WARNING + 60, whole: WARNING + 60 }; // no connection: ask again in a minute
  }
  const near = Math.min(left.idle, left.whole) <= WARNING;
  if (near && !(warned && !dialog.open && left.whole <= left.idle)) show(left);
  if (!near && dialog.open) dialog.close();
  wait(left, near);
}

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
  dialog.close();
  look(false); // whether it worked, the server says
});
dialog.querySelector("[data-close]").hidden = !ending;
  const minutes = String(Math.max(1, Math.round(Math.min(left.idle, left.whole) / 60)));
  for (const place of dialog.querySelectorAll("[data-minutes]")) place.textContent = minutes;
  if (!dialog.open) dialog.showModal();
}

function wait(left, warned) {
  const rest = Math.min(left.idle, left.whole);
  const next = rest > WARNING ? rest - WARNING : Math.min(rest, 60);
  clearTimeout(timer);
  timer = setTimeout(() => look(warned), Math.max(next, 5) * 1000);
}

async function look(warned) {
  let left;
  try {
    const answer = await fetch(dialog.dataset.left, { redirect: "manual" });
    if (!answer.ok) return; // signed out: the next click leads to the sign-in
    left = await answer.json();
  } catch {
    left = { idle: WARNING + 60, whole: WARNING + 60 }; // no connection: ask again in a minute
  }
  const near = Math.min(left.idle, left.whole) <= WARNING;
  if (near && !(warned && !dialog.open && left.whole <= left.idle)) show(left);
  if (!near && dialog.open) dialog.close();
  wait(left, near);
}

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.ok) dialog.close();
    else form.submit(); // the server says why
  } catch {
    form.submit();
  }
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
look(false);
