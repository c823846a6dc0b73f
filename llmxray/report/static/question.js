"use strict";
(function (scope) {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

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

  const api = { neighbours, viewName };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const x = scope.llmxray;
  const { el } = x;
  const root = document.getElementById("question");
  const folder = root.dataset.index.replace(/[^/]*$/, "");
  const state = x.parseState(location.hash);
  const address = new URLSearchParams(location.search).get("q") || root.dataset.first;
  const given = Number(new URLSearchParams(location.hash.slice(1)).get("s")) || 1;

  const link = (record) => `question.html?q=${encodeURIComponent(record.address).replace(/%2F/g, "/")}${x.formatState(state)}`;

  function steps(index, record, list) {
    const { at, before, after } = neighbours(list, record.place);
    const name = viewName(state);
    const place = at < 0 ? "not in this view" : `${at + 1} of ${list.length}`;
    const one = (to, label, key) =>
      to ? el("a", { class: "step", href: link(to), "data-step": key, rel: key === "j" ? "next" : "prev" }, label, el("kbd", {}, key)) : el("span", { class: "step faint" }, label);
    return el("nav", { class: "steps", "aria-label": "Questions of this view" },
      el("a", { href: `questions.html${x.formatState(state)}` }, name ? `Questions: ${name}` : "All questions"),
      el("span", { class: "place" }, place), one(before, "previous", "k"), one(after, "next", "j"));
  }

  function head(index, record, question) {
    const suite = index.suites.find(([name]) => name === record.suite);
    const [category, subcategory, skill] = question.about;
    const level = record.difficulty ? `level ${record.difficulty} of 3` : "";
    const about = [suite[1], category, subcategory === category ? "" : subcategory, skill, level].filter(Boolean).join(" · ");
    const options = question.choices.map((text, place) => {
      const right = LETTERS[place] === question.answer;
      return el("li", { class: right ? "right" : "" }, el("span", { class: "letter" }, LETTERS[place]), el("span", {}, text),
        right ? el("span", { class: "flag" }, el("b", { class: "mark-correct" }), "right") : null);
    });
    const accept = question.accept.length ? ` (also: ${question.accept.join(", ")})` : "";
    const expected = !question.choices.length && question.answer
      ? el("p", { class: "expected" }, el("b", { class: "mark-correct" }), "Right answer: ", el("strong", {}, question.answer), accept) : null;
    return el("header", { class: "asked-question" }, el("p", { class: "eyebrow" }, about),
      el("h1", { class: question.question.length > 180 ? "long" : "" }, question.question),
      options.length ? el("ol", { class: "choices" }, options) : null, expected,
      question.why ? el("p", { class: "why" }, el("span", { class: "label" }, "Why "), question.why) : null);
  }

  function grid(index, question, sample, strings) {
    const columns = question.answers.map((samples, place) =>
      x.column(question, samples[sample], index.conditions[place], `c${place % 8}`, strings));
    // Five or six in rows of three, so that no answer is left alone below the others.
    const across = { 1: 1, 2: 2, 3: 3, 5: 3, 6: 3, 9: 3 }[columns.length] || 4;
    return el("section", { class: `answers across-${across}`, "aria-label": "Answers side by side" }, columns);
  }

  function samplePicker(count, sample, show) {
    if (count < 2) return null;
    const button = (step, label, key) => {
      const made = el("button", { type: "button", class: "button", disabled: sample + step < 0 || sample + step >= count }, label, " ", el("kbd", {}, key));
      made.addEventListener("click", () => show(sample + step));
      return made;
    };
    return el("p", { class: "samples" }, button(-1, "Previous", ","), el("span", {}, `sample ${sample + 1} of ${count}`), button(1, "Next", "."));
  }

  function wordDiffs(index, question, sample, strings) {
    const toTokens = (columns) => x.tokens(columns, strings);
    const texts = question.answers.flatMap((samples, place) => {
      const answer = samples[sample];
      const condition = index.conditions[place];
      if (!answer || answer.error !== undefined || (condition.answer === "likelihood" && question.choices.length)) return [];
      return [{ place, label: condition.label, text: x.spoken(answer, toTokens).trim() }];
    });
    if (texts.length < 2) return null;
    const base = el("select", { "aria-label": "Baseline" }, texts.map((each, n) => el("option", { value: n }, each.label)));
    const out = el("div", { class: "diffs" });
    const draw = () => {
      const from = texts[Number(base.value)];
      out.replaceChildren(...texts.filter((each) => each !== from).map((each) => {
        const runs = x.wordDiff(from.text, each.text);
        const { delete: gone, insert: come, equal: kept } = x.changedWords(runs);
        const spans = runs.map(([kind, text]) => el({ delete: "del", insert: "ins" }[kind] || "span", {}, text));
        return el("figure", { class: `diff k c${each.place % 8}` },
          el("figcaption", {}, el("i", { class: "swatch" }), `${each.label}: ${gone} of ${gone + kept} words gone, ${come} new`),
          el("div", { class: "quoted" }, spans));
      }));
    };
    base.addEventListener("change", draw);
    draw();
    const long = texts.some((each) => each.text.split(/\s+/).length > 8);
    return el("details", { class: "compare-words", open: long }, el("summary", {}, "Word by word"), el("p", {}, "Compared with ", base), out);
  }

  function keys(go) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || x.typing(event.target)) return;
      const name = { ArrowRight: "j", ArrowLeft: "k" }[event.key] || event.key;
      const to = name === "j" || name === "k" ? root.querySelector(`[data-step="${name}"]`) : null;
      if (to) to.click();
      else if (event.key === ".") go(1);
      else if (event.key === ",") go(-1);
      else if (event.key === "u") {
        const button = root.querySelector("article > [data-least]") || root.querySelector("[data-least]");
        if (button) button.click();
      }
    });
  }

  async function start() {
    const index = await x.load(folder, root.dataset.index.split("/").pop());
    const records = x.records(index);
    const record = records.find((each) => each.address === address);
    if (!record) throw new Error(`There is no question “${address}” in this experiment.`);
    const data = await x.load(folder, index.files[index.file[record.place]]);
    const question = data.questions.find((each) => each.id === address);
    const ids = index.conditions.map((condition) => condition.id);
    const list = x.view(records, state, ids, ids.map((_, place) => place));
    const count = Math.max(...question.answers.map((samples) => samples.length));
    let sample = Math.min(given, count) - 1;
    document.title = `${record.address} · ${document.title}`;
    const show = (next) => {
      if (next < 0 || next >= count) return;
      sample = next;
      root.replaceChildren(steps(index, record, list), head(index, record, question), samplePicker(count, sample, show) || "",
        grid(index, question, sample, data.strings), wordDiffs(index, question, sample, data.strings) || "");
    };
    show(sample);
    keys((step) => show(sample + step));
    x.watch(root, document.getElementById("inspector"));
    document.getElementById("legend").hidden = false;
  }

  start().catch((error) => {
    root.replaceChildren(el("p", { class: "empty" }, error.message, " ", el("a", { href: "questions.html" }, "All questions")));
  });
})(typeof window === "undefined" ? globalThis : window);
