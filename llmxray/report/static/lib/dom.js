// Elements, the words in them, and keys.
/** Give an element attributes (not null, undefined or false) and children; a text is never read as HTML. */
function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== "") made.append(child);
  }
  return made;
}

/** A new HTML element. @returns {any} */
function el(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The element with an id. What kind it is stands in the page's template. @returns {any} */
function byId(id) {
  return document.getElementById(id);
}

/** Every element that a selector finds, in order. @returns {any[]} */
function all(selector, within = document) {
  return [...within.querySelectorAll(selector)];
}

/** A number without digits; halves to the even one, as on the pages: else 62.5 would be 62 there and 63 here. */
function whole(value) {
  const shown = Math.round(value);
  return value % 1 === 0.5 && shown % 2 ? shown - 1 : shown;
}

/** A share as the site writes it: never 100% below certainty, never 0% above impossibility. */
function percent(value) {
  if (value === null || value === undefined) return "—";
  const shown = whole(100 * value);
  if (value < 1 && shown >= 100) return ">99%";
  if (value > 0 && shown <= 0) return "<1%";
  return `${shown}%`;
}

/** Milliseconds in words; in seconds where a time `beside` it is a second or more. */
function duration(ms, beside = null) {
  if (ms === null || ms === undefined) return "—";
  // Rounded once: the page that Python writes says the same of it.
  const [whole, other] = [Math.round(ms), Math.round(beside ?? 0)];
  if (whole < 1000) return other >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${whole} ms`;
  return Math.round(ms / 100) < 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

const DOUBTS = [[0.6, ""], [0.35, "d1"], [0.12, "d2"], [0.03, "d3"], [0, "d4"]];
/** Class of a token by its probability: "" for sure, d1 to d4 for more and more doubt; "" where it is not known. */
function doubtOf(probability) {
  return probability === null ? "" : DOUBTS.find(([least]) => probability >= least)[1];
}

/** A token shown on its own, with its white space visible. */
function visible(token) {
  return token.replace(/ /g, "␣").replace(/\n/g, "↵").replace(/\t/g, "⇥") || "(empty)";
}

function isTyping(target) {
  return Boolean(target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "")));
}

/** Call `act` for each key that may be a command: without Ctrl, Alt or Meta, outside fields, not handled before. */
function onKey(act) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    act(event);
  });
}

/** Let a click, Enter or Space on an element that is no button call `act`; a link within it keeps its own meaning. */
function onPress(element, act) {
  element.tabIndex = 0;
  element.addEventListener("click", (event) => {
    if (!event.target.closest("a")) act();
  });
  element.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || event.target !== element) return;
    event.preventDefault();
    act();
  });
}

/** The order of two values, what is missing (null) last either way; `sign` is -1 for the falling order. */
function compared(one, other, sign) {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return sign * (one < other ? -1 : one > other ? 1 : 0);
}

/** Let the keyboard reach a box that scrolls, unless it holds something that the keyboard reaches. */
function makeReachable(box) {
  const scrolls = box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
  if (scrolls && !box.querySelector("[tabindex]")) box.tabIndex = 0;
}

/** Whether a page's keys are meant for it: always on its own, in a file of many pages when it fills the middle. */
function inView(root) {
  const page = root.closest('[id^="page-"]');
  if (!page) return true;
  const { top, bottom } = page.getBoundingClientRect();
  return top <= window.innerHeight / 2 && bottom >= window.innerHeight / 2;
}

module.exports = {
  filled, el, byId, all, percent, duration, doubtOf, visible, isTyping, onKey, onPress,
  compared, makeReachable, inView,
};
