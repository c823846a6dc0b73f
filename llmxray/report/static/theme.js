"use strict";
// Before anything is painted: the reader's theme and palette, so that no page flashes.
(function () {
  let saved = {};
  try {
    saved = JSON.parse(localStorage.getItem("llmxray-look") || "{}");
  } catch {
    saved = {}; // file:// may refuse storage, and a broken value is no reason to fail
  }
  const root = document.documentElement;
  if (saved.theme === "dark" || saved.theme === "light") root.dataset.theme = saved.theme;
  if (saved.palette === "blue-red") root.dataset.palette = saved.palette;
})();
