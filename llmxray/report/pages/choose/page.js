"use strict";
// The form of the reader's own use case, and the ranking below it.
(function () {
  const { el, byId, all, percent } = llmxray.dom;
  const { replaceHash, onHash } = llmxray.url;
  const { LIMITS, ranked, parseChoice, formatChoice } = llmxray.ranking;
  const form = byId("choose-form");
  const fields = form.elements;

  /** The state of a profile that comes with the page. */
  function of(profile) {
    const limits = Object.fromEntries(LIMITS.map((name) => [name, profile[name] ?? null]));
    return { weights: profile.weights, limits: { ...limits, guessers: false } };
  }

  const isEqual = (one, other) => Math.abs(one.score - other.score) < 1e-9;

  /** A row of the ranking; `isAlone`: no other one is left that it could come before. */
  function row({ option, score, wins, out }, isFirst, isAlone) {
    const who = el("span", { class: "who" }, el("i", { class: "swatch" }), option.label);
    const name = el("th", { scope: "row" }, who);
    const why = (text) => el("td", { colspan: 2, class: "why" }, text);
    if (out.length) return el("tr", { class: `k ${option.css} struck` }, name, why(`out: ${out.join("; ")}`));
    if (score === null) return el("tr", { class: `k ${option.css}` }, name, why("not all scores that are weighed"));
    return el("tr", { class: `k ${option.css}` }, name,
      el("td", { class: isFirst ? "num best" : "num" }, String(Math.round(100 * score))),
      el("td", { class: "num" }, isAlone ? "—" : percent(wins)));
  }

  function sentence(list, firm) {
    const scored = list.filter((each) => each.score !== null);
    const [first, second] = scored;
    if (list.every((each) => each.out.length)) return "None of these conditions is fit for this use.";
    if (!first) return "No condition has all the scores that these weights ask for.";
    const { label } = first.option;
    if (!second) return `${label} is the only one left.`;
    const equal = scored.filter((each) => isEqual(each, first));
    const wins = equal.reduce((sum, each) => sum + each.wins, 0);
    const share = `in ${percent(wins)} of redrawn question sets`;
    const names = equal.map((each) => each.option.label).join(" and ");
    if (equal.length > 1) return `${names} are equal and come first, ${share}.`;
    if (wins >= firm) return `${label} comes first, ${share}.`;
    return `${label} leads, but ${share} only: these questions do not settle it.`;
  }

  llmxray.shards.load(form.dataset.file).then((data) => {
    const buttons = all("[data-profile]", form);
    const profileOf = (button) => of(data.profiles[button.dataset.profile]);
    let state = parseChoice(location.hash) || of(data.profiles[data.opens]);

    function show() {
      data.criteria.forEach((name, place) => {
        fields[name].value = state.weights[place];
        form.querySelector(`[data-for="${name}"]`).textContent = `${state.weights[place]}%`;
      });
      for (const name of LIMITS) {
        // What is being typed is left alone, or "1." would turn into "1" under the hand.
        if (fields[name] && document.activeElement !== fields[name]) fields[name].value = state.limits[name] ?? "";
      }
      fields.guessers.checked = state.limits.guessers;
      for (const button of buttons) {
        const same = formatChoice(profileOf(button)) === formatChoice(state);
        button.setAttribute("aria-pressed", String(same));
      }
      const list = ranked(data.options, state.weights, state.limits);
      const scored = list.filter(({ score }) => score !== null);
      const isMixed = new Set(scored.map(({ option }) => option.kind)).size > 1;
      const weighed = state.weights[data.criteria.indexOf("calibration")];
      byId("choose-said").textContent = sentence(list, data.firm) + (isMixed && weighed ? ` ${data.mixed}` : "");
      const next = byId("choose-next");
      if (next) next.hidden = list.some((each) => !each.out.length);
      const rows = list.map((each) => row(each, isEqual(each, list[0]), scored.length < 2));
      byId("choose-rows").replaceChildren(...rows);
    }

    function change(next) {
      state = next;
      replaceHash(formatChoice(state));
      show();
    }

    form.addEventListener("input", () => {
      const number = (name) => (fields[name] && fields[name].value !== "" ? Number(fields[name].value) : null);
      const limits = Object.fromEntries(LIMITS.map((name) => [name, number(name)]));
      change({
        weights: data.criteria.map((name) => Number(fields[name].value)),
        limits: { ...limits, guessers: fields.guessers.checked },
      });
    });
    for (const button of buttons) button.addEventListener("click", () => change(profileOf(button)));
    onHash(() => {
      state = parseChoice(location.hash) || state;
      show();
    });
    form.hidden = byId("choose-ranked").hidden = false;
    show();
  });
})();
