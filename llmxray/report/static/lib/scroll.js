"use strict";
(function () {
  /** Where another text stands when this one is scrolled: at the same share of its own length. */
  function follow(top, room, otherRoom) {
    return room > 0 && otherRoom > 0 ? (top / room) * otherRoom : 0;
  }

  /**
   * Let texts scroll together. Only the one that the reader moves leads, or they would push each other about.
   * @param {any[]} texts elements
   */
  function together(texts) {
    const room = (text) => text.scrollHeight - text.clientHeight;
    let leader = null;
    for (const text of texts) {
      for (const name of ["pointerenter", "pointerdown", "focusin", "wheel"]) {
        text.addEventListener(name, () => (leader = text), { passive: true });
      }
      text.addEventListener("scroll", () => {
        if (leader !== text) return;
        for (const other of texts) {
          if (other !== text) other.scrollTop = follow(text.scrollTop, room(text), room(other));
        }
      }, { passive: true });
      llmxray.dom.makeReachable(text);
    }
  }

  const api = { follow, together };
  llmxray.scroll = api;
  if (typeof module === "object") module.exports = api;
})();
