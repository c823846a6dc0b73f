"use strict";
(function (scope) {
  /** Where another text stands when this one is scrolled: at the same share of its own length. */
  function follow(top, room, otherRoom) {
    return room > 0 && otherRoom > 0 ? (top / room) * otherRoom : 0;
  }

  /** Texts that scroll together. Only the one that the reader moves leads, or they would push each other about. */
  function together(texts) {
    let leader = null;
    for (const text of texts) {
      for (const name of ["pointerenter", "pointerdown", "focusin", "wheel"]) text.addEventListener(name, () => (leader = text), { passive: true });
      text.addEventListener("scroll", () => {
        if (leader !== text) return;
        for (const other of texts) {
          if (other !== text) other.scrollTop = follow(text.scrollTop, text.scrollHeight - text.clientHeight, other.scrollHeight - other.clientHeight);
        }
      }, { passive: true });
      // A box that scrolls has to be reachable by keyboard; one that does not must not be a stop on the way.
      if (text.scrollHeight > text.clientHeight + 1 && !text.querySelector("[tabindex]")) text.tabIndex = 0;
    }
  }

  const api = { follow, together };
  if (typeof module !== "undefined") module.exports = api;
  else scope.llmxray = Object.assign(scope.llmxray || {}, api);
})(typeof window === "undefined" ? globalThis : window);
