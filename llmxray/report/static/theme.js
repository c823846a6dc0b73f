"use strict";
// Before anything is painted: the reader's theme and palette, so that no page flashes.
(function () {
  const look = llmxray.storage.recall("llmxray-look", {});
  const root = document.documentElement;
  if (look.theme === "dark" || look.theme === "light") root.dataset.theme = look.theme;
  if (look.palette === "blue-red") root.dataset.palette = look.palette;
})();
