"use strict";

/** The hidden set after one condition is clicked; the last visible one cannot be hidden. */
function toggled(hidden, id, all) {
  const next = new Set(hidden);
  if (next.has(id)) next.delete(id);
  else next.add(id);
  return next.size < all.length ? next : new Set(hidden);
}

/** What a key means on any page; null when it is not ours. */
function command(key) {
  if (key === "?") return { action: "help" };
  if (key === "t") return { action: "theme" };
  if (key === "p") return { action: "palette" };
  if (key === "[") return { action: "tab", step: -1 };
  if (key === "]") return { action: "tab", step: 1 };
  if (/^[0-9]$/.test(key)) return { action: "condition", number: Number(key) };
  return null;
}

/** Whether typing goes into a field, so that keys are text and not commands. */
function isTyping(target) {
  // Again in dom.js, which not every page loads.
  return Boolean(target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "")));
}

/** The conditions, by colour class, that an address hides by their ids; it cannot hide all of them. */
function hiddenIn(search, conditions) {
  const ids = (new URLSearchParams(search).get("hide") || "").split(",");
  const found = conditions.filter(({ id }) => ids.includes(id)).map(({ css }) => css);
  return new Set(found.length < conditions.length ? found : []);
}

/** The search part of an address with the ids of what is hidden; what else stands in it is kept as it is. */
function withHidden(search, ids) {
  const parts = search.replace(/^\?/, "").split("&").filter((part) => part && !part.startsWith("hide="));
  if (ids.length) parts.push(`hide=${ids.map(encodeURIComponent).join(",")}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

if (typeof module !== "undefined") module.exports = { toggled, command, isTyping, hiddenIn, withHidden };

if (typeof document !== "undefined") {
  const root = document.documentElement;
  const chips = [...document.querySelectorAll(".chip[data-condition]")];
  // Past eight conditions colours repeat, and those of one colour hide together.
  const all = [...new Set(chips.map((chip) => chip.dataset.condition))];
  const conditions = chips.map((chip) => ({ id: chip.dataset.id, css: chip.dataset.condition }));
  let hidden = hiddenIn(location.search, conditions);

  const save = () => {
    try {
      const look = { theme: root.dataset.theme || "", palette: root.dataset.palette || "" };
      localStorage.setItem("llmxray-look", JSON.stringify(look));
    } catch {
      return; // file:// may refuse storage; the choice then lasts for this page
    }
  };
  const show = () => {
    root.dataset.hidden = [...hidden].join(" ");
    for (const chip of chips) chip.setAttribute("aria-pressed", String(!hidden.has(chip.dataset.condition)));
    document.dispatchEvent(new CustomEvent("llmxray:conditions", { detail: { hidden: [...hidden] } }));
  };
  const hide = (next) => {
    hidden = next;
    const ids = conditions.filter(({ css }) => hidden.has(css)).map(({ id }) => id);
    history.replaceState(null, "", location.pathname + withHidden(location.search, ids) + location.hash);
    // Beside a hidden condition nothing else is to fade.
    if (hidden.has(root.dataset.marked)) delete root.dataset.marked;
    show();
  };
  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const paletteState = () => {
    const button = document.querySelector('[data-action="palette"]');
    if (button) button.setAttribute("aria-pressed", String(root.dataset.palette === "blue-red"));
  };
  const actions = {
    theme() {
      root.dataset.theme = isDark() ? "light" : "dark";
      save();
    },
    palette() {
      if (root.dataset.palette === "blue-red") delete root.dataset.palette;
      else root.dataset.palette = "blue-red";
      paletteState();
      save();
    },
    help() {
      const dialog = document.getElementById("keys");
      if (dialog.open) dialog.close();
      else dialog.showModal();
    },
    tab({ step }) {
      const tabs = [...document.querySelectorAll(".tabs a")];
      const next = tabs[tabs.findIndex((tab) => tab.hasAttribute("aria-current")) + step];
      if (next) next.click();
    },
    condition({ number }) {
      if (number === 0) hide(new Set());
      else if (all[number - 1]) hide(toggled(hidden, all[number - 1], all));
    },
  };

  for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;
  for (const button of document.querySelectorAll("[data-action]")) {
    const action = actions[button.dataset.action];
    if (action) button.addEventListener("click", () => action({}));
  }
  for (const chip of chips) {
    const id = chip.dataset.condition;
    const mark = () => {
      if (!hidden.has(id)) root.dataset.marked = id;
    };
    chip.addEventListener("click", () => hide(toggled(hidden, id, all)));
    chip.addEventListener("pointerenter", mark);
    // A chip that was tapped keeps the focus: only a keyboard's marks.
    chip.addEventListener("focus", () => chip.matches(":focus-visible") && mark());
    for (const name of ["pointerleave", "blur"]) chip.addEventListener(name, () => delete root.dataset.marked);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const found = command(event.key);
    // A page may have taken the key for itself.
    if (!found || event.defaultPrevented) return;
    event.preventDefault();
    actions[found.action](found);
  });
  // What is folded away stays so on paper, but for what is meant for it.
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details[data-print]")) details.open = true;
  });
  paletteState();
  if (hidden.size) show();
  // What scrolls must be reachable by keyboard; which boxes do depends on the width of the window.
  for (const box of document.querySelectorAll(".quoted, pre, .chart-svg")) {
    if (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  }
}
