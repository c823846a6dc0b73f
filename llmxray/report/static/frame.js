"use strict";
// What every page can do: theme, statistics, and conditions that are hidden.
(function () {
  const { all, onKey, makeReachable } = llmxray.dom;
  const { parameters, withPart, replaceHash } = llmxray.url;

  /** The hidden set after one condition is clicked; the last visible one cannot be hidden. */
  function toggled(hidden, id, ids) {
    const next = new Set(hidden);
    if (next.has(id)) next.delete(id);
    else next.add(id);
    return next.size < ids.length ? next : new Set(hidden);
  }

  /** The conditions, by colour class, that an address hides by their ids; it cannot hide all of them. */
  function hiddenIn(search, conditions) {
    const ids = (parameters(search).get("hide") || "").split(",");
    const found = conditions.filter(({ id }) => ids.includes(id)).map(({ css }) => css);
    return new Set(found.length < conditions.length ? found : []);
  }

  if (typeof module === "object") {
    module.exports = { toggled, hiddenIn };
    return;
  }

  const root = document.documentElement;
  const chips = all(".chip[data-condition]");
  // Past eight conditions colours repeat, and those of one colour hide together.
  const colours = [...new Set(chips.map((chip) => chip.dataset.condition))];
  const conditions = chips.map((chip) => ({ id: chip.dataset.id, css: chip.dataset.condition }));
  let hidden = hiddenIn(location.search, conditions);

  const save = () =>
    llmxray.storage.keep("llmxray-look", {
      theme: root.dataset.theme || "",
      statistics: !("plain" in root.dataset) && !("whole" in root.dataset),
    });
  const show = () => {
    root.dataset.hidden = [...hidden].join(" ");
    for (const chip of chips) chip.setAttribute("aria-pressed", String(!hidden.has(chip.dataset.condition)));
    document.dispatchEvent(new CustomEvent("llmxray:conditions", { detail: { hidden: [...hidden] } }));
  };
  const hide = (next) => {
    hidden = next;
    const ids = conditions.filter(({ css }) => hidden.has(css)).map(({ id }) => id);
    const part = ids.length ? `hide=${ids.map(encodeURIComponent).join(",")}` : "";
    replaceHash(location.hash, withPart(location.search, "hide", part));
    // Beside a hidden condition nothing else is to fade.
    if (hidden.has(root.dataset.marked)) delete root.dataset.marked;
    show();
  };
  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const themeState = () => {
    for (const button of all('[data-action="theme"]')) button.textContent = isDark() ? "Light" : "Dark";
  };
  const statisticsState = () => {
    const shown = !("plain" in root.dataset);
    for (const button of all('[data-action="statistics"]')) button.setAttribute("aria-pressed", String(shown));
    for (const fold of all("details.statistics")) fold.open = shown;
  };
  const actions = {
    statistics() {
      if (!all('[data-action="statistics"]').length) return;
      const isPlain = root.toggleAttribute("data-plain");
      replaceHash(location.hash, withPart(location.search, "statistics", isPlain ? "" : "statistics"));
      statisticsState();
      save();
    },
    theme() {
      root.dataset.theme = isDark() ? "light" : "dark";
      themeState();
      save();
    },
  };

  for (const tools of all(".tools")) tools.hidden = false;
  for (const button of all("[data-action]")) {
    const action = actions[button.dataset.action];
    if (action) button.addEventListener("click", action);
  }
  for (const chip of chips) {
    const css = chip.dataset.condition;
    const mark = () => {
      if (!hidden.has(css)) root.dataset.marked = css;
    };
    chip.addEventListener("click", () => hide(toggled(hidden, css, colours)));
    chip.addEventListener("pointerenter", mark);
    // A chip that was tapped keeps the focus: only a keyboard's marks.
    chip.addEventListener("focus", () => chip.matches(":focus-visible") && mark());
    for (const name of ["pointerleave", "blur"]) chip.addEventListener(name, () => delete root.dataset.marked);
  }
  // Shown by the style where the page is narrow.
  for (const fold of all(".legend-fold")) {
    const { classList } = fold.closest(".legend");
    fold.hidden = false;
    classList.add("folded");
    fold.addEventListener("click", () => fold.setAttribute("aria-expanded", String(!classList.toggle("folded"))));
  }
  onKey((event) => {
    if (event.key === "s") actions.statistics();
  });
  // A menu closes on Escape, which leads back to its word, and on a click elsewhere or on what it offers.
  const menus = all("details.menu");
  document.addEventListener("click", (event) => {
    const { target } = /** @type {any} */ (event);
    for (const menu of menus) if (!menu.contains(target) || target.closest(".menu-list a")) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus.filter(({ open }) => open)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  // No form of this site is sent anywhere.
  document.addEventListener("submit", (event) => event.preventDefault());
  // What is folded away stays so on paper, but for what is meant for it.
  window.addEventListener("beforeprint", () => {
    for (const details of all("details[data-print]")) details.open = true;
  });
  themeState();
  statisticsState();
  if (hidden.size) show();
  // Which boxes scroll depends on the width of the window.
  for (const box of all(".quoted, pre")) makeReachable(box);
})();
