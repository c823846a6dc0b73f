"use strict";
(function (scope) {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  /** Answers that can be compared word by word: written ones, without thinking; `spoken` reads the text of one. */
  function comparable(question, conditions, sample, spoken) {
    return question.answers.flatMap((samples, place) => {
      const answer = samples[sample];
      const weighed = conditions[place].answer === "likelihood" && question.choices.length > 0;
      if (!answer || answer.error !== undefined || weighed) return [];
      return [{ place, id: conditions[place].id, label: conditions[place].label, text: spoken(answer).trim() }];
    });
  }

  /** How many answers stand side by side; five or six in rows of three, so that none is left alone below. */
  function across(count) {
    return { 1: 1, 2: 2, 3: 3, 5: 3, 6: 3, 9: 3 }[count] || 4;
  }

  const api = { comparable, across };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const x = scope.llmxray;
  const { el } = x;
  const root = document.getElementById("question");

  function head(index, record, question) {
    const suite = index.suites.find(([name]) => name === record.suite);
    const [category, subcategory, skill] = question.about;
    const level = question.level ? `level ${question.level} of 3` : "";
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

  function grid(found, sample) {
    const { index, question, strings, record, state } = found;
    const columns = question.answers.map((samples, place) => {
      const column = x.column(question, samples[sample], index.conditions[place], `c${place % 8}`, strings);
      const hash = x.hashOf(x.formatState(state), { c: index.conditions[place].id, s: sample ? sample + 1 : "" });
      const tokens = samples[sample] && (samples[sample].tokens || []).some((each) => each.t.length);
      if (tokens) column.append(el("p", { class: "note" }, el("a", { href: x.pageOf("xray.html", record.address, hash) }, "X-ray of this answer")));
      return column;
    });
    return el("section", { class: `answers across-${across(columns.length)}`, "aria-label": "Answers side by side" }, columns);
  }

  /** One answer against the baseline: the diff, or both texts where it would be confetti. */
  function difference(from, to) {
    const runs = x.wordDiff(from.text, to.text);
    const counts = x.changedWords(runs);
    const marked = () => el("div", { class: "quoted" }, runs.map(([kind, text]) => el({ delete: "del", insert: "ins" }[kind] || "span", {}, text)));
    const figure = el("figure", { class: `diff k c${to.place % 8}` },
      el("figcaption", {}, el("i", { class: "swatch" }), `${to.label}: ${x.changeSentence(counts)}`));
    if (!x.mostlyRewritten(counts)) figure.append(marked());
    else {
      const plain = el("div", { class: "quoted" }, to.text);
      const button = el("button", { type: "button", class: "plain" }, "Show the words that changed");
      button.addEventListener("click", () => {
        plain.replaceWith(marked());
        button.remove();
      });
      figure.append(plain, button);
    }
    return figure;
  }

  function wordDiffs(found, sample, view) {
    const { index, question, strings } = found;
    const texts = comparable(question, index.conditions, sample, (answer) => x.spoken(answer, (columns) => x.tokens(columns, strings)));
    if (texts.length < 2) return null;
    const chosen = Math.max(0, texts.findIndex((each) => each.id === view.base));
    const base = el("select", { "aria-label": "Baseline" }, texts.map((each, n) => el("option", { value: n, selected: n === chosen }, each.label)));
    const out = el("div", { class: "diffs" });
    const draw = () => {
      const from = texts[Number(base.value)];
      const others = texts.filter((each) => each !== from).map((each) => difference(from, each));
      const own = el("figure", { class: `diff k c${from.place % 8}` }, el("figcaption", {}, el("i", { class: "swatch" }), `${from.label}: the baseline`), el("div", { class: "quoted" }, from.text || "(nothing)"));
      out.replaceChildren(own, ...others);
      out.className = `diffs across-${across(texts.length)}`;
      x.together([...out.querySelectorAll(".quoted")]);
    };
    base.addEventListener("change", () => {
      view.base = texts[Number(base.value)].id;
      view.remember();
      draw();
    });
    const long = texts.some((each) => each.text.split(/\s+/).length > 8);
    const details = el("details", { class: "compare-words", open: long }, el("summary", {}, "Word by word"), el("p", {}, "Compared with ", base), out);
    draw();
    return details;
  }

  function start(found) {
    const { index, record, question, state, samples } = found;
    const extra = () => ({ s: sample ? sample + 1 : "", base: view.base });
    const view = {
      base: new URLSearchParams(location.hash.slice(1)).get("base") || "",
      remember: () => history.replaceState(null, "", location.pathname + location.search + x.hashOf(x.formatState(state), extra())),
    };
    let sample = x.numberIn(location.hash, "s", samples, 1) - 1;
    document.title = `${record.address} · ${document.title}`;
    const show = (next) => {
      if (next < 0 || next >= samples) return;
      sample = next;
      root.replaceChildren(x.steps(found, "answer.html", { base: view.base }), head(index, record, question), x.samplePicker(samples, sample, show) || "",
        grid(found, sample), wordDiffs(found, sample, view) || "");
      x.together([...root.querySelectorAll(".answer > .tokens")]);
      x.together([...root.querySelectorAll(".answer .thinking .tokens")]);
      x.together([...root.querySelectorAll(".diff .quoted")]);
    };
    show(sample);
    x.readingKeys(root, (step) => {
      show(sample + step);
      view.remember();
    }, {
      u: () => {
        const button = root.querySelector("article > [data-least]") || root.querySelector("[data-least]");
        if (button) button.click();
      },
      x: () => {
        const link = root.querySelector('a[href^="xray.html"]');
        if (link) link.click();
      },
    });
    x.watch(root, document.getElementById("inspector"));
    document.getElementById("legend").hidden = false;
  }

  x.openQuestion(root).then(start).catch((error) => x.fail(root, error));
})(typeof window === "undefined" ? globalThis : window);
