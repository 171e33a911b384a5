// A passkey that did not work, or a dialogue that was cancelled, is told in words; sign-in with a
// passkey is offered only where scripts run.
for (const offer of document.querySelectorAll("[data-passkey]")) offer.hidden = false;
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const fault = document.getElementById("passkey-fault");
  fault.hidden = true;
  requestAnimationFrame(() => { fault.hidden = false; }); // said anew each time
});
