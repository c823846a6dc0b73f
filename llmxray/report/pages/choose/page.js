"use strict";
// The form of the reader's own use case: the headline, the walls and the points follow every change.
(function () {
  const { el, byId, all, percent } = llmxray.dom;
  const { svg, at } = llmxray.svg;
  const { replaceHash, onHash } = llmxray.url;
  const { LIMITS, ranked, verdict, parseChoice, formatChoice } = llmxray.ranking;
  const form = byId("choose-form");
  const fields = form.elements;

  /** A bar in as many parts as there are criteria. */
  function parts(option, weights) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let x = 0;
    return svg("svg", { class: `bar ${option.css}`, "aria-hidden": "true" },
      svg("rect", { class: "ground", width: "100%", height: "100%", rx: 2 }),
      weights.map((weight, place) => {
        const width = weight ? (weight * option.scores[place]) / total / 1000 : 0;
        x += width;
        return svg("rect", { class: `fill part part-${place}`, x: at(x - width), width: at(width), height: "100%" });
      }));
  }

  llmxray.shards.load(form.dataset.file).then((data) => {
    const { phrases, profiles, criteria } = data;
    const say = (kind, values) => phrases[kind].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    /** @returns {any} the state that a use case asks for */
    const open = (id, way) => {
      const limits = Object.fromEntries(LIMITS.map((name) => [name, profiles[id][name] ?? null]));
      return { weights: profiles[id].weights, limits: { ...limits, guessers: false }, way };
    };
    /** @type {any} */
    let state = parseChoice(location.hash, criteria.length, data.way) || open(data.opens, data.way);

    /** Who is ahead under some weights and limits, and the ranking behind it. */
    function judged({ weights, limits }, where) {
      const asked = data.options.filter(({ kind }) => state.way === "" || kind === state.way);
      const list = ranked(asked, weights, limits);
      const found = verdict(list, data.firm, state.way);
      const values = { ...found, where, share: percent(found.wins), n: data.options[0].draws.find(Boolean)?.length };
      return { list, values, kind: found.kind };
    }

    function walls(list) {
      for (const figure of all("[data-way]")) {
        figure.hidden = figure.dataset.way !== state.way;
        const [plane] = all("svg", figure);
        const { low, high } = plane.dataset;
        const { seconds, least } = state.limits;
        const x = seconds ? Math.min(1, Math.max(0, Math.log(seconds / low) / Math.log(high / low))) : 1;
        const [late, wrong] = all(".wall", plane);
        late.setAttribute("x", at(x));
        late.setAttribute("width", at(1 - x));
        wrong.setAttribute("y", at(1 - (least ?? 0) / 100));
        wrong.setAttribute("height", at((least ?? 0) / 100));
        for (const { option, out } of list) {
          all("[data-id]", plane).find((dot) => dot.dataset.id === option.id)?.classList.toggle("out", out.length > 0);
        }
      }
    }

    function show() {
      criteria.forEach((name, place) => {
        fields[name].value = state.weights[place];
        form.querySelector(`[data-for="${name}"]`).textContent = `${state.weights[place]}%`;
      });
      for (const name of LIMITS) {
        // What is being typed is left alone, or "1." would turn into "1" under the hand.
        if (fields[name] && document.activeElement !== fields[name]) fields[name].value = state.limits[name] ?? "";
      }
      fields.guessers.checked = state.limits.guessers;
      for (const radio of all("[name=way]", form)) radio.checked = radio.value === state.way;
      let where = phrases.own;
      for (const radio of all("[name=use]", form)) {
        const preset = open(radio.value, state.way);
        radio.checked = formatChoice(preset, data.way) === formatChoice(state, data.way);
        if (radio.checked) ({ where } = profiles[radio.value]);
        const { kind, values } = judged(preset, "");
        all("strong", radio.parentElement)[0].textContent = say(`card-${kind}`, values);
      }
      const { list, kind, values } = judged(state, where);
      const nameOf = ({ option }) => option.names[state.way][0];
      byId("choose-said").textContent = say(kind, values);
      walls(list);
      const listed = list.filter(({ score }) => score !== null);
      byId("choose-rows").replaceChildren(...listed.map((each, place) =>
        el("tr", { class: place ? null : "first" },
          el("th", { scope: "row" }, el("span", { class: `model ${each.option.css}` }, nameOf(each))),
          el("td", {}, parts(each.option, state.weights)),
          el("td", { class: "num" }, String(Math.round(100 * each.score))))));
      const unranked = list.filter(({ score, out }) => score === null && !out.length).map(nameOf);
      const kinds = new Set(listed.map(({ option }) => option.kind));
      const firm = { equal: "redrawn-equal", leads: "redrawn", close: "redrawn-close" }[kind];
      byId("choose-firm").textContent = [
        firm && say(firm, values),
        unranked.length && listed.length && say("unranked", { names: unranked.join(", ") }),
        kinds.size > 1 && state.weights[criteria.indexOf("calibration")] && phrases.mixed,
      ].filter(Boolean).join(" ");
      byId("choose-out").replaceChildren(...list.filter(({ out }) => out.length).map((each) =>
        el("li", {}, el("b", {}, nameOf(each)), `: ${each.out.join("; ")}`)));
    }

    function change(next) {
      state = next;
      replaceHash(formatChoice(state, data.way));
      show();
    }

    form.addEventListener("input", ({ target }) => {
      if (target.name === "use") return change(open(target.value, state.way));
      const number = (name) => (fields[name] && fields[name].value !== "" ? Number(fields[name].value) : null);
      const limits = Object.fromEntries(LIMITS.map((name) => [name, number(name)]));
      change({
        weights: criteria.map((name) => Number(fields[name].value)),
        limits: { ...limits, guessers: fields.guessers.checked },
        way: fields.way ? fields.way.value : "",
      });
    });
    onHash(() => {
      state = parseChoice(location.hash, criteria.length, data.way) || state;
      show();
    });
    for (const part of all("[data-live]")) part.hidden = false;
    for (const radio of all("[name=use]", form)) radio.hidden = false;
    show();
  });
})();
