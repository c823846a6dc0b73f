"use strict";
// What the pages of one question share: which question, in which view of the table, and the way to its neighbours.
(function (scope) {
  /** Neighbours of a question in the view; one that is not in it gets the view's ends. */
  function neighbours(view, place) {
    const at = view.findIndex((record) => record.place === place);
    if (at < 0) return { at, before: null, after: view[0] || null };
    return { at, before: view[at - 1] || null, after: view[at + 1] || null };
  }

  /** What the preset and filters of a view are called. */
  function viewName(state) {
    const names = {
      "all-wrong": "all wrong", "all-right": "all right", disagree: "they disagree",
      "confident-wrong": "confident and wrong", "unsure-right": "unsure and right", cut: "unparsed or cut off",
    };
    const rest = ["suite", "category", "outcome", "condition", "conf", "q"].some((name) => state[name]);
    return [names[state.preset] || "", rest ? "filtered" : ""].filter(Boolean).join(", ");
  }

  /** The hash of a view with more pairs behind it; pairs without a value are left out. */
  function hashOf(view, extra) {
    const chosen = new URLSearchParams();
    for (const [name, value] of Object.entries(extra)) if (value !== "" && value !== null && value !== undefined) chosen.set(name, value);
    const parts = [view.replace(/^#/, ""), chosen.toString().replace(/%2C/g, ",").replace(/%3A/g, ":")].filter(Boolean);
    return parts.length ? `#${parts.join("&")}` : "";
  }

  /** A value of the hash as a whole number within 1 … most; `otherwise` when it is not one. */
  function numberIn(hash, name, most, otherwise) {
    const value = Number(new URLSearchParams(hash.replace(/^#/, "")).get(name));
    return Number.isInteger(value) && value >= 1 && value <= most ? value : otherwise;
  }

  /** Address of a page of one question. */
  function pageOf(page, address, hash) {
    // A slash may stand in a query, and keeps the address readable.
    return `${page}?q=${encodeURIComponent(address).replace(/%2F/g, "/")}${hash}`;
  }

  const api = { neighbours, viewName, hashOf, numberIn, pageOf };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const x = scope.llmxray;
  const { el } = x;

  /** The questions of a view in its order; the data files that it asks for are loaded, and no others. */
  async function viewOf(places, folder, state) {
    if (!x.formatState(state)) return x.listed(places);
    const codes = x.load(folder, places.more.codes);
    const texts = state.q || /question/.test(state.sort) ? x.load(folder, places.more.texts) : null;
    const ids = places.conditions.map((condition) => condition.id);
    return x.view(x.records(places, await codes, await texts), state, ids, ids.map((_, place) => place));
  }

  /** The question that the address names; `root` says where the data files are. */
  async function named(root) {
    const folder = root.dataset.index.replace(/[^/]*$/, "");
    const address = new URLSearchParams(location.search).get("q") || root.dataset.first;
    const places = await x.load(folder, root.dataset.index.split("/").pop());
    const record = x.listed(places).find((each) => each.address === address);
    if (!record) throw new Error(`There is no question “${address}” in this experiment.`);
    return { folder, places, record };
  }
  const fileOf = ({ folder, places, record }) => x.load(folder, x.fileOf(places, record.place));
  // Asked for here, the file comes while the page's other scripts do; `openQuestion` says what is wrong with it.
  for (const root of document.querySelectorAll("[data-index][data-first]")) named(root).then(fileOf).catch(() => null);

  /** Everything about that question. */
  async function openQuestion(root) {
    const found = await named(root);
    const { folder, places, record } = found;
    const state = x.parseState(location.hash);
    const list = viewOf(places, folder, state);
    const data = await fileOf(found);
    const question = data.questions.find((each) => each.id === record.address);
    const ids = places.conditions.map((condition) => condition.id);
    const samples = Math.max(...question.answers.map((each) => each.length));
    const strings = data.questions.flatMap((each) => each.strings);
    return { index: places, record, question, strings, state, list: await list, samples, ids };
  }

  /** Links to the view and to the questions beside this one; `page` and `extra` keep the reader where they are. */
  function steps(found, page, extra) {
    const { record, list, state } = found;
    const { at, before, after } = neighbours(list, record.place);
    const name = viewName(state);
    const view = x.formatState(state);
    const one = (to, label, key) =>
      to ? el("a", { class: "step", href: pageOf(page, to.address, hashOf(view, extra)), "data-step": key, rel: key === "j" ? "next" : "prev" }, label, el("kbd", {}, key))
        : el("span", { class: "step faint" }, label);
    return el("nav", { class: "steps", "aria-label": "Questions of this view" },
      el("a", { href: `answers.html${view}` }, name ? `Questions: ${name}` : "All questions"),
      el("span", { class: "place" }, at < 0 ? "not in this view" : `${at + 1} of ${list.length}`),
      one(before, "previous", "k"), one(after, "next", "j"));
  }

  /** Buttons that step through the samples; null where there is one only. */
  function samplePicker(count, sample, show) {
    if (count < 2) return null;
    const button = (step, label, key) => {
      const made = el("button", { type: "button", class: "button", disabled: sample + step < 0 || sample + step >= count }, label, " ", el("kbd", {}, key));
      made.addEventListener("click", () => show(sample + step));
      return made;
    };
    return el("p", { class: "samples" }, button(-1, "Previous", ","), el("span", {}, `sample ${sample + 1} of ${count}`), button(1, "Next", "."));
  }

  /** Keys of the pages of one question: other question, other sample, and what `more` names. */
  function readingKeys(root, go, more) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || x.typing(event.target) || !x.inView(root)) return;
      const name = { ArrowRight: "j", ArrowLeft: "k" }[event.key] || event.key;
      const to = name === "j" || name === "k" ? root.querySelector(`[data-step="${name}"]`) : null;
      if (to) to.click();
      else if (event.key === ".") go(1);
      else if (event.key === ",") go(-1);
      else if (Object.hasOwn(more, event.key)) more[event.key](event);
    });
  }

  /** Say why a page cannot be shown. */
  function fail(root, error) {
    root.replaceChildren(el("p", { class: "empty" }, error.message, " ", el("a", { href: "answers.html" }, "All questions")));
  }

  Object.assign(scope.llmxray, api, { openQuestion, steps, samplePicker, readingKeys, fail });
})(typeof window === "undefined" ? globalThis : window);
