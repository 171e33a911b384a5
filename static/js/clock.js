// Shows a moment on the clock of whoever reads, where it differs from the clock that the page names.
// The page cannot know that clock and asks nobody for it; without this script the named clock stands.
for (const place of document.querySelectorAll("[data-own-clock]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const moment = new Date(place.dataset.ownClock);
  const shown = (timeZone) =>
    new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short", timeZone }).format(moment);
  if (zone && !Number.isNaN(moment.getTime()) && shown(zone) !== shown(place.dataset.zone)) {
    place.lastElementChild.textContent = `${shown(zone)} (${zone})`;
    place.hidden = false;
  }
}
