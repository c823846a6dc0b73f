// Before anything is painted: the reader's theme and depth, so that no page flashes.
const look = llmxray.storage.recall("llmxray-look", {});
const root = document.documentElement;
if (look.theme === "dark" || look.theme === "light") root.dataset.theme = look.theme;
// Two depths: plain, or with statistics. A page that has only one, or stands alone in a file, shows all.
const asked = new URLSearchParams(location.search).has("statistics") || look.statistics;
if (!asked && !("whole" in root.dataset)) root.dataset.plain = "";
