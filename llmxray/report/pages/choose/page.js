// The form of the reader's own use case, which is the page's address too: headline, walls and points follow.
/** Why an option is out, in words. What was not recorded fails no limit on time or cost; all else has to be shown. */
function reasons(option, limits) {
  // Whoever was asked nothing of what is compared here has no number that a weight could change.
  if (!option.asked) return ["was not asked these questions"];
  const asks = (name) => (limits[name] ?? "") !== "";
  return [
    !option.beats && "not shown to be above guessing",
    asks("least") && !(option.least !== null && option.least >= limits.least) &&
      // A lower end that is printed as the limit says why it is not enough.
      `not right often enough${Math.round(option.least) >= limits.least ? ` (${option.least.toFixed(1)}% is shown)` : ""}`,
    asks("error") && !(option.error !== null && option.error <= limits.error) &&
      (option.error === null ? "its calibration was not recorded" : `calibration error too large${Math.round(option.error) <= limits.error ? ` (up to ${option.error.toFixed(1)} points)` : ""}`),
    asks("seconds") && option.seconds > limits.seconds && "too slow",
    asks("cost") && option.cost > limits.cost && "too expensive",
  ].filter(Boolean);
}

/** Weighted mean of thousandths, in points of 100; null where a weighted one is missing, or nothing is weighed. */
function points(values, weights) {
  let [sum, total] = [0, 0];
  for (const [place, weight] of weights.entries()) {
    if (weight && values[place] === null) return null;
    sum += weight * values[place];
    total += weight;
  }
  return total ? sum / total / 10 : null;
}

/** Share of the redrawn question sets in which each option comes first; ties share the draw. */
function winShares(options, weights) {
  const n = Math.max(0, ...options.flatMap(({ draws }) => draws.map((row) => (row ? row.length : 0))));
  const wins = options.map(() => 0);
  for (let draw = 0; draw < n; draw += 1) {
    const totals = options.map(({ draws }) => points(draws.map((row) => row && row[draw]), weights) ?? -1);
    const best = Math.max(...totals);
    const first = totals.flatMap((total, place) => (total === best ? [place] : []));
    for (const place of first) wins[place] += 1 / first.length / n;
  }
  return wins;
}

/** Options within the limits from best to worst, those without a score, and those that are out. */
function ranked(options, weights, limits) {
  const all = options.map((option) => (
    { option, score: points(option.scores, weights), out: reasons(option, limits) }));
  const able = all.filter(({ out }) => !out.length);
  const scored = able.filter(({ score }) => score !== null).sort((a, b) => b.score - a.score);
  // Among those that are fit only: who is out can take no first place from them.
  const wins = winShares(scored.map(({ option }) => option), weights);
  return {
    scored: scored.map((each, place) => ({ ...each, wins: wins[place] })),
    unscored: able.filter(({ score }) => score === null),
    out: all.filter(({ out }) => out.length),
  };
}

/** What follows from a ranking: the kind of a phrase of choose.toml, and what it says. */
function verdict({ scored, unscored }, firm, way) {
  if (!scored.length) return { kind: unscored.length ? "unscored" : "none" };
  const shown = scored.map(({ score }) => String(Math.round(score)));
  const equal = scored.filter((_, place) => shown[place] === shown[0]);
  const wins = equal.reduce((sum, each) => sum + each.wins, 0);
  const names = equal.map(({ option }) => option.names[way][1]);
  const alone = unscored.length ? "incomplete" : "alone";
  const kind = scored.length < 2 ? alone : equal.length > 1 ? "equal" : wins >= firm ? "leads" : "close";
  return { kind, first: names[0], names: names.join(" and "), points: shown[0], other: shown[1], wins };
}

module.exports = { reasons, winShares, ranked, verdict };
if (typeof document === "object") {
  const { el, byId, all, percent } = llmxray.dom;
  const { svg, at } = llmxray.svg;
  const { parameters, hashOf, replaceHash, onHash } = llmxray.url;
  const form = byId("choose-form");
  const fields = form.elements;
  const uses = all("[name=use]", form);

  function parts(option, weights, words) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let x = 0;
    return svg("svg", { class: `bar ${option.css}`, "aria-hidden": "true" },
      svg("rect", { class: "ground", width: "100%", height: "100%", rx: 2 }),
      weights.flatMap((weight, place) => {
        const width = weight ? (weight * option.scores[place]) / total / 1000 : 0;
        x += width;
        return [svg("rect", { class: `fill part part-${place}`, x: at(x - width), width: at(width), height: "100%" }),
          width > 0.03 * words[place].length && svg("text", { x: at(x - width), dx: 8, y: "50%" }, words[place])];
      }));
  }

  /** What lies outside the limits is hatched, and who is out is pale. */
  function walls(plane, { seconds, least }, out) {
    const { low, high } = plane.dataset;
    const x = seconds ? Math.min(1, Math.max(0, Math.log(seconds / low) / Math.log(high / low))) : 1;
    const [late, wrong] = all(".wall", plane);
    for (const wall of [late, wrong]) wall.removeAttribute("visibility");
    late.setAttribute("x", at(x));
    late.setAttribute("width", at(1 - x));
    wrong.setAttribute("y", at(1 - least / 100));
    wrong.setAttribute("height", at(least / 100));
    for (const dot of all("[data-id]", plane)) dot.classList.toggle("out", out.includes(dot.dataset.id));
  }

  llmxray.shards.load(form.dataset.file).then(({ phrases, criteria, words, firm, options, uses: presets, way: usual }) => {
    const say = (kind, values) => phrases[kind].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    const n = options[0].draws.find(Boolean)?.length;

    /** Who is ahead under the weights and limits that `values` name, and the sentence about it. */
    function judged(values, way) {
      const asked = options.filter(({ kind }) => way === "either" || kind === way);
      const ranking = ranked(asked, criteria.map((name) => Number(values[name])), values);
      const said = verdict(ranking, firm, way);
      // Redraws are few: all of them are no certainty.
      return { ...ranking, ...said, sentence: say(said.kind, said), share: percent(Math.min(said.wins, 0.999)), n };
    }

    /** Put a use, or the state of an address, into the form; what it does not name is emptied. */
    function fill(values) {
      for (const field of form.elements) {
        if (field.type === "radio") field.checked = field.value === values[field.name];
        else if (field.name) field.value = values[field.name] ?? "";
      }
    }

    function show() {
      const values = Object.fromEntries(new FormData(form));
      const { use, way = "either" } = /** @type {any} */ (values);
      for (const name of criteria) form.querySelector(`[data-for="${name}"]`).textContent = `${values[name]}%`;
      for (const radio of uses) {
        all("strong", radio.parentElement)[0].textContent = judged(presets[radio.value], way).sentence;
      }
      const found = judged(values, way);
      const { scored, unscored, out, kind, sentence } = found;
      const nameOf = ({ option }) => option.names[way][0];
      // No line begins with a size: "SmolLM2 135M" is one name.
      const said = `${use ? presets[use].where : phrases.own}, ${sentence}`;
      byId("choose-said").textContent = said.replace(/ (?=\d)/g, "\u00a0");
      for (const figure of all("[data-way]")) figure.hidden = figure.dataset.way !== way;
      for (const plane of all("[data-way]:not([hidden]) .plane")) {
        walls(plane, /** @type {any} */ (values), out.map(({ option }) => option.id));
      }
      const weights = criteria.map((name) => Number(values[name]));
      byId("choose-rows").replaceChildren(...scored.map((each) =>
        el("tr", {},
          el("th", { scope: "row" }, el("span", { class: `model ${each.option.css}` }, nameOf(each))),
          el("td", {}, parts(each.option, weights, words)),
          el("td", { class: "num" }, String(Math.round(each.score))))));
      byId("choose-firm").textContent = [
        ["equal", "leads", "close"].includes(kind) && n && say("redrawn", found),
        kind === "close" && phrases.settle,
        unscored.length && scored.length && say("unranked", { names: unscored.map(nameOf).join(", ") }),
        new Set(scored.map(({ option }) => option.kind)).size > 1 && Number(values.calibration) && phrases.mixed,
      ].filter(Boolean).join(" ");
      byId("choose-out").replaceChildren(...out.map((each) =>
        el("li", {}, el("b", {}, nameOf(each)), `: ${each.out.join("; ")}`)));
    }

    /** The state of the address; without one, the use that most are fit for, and the usual way of asking. */
    function read() {
      const asked = Object.fromEntries(parameters(location.hash));
      const fit = ({ value }) => judged(presets[value], usual).scored.length;
      const { value } = uses.reduce((best, radio) => (fit(radio) > fit(best) ? radio : best));
      fill(criteria[0] in asked ? { way: usual, ...asked } : { ...presets[value], use: value, way: usual });
      show();
    }

    form.addEventListener("input", ({ target }) => {
      if (target.name === "use") fill({ ...presets[target.value], use: target.value, way: fields.way?.value });
      else if (target.name !== "way") for (const radio of uses) radio.checked = false;
      replaceHash(hashOf(Object.fromEntries(new FormData(form))));
      show();
    });
    onHash(read);
    for (const part of [...all("[data-live]"), ...uses]) part.hidden = false;
    read();
  });
}
