"use strict";

const LIMITS = ["seconds", "tokens", "context", "cost", "least", "error"];

/**
 * Which limits an option fails, in words. What was not recorded fails no limit on time, tokens, context or cost;
 * accuracy (`least`, the lower end in per cent) and calibration (`error`, the upper end of ECE-15) have to be shown.
 */
function reasons(option, limits) {
  const found = [];
  const asked = (name) => limits[name] !== null && limits[name] !== undefined;
  if (!limits.guessers && !option.beats) found.push("not significantly above guessing");
  if (asked("least") && (option.least === null || option.least < limits.least)) {
    found.push(`not shown to be right in ${limits.least}% of its answers`);
  }
  if (asked("error") && (option.error === null || option.error > limits.error)) {
    found.push(`not shown to have an ECE-15 of ${limits.error}% or less`);
  }
  const over = (name) => limits[name] !== null && option[name] !== null && option[name] > limits[name];
  if (over("seconds")) found.push(`90% of answers take up to ${option.seconds.toPrecision(2)} s`);
  if (over("tokens")) found.push(`${Math.round(option.tokens)} tokens a question`);
  if (over("cost")) found.push(`1000 questions cost ${option.cost.toPrecision(2)}`);
  if (limits.context !== null && option.context !== null && option.context < limits.context) {
    found.push(`holds ${option.context} tokens only`);
  }
  return found;
}

/** Weighted sum of some values; null when a weighted one is missing. */
function weighted(values, weights) {
  let sum = 0;
  for (let place = 0; place < weights.length; place += 1) {
    if (weights[place] === 0) continue;
    if (values[place] === null) return null;
    sum += weights[place] * values[place];
  }
  return sum;
}

/** Share of the redrawn question sets in which each option comes first; ties share the draw. */
function winShares(options, weights) {
  const able = options.map((option) => weights.every((weight, place) => weight === 0 || option.draws[place]));
  const wins = options.map((option, place) => (able[place] ? 0 : null));
  if (!able.includes(true)) return wins;
  const n = options[able.indexOf(true)].draws.find(Boolean).length;
  for (let draw = 0; draw < n; draw += 1) {
    const totals = options.map((option, place) =>
      able[place] ? weighted(option.draws.map((row) => row && row[draw]), weights) : -Infinity,
    );
    const best = Math.max(...totals);
    const first = totals.flatMap((total, place) => (total === best ? [place] : []));
    for (const place of first) wins[place] += 1 / first.length;
  }
  return wins.map((won) => (won === null ? null : won / n));
}

/** Options within the limits from best to worst, then those without a score, then those that are out. */
function ranked(options, weights, limits) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const out = options.map((option) => reasons(option, limits));
  const kept = options.filter((option, place) => !out[place].length);
  const wins = total ? winShares(kept, weights) : kept.map(() => null);
  const score = (option) => {
    const sum = total ? weighted(option.scores, weights) : null;
    return sum === null ? null : sum / total / 1000;
  };
  const list = kept.map((option, place) => ({ option, score: score(option), wins: wins[place], out: [] }));
  list.sort((a, b) => (b.score === null ? -1 : b.score) - (a.score === null ? -1 : a.score));
  const struck = options.flatMap((option, place) =>
    out[place].length ? [{ option, score: null, wins: null, out: out[place] }] : [],
  );
  return [...list, ...struck];
}

/** Weights and limits that an address asks for; null when it asks for none. */
function parseChoice(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const weights = (given.get("weights") || "").split("-").map(Number);
  if (weights.length !== 3 || weights.some((each) => !(each >= 0 && each <= 100))) return null;
  const limit = (name) => (given.get(name) && Number(given.get(name)) >= 0 ? Number(given.get(name)) : null);
  const limits = Object.fromEntries(LIMITS.map((name) => [name, limit(name)]));
  return { weights, limits: { ...limits, guessers: given.get("guessers") === "1" } };
}

/** The address of some weights and limits. */
function formatChoice({ weights, limits }) {
  const chosen = new URLSearchParams({ weights: weights.join("-") });
  for (const name of LIMITS) if (limits[name] !== null) chosen.set(name, limits[name]);
  if (limits.guessers) chosen.set("guessers", "1");
  return `#${chosen}`;
}

if (typeof module !== "undefined") module.exports = { reasons, winShares, ranked, parseChoice, formatChoice };

if (typeof document !== "undefined" && document.getElementById("choose-form")) {
  const form = document.getElementById("choose-form");
  const { el, percent, width } = window.llmxray;
  window.llmxray.load("", form.dataset.file).then((data) => {
    const buttons = [...form.querySelectorAll("[data-profile]")];
    const of = (profile) => ({
      weights: profile.weights,
      limits: {
        ...Object.fromEntries(LIMITS.map((name) => [name, profile[name] === undefined ? null : profile[name]])),
        guessers: false,
      },
    });
    let state = parseChoice(location.hash) || of(data.profiles[buttons[0].dataset.profile]);

    function row(each, place) {
      const name = el("th", { scope: "row" }, el("span", { class: "who" }, el("i", { class: "swatch" }), each.option.label));
      if (each.out.length) {
        const why = el("td", { colspan: 3, class: "why" }, `out: ${each.out.join("; ")}`);
        return el("tr", { class: `k ${each.option.css} struck` }, name, why);
      }
      const scored = each.score !== null;
      const score = el("td", { class: place === 0 && scored ? "num best" : "num" }, scored ? String(Math.round(100 * each.score)) : "—");
      const bar = scored ? el("span", { class: "fill" }, el("i", { class: width(each.score) })) : "no confidence was recorded";
      return el("tr", { class: `k ${each.option.css}` }, name, score, el("td", { class: "num" }, percent(each.wins)), el("td", {}, bar));
    }

    function sentence(list) {
      const [first, second] = list.filter((each) => each.score !== null);
      if (list.every((each) => each.out.length)) return "None of these conditions is fit for this use.";
      if (!first) return "No condition has all the scores that these weights ask for.";
      if (!second) return `${first.option.label} is the only one left.`;
      if (first.wins >= 0.95) return `${first.option.label} comes first, in ${percent(first.wins)} of redrawn question sets.`;
      return `${first.option.label} leads, but in ${percent(first.wins)} of redrawn question sets only: these questions do not settle it.`;
    }

    function show() {
      data.criteria.forEach((name, place) => {
        form.elements[name].value = state.weights[place];
        form.querySelector(`[data-for="${name}"]`).textContent = `${state.weights[place]}%`;
      });
      for (const name of LIMITS) {
        const field = form.elements[name];
        // What is being typed is left alone, or "1." would turn into "1" under the hand.
        if (field && document.activeElement !== field) field.value = state.limits[name] === null ? "" : state.limits[name];
      }
      form.elements.guessers.checked = state.limits.guessers;
      for (const button of buttons) {
        const same = formatChoice(of(data.profiles[button.dataset.profile])) === formatChoice(state);
        button.setAttribute("aria-pressed", String(same));
      }
      const list = ranked(data.options, state.weights, state.limits);
      document.getElementById("choose-said").textContent = sentence(list);
      document.getElementById("choose-rows").replaceChildren(...list.map(row));
    }

    function change(next) {
      state = next;
      history.replaceState(null, "", location.pathname + location.search + formatChoice(state));
      show();
    }

    form.addEventListener("input", () => {
      const number = (name) => (form.elements[name] && form.elements[name].value !== "" ? Number(form.elements[name].value) : null);
      change({
        weights: data.criteria.map((name) => Number(form.elements[name].value)),
        limits: {
          ...Object.fromEntries(LIMITS.map((name) => [name, number(name)])),
          guessers: form.elements.guessers.checked,
        },
      });
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const button of buttons) button.addEventListener("click", () => change(of(data.profiles[button.dataset.profile])));
    window.addEventListener("hashchange", () => {
      const asked = parseChoice(location.hash);
      if (!asked) return;
      state = asked;
      show();
    });
    form.hidden = false;
    show();
  });
}
