"use strict";
// The profile of the chosen runs: a radar of their ranks, and the accuracies behind it.
(function () {
  const { el, byId, percent, width, makeReachable } = llmxray.dom;
  const { percentileOf } = llmxray.board;
  const COLOURS = 8;

  /** A colour class each: the wanted one, or the first that nobody wants or has where two want the same. */
  function slots(wanted) {
    const taken = [];
    for (const each of wanted) {
      let css = each;
      for (let place = 0; taken.includes(css) && place < COLOURS; place += 1) {
        if (!wanted.includes(`c${place}`) && !taken.includes(`c${place}`)) css = `c${place}`;
      }
      taken.push(css);
    }
    return taken;
  }

  /** What the profile shows of the chosen runs: those that know most suites, the best of them first. */
  function picked(ledger, columns, chosen) {
    const shares = (run) => columns.map((column) => percentileOf(column.cells[run.key]));
    const known = (run) => shares(run).filter((share) => share !== null);
    const wanted = new Set(chosen);
    const sum = (run) => known(run).reduce((total, share) => total + share, 0);
    const runs = ledger.runs
      .filter((run) => wanted.has(run.key) && known(run).length)
      .sort((one, other) => known(other).length - known(one).length || sum(other) - sum(one))
      .slice(0, ledger.radar.most);
    const axes = columns.filter((column) => runs.some((run) => percentileOf(column.cells[run.key]) !== null));
    const css = slots(runs.map((run) => run.css));
    return {
      runs: runs.map((run, at) => ({ key: run.key, label: run.label, css: css[at] })),
      axes: axes.map((column) => ({
        ...ledger.suites.find((suite) => suite.name === column.name),
        cells: runs.map((run) => column.cells[run.key]),
      })),
    };
  }

  /** Why there is no radar; "" where there is one. */
  function refused({ runs, axes }, least) {
    if (!runs.length) return "No run is chosen that has a percentile rank, which needs four models.";
    if (axes.length >= least) return "";
    const suites = axes.length === 1 ? "one suite" : `${axes.length} suites`;
    return `The chosen runs have ranks on ${suites}; a radar needs ${least}.`;
  }

  function cell(found, css) {
    if (!found) return el("td", { class: `num missing ${css}` }, "—");
    const [low, high] = found.interval || [found.value, found.value];
    const left = (share) => `l-${Math.round(100 * share)}`;
    const bar = el("span", { class: "ibar", "aria-hidden": "true" },
      el("i", { class: `${left(low)} ${width(high - low)}` }), el("b", { class: left(found.value) }));
    const small = found.interval ? el("small", {}, found.interval.map(percent).join(" to ")) : null;
    return el("td", { class: `num ${css}` }, percent(found.value), bar, small);
  }

  /** A box to tick for each suite that can be an axis; those of `off` are not ticked. */
  function offer(names, off, redraw) {
    const boxes = names.map(({ name, title }) => {
      const box = el("input", { type: "checkbox" });
      box.checked = !off.has(name);
      box.addEventListener("change", () => {
        off[box.checked ? "delete" : "add"](name);
        redraw();
      });
      return el("label", {}, box, ` ${title}`);
    });
    const choice = byId("profile-axes");
    choice.hidden = !names.length;
    choice.querySelector("fieldset").replaceChildren(choice.querySelector("legend"), ...boxes);
  }

  // Suites that the reader took off the radar.
  const off = new Set();

  /** Draw the profile of the chosen runs, with a choice of its axes. */
  function show(ledger, columns, chosen) {
    if (!byId("profile-section")) return;
    byId("profile-section").hidden = false;
    const redraw = () => draw(ledger, columns.filter(({ name }) => !off.has(name)), chosen);
    offer(picked(ledger, columns, chosen).axes, off, redraw);
    redraw();
  }

  /** Draw radar, key and table anew. */
  function draw(ledger, columns, chosen) {
    const box = byId("profile-drawn");
    const { runs, axes } = picked(ledger, columns, chosen);
    const why = refused({ runs, axes }, ledger.radar.least);
    const told = byId("profile-told");
    const more =
      `Shown are ${runs.length} of ${chosen.size} chosen runs, those that know most suites, the best ranked first.`;
    told.textContent = why || (chosen.size > runs.length ? more : "");
    told.hidden = !told.textContent;
    box.hidden = Boolean(why);
    if (why) return;
    const shapes = runs.map(({ label, css }, at) => ({
      name: label, css, shares: axes.map(({ cells }) => percentileOf(cells[at])).map((share) => share && share / 100),
    }));
    box.querySelector(".keyed").replaceChildren(
      ...runs.flatMap((run) => [el("span", { class: run.css }, el("i", { class: "swatch" }), ` ${run.label}`), " "]),
    );
    const drawing = box.querySelector(".chart-svg");
    drawing.replaceChildren(llmxray.radar.radar(ledger.radar, axes, shapes));
    makeReachable(drawing);
    const table = byId("profile-table");
    const heads = runs.map((run) => el("th", { scope: "col", class: `num ${run.css}` }, run.label));
    table.tHead.rows[0].replaceChildren(table.tHead.rows[0].cells[0], ...heads);
    table.tBodies[0].replaceChildren(
      ...axes.map(({ title, cells }) =>
        el("tr", {},
          el("th", { scope: "row" }, title),
          cells.map((each, at) => cell(each && each.found, runs[at].css)))),
    );
  }

  const api = { slots, picked, refused, show };
  llmxray.profile = api;
  if (typeof module === "object") module.exports = api;
})();
