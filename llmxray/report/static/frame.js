// What every page can do: theme, statistics, menus.
const { all, onKey, makeReachable } = llmxray.dom;

const root = document.documentElement;
const save = () =>
  llmxray.storage.keep("llmxray-look", {
    theme: root.dataset.theme || "",
    statistics: !("plain" in root.dataset) && !("whole" in root.dataset),
  });
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
    root.toggleAttribute("data-plain");
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
document.addEventListener("submit", (event) => event.preventDefault());
// What is folded away stays so on paper, but for what is meant for it.
window.addEventListener("beforeprint", () => {
  for (const details of all("details[data-print]")) details.open = true;
});
// The page's own tab is in sight on a phone.
for (const tab of all(".tabs > div > [aria-current]")) {
  const tabs = tab.parentNode;
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.clientWidth) / 2;
}
themeState();
statisticsState();
for (const box of all(".quoted, pre")) makeReachable(box);
