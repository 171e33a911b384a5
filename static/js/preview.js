// Shows how a text will look below its form, without leaving the page. Without this script the same
// button leads to a page with the form and the preview below it.
const button = document.querySelector("button[data-preview]");
const place = document.querySelector("[data-preview-place]");
const text = document.querySelector("[data-preview-text]");

button?.addEventListener("click", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const answer = await fetch(button.formAction, {
      method: "POST",
      body: new FormData(button.form),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const news = await answer.json();
    if (news.message) text.textContent = news.message;
    else text.innerHTML = news.html; // cleaned by the server's allow-list
    place.hidden = false;
  } catch {
    // Signed out or no connection: the button does what it does without script.
    button.removeAttribute("data-preview");
    button.disabled = false;
    button.form.requestSubmit(button);
    return;
  }
  button.disabled = false;
});
