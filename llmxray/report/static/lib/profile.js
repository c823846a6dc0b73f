"use strict";
(function (scope) {
  const MOST = 3;
  const LEAST_AXES = 3;
  const COLOURS = 8;
  // The drawing of charts/radar.py: half its width and height, the radius, and letters in a line of a name.
  const [MIDDLE_X, MIDDLE_Y, RADIUS, LETTERS, LINE] = [200, 170, 132, 16, 14];

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

  /** What the profile shows of the chosen runs: three at most, those that know most suites, the best of them first. */
  function picked(ledger, columns, chosen) {
    const share = (cell) => (cell && cell.rank ? cell.rank.percentile : null);
    const known = (run) => columns.map((column) => share(column.cells[run.key])).filter((each) => each !== null);
    const sum = (run) => known(run).reduce((total, each) => total + each, 0);
    const runs = ledger.runs
      .filter((run) => chosen.has(run.key) && known(run).length)
      .sort((one, other) => known(other).length - known(one).length || sum(other) - sum(one))
      .slice(0, MOST);
    const axes = columns.filter((column) => runs.some((run) => share(column.cells[run.key]) !== null));
    const css = slots(runs.map((run) => run.css));
    return {
      runs: runs.map((run, at) => ({ key: run.key, id: run.id, css: css[at] })),
      axes: axes.map((column) => ({
        title: ledger.suites.find((suite) => suite.name === column.name).title,
        cells: runs.map((run) => column.cells[run.key]),
      })),
    };
  }

  /** Place of a share of the radius on one of the spokes. */
  function point(place, total, share) {
    const angle = (2 * Math.PI * place) / total;
    return [MIDDLE_X + RADIUS * share * Math.sin(angle), MIDDLE_Y - RADIUS * share * Math.cos(angle)];
  }

  /** A name in lines of at most sixteen letters, broken at blanks. */
  function wrapped(name) {
    const lines = [""];
    for (const word of name.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + 1 + word.length > LETTERS) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines;
  }

  /** Why there is no radar; "" where there is one. */
  function refused(shown) {
    if (!shown.runs.length) return "No run is chosen that has a percentile rank, which needs four models.";
    return shown.axes.length < LEAST_AXES
      ? `The chosen runs know ${shown.axes.length === 1 ? "one suite" : `${shown.axes.length} suites`}; a radar ` +
          "needs three. The table above says it all."
      : "";
  }

  const api = { slots, picked, point, wrapped, refused };
  if (typeof module !== "undefined") module.exports = api;
  if (typeof document === "undefined") return;
  const { el, percent, width } = scope.llmxray;

  function svg(tag, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    made.append(...children);
    return made;
  }

  const ring = (points, attributes) =>
    svg("polygon", { points: points.map((at) => at.map((n) => n.toFixed(2)).join()).join(" "), fill: "none", ...attributes });

  function axisName(axis, place, total) {
    const [x, y] = point(place, total, 1.12);
    const lines = wrapped(axis.title);
    const top = y - (lines.length - 1) * LINE * (place === 0 ? 1 : 0.5);
    const anchor = Math.abs(x - MIDDLE_X) < 12 ? "middle" : x > MIDDLE_X ? "start" : "end";
    const parts = lines.map((line, at) => svg("tspan", { x, y: top + at * LINE }, line));
    return svg("text", { "text-anchor": anchor, "font-size": 13, fill: "currentColor" }, ...parts);
  }

  function drawing({ runs, axes }) {
    const total = axes.length;
    const around = (share) => axes.map((_, place) => point(place, total, share(place)));
    const shares = (at) =>
      axes.map(({ cells }) => (cells[at] && cells[at].rank ? cells[at].rank.percentile / 100 : null));
    const said = runs.map((run, at) => {
      const parts = axes.map((axis, place) => `${axis.title} ${percent(shares(at)[place])}`);
      return `${run.key}: ${parts.join(", ")}`;
    });
    const made = svg("svg", { role: "img", width: 520, height: 384, viewBox: "-60 -36 520 384" });
    made.setAttribute("aria-label", `Radar of percentile ranks. ${said.join("; ")}.`);
    for (const share of [0.25, 0.5, 0.75, 1]) made.append(ring(around(() => share), { stroke: "var(--line)" }));
    for (const [x, y] of around(() => 1)) {
      made.append(svg("line", { x1: MIDDLE_X, y1: MIDDLE_Y, x2: x, y2: y, stroke: "var(--line)" }));
    }
    for (const share of [0.25, 0.5, 0.75, 1]) {
      const y = point(0, total, share)[1] + 9;
      made.append(svg("text", { x: MIDDLE_X + 3, y, "font-size": 9, fill: "var(--faint)" }, String(100 * share)));
    }
    axes.forEach((axis, place) => made.append(axisName(axis, place, total)));
    runs.forEach((run, at) => {
      const values = shares(at);
      const colour = `var(--${run.css})`;
      // A missing value would make the closed line claim something about the gap.
      if (!values.includes(null)) made.append(ring(around((place) => values[place]), { stroke: colour, "stroke-width": 2 }));
      values.forEach((value, place) => {
        if (value === null) return;
        const [cx, cy] = point(place, total, value);
        made.append(svg("circle", { cx, cy, r: 3.4, fill: colour }));
      });
    });
    return made;
  }

  function cell(found, css) {
    if (!found) return el("td", { class: `num missing ${css}` }, "—");
    const [low, high] = found.interval || [found.value, found.value];
    const left = (share) => `l-${Math.round(100 * share)}`;
    const bar = el(
      "span",
      { class: "ibar", "aria-hidden": "true" },
      el("i", { class: `${left(low)} ${width(high - low)}` }),
      el("b", { class: left(found.value) }),
    );
    const small = found.interval ? el("small", {}, found.interval.map(percent).join(" to ")) : null;
    return el("td", { class: `num ${css}` }, percent(found.value), bar, small);
  }

  /** Draw radar, key and table of the chosen runs anew. */
  scope.llmxrayProfile = function (ledger, columns, chosen) {
    const box = document.getElementById("profile-drawn");
    if (!box) return;
    const shown = picked(ledger, columns, chosen);
    const why = refused(shown);
    const told = document.getElementById("profile-told");
    box.hidden = Boolean(why);
    const more = chosen.size > shown.runs.length ? `Shown are ${shown.runs.length} of ${chosen.size} chosen runs, those that know most suites, the best ranked first.` : "";
    told.textContent = why || more;
    told.hidden = !told.textContent;
    if (why) return;
    const names = shown.runs.map((run) => run.key);
    const listed = names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : names[0];
    box.querySelector(".caption").textContent = `Percentile rank from 0 at the centre to 100 on the rim: ${listed}.`;
    box.querySelector(".keyed").replaceChildren(
      ...shown.runs.flatMap((run) => [el("span", { class: run.css }, el("i", { class: "swatch" }), ` ${run.key}`), " "]),
    );
    box.querySelector(".chart-svg").replaceChildren(drawing(shown));
    const table = document.getElementById("profile-table");
    const heads = shown.runs.map((run) => el("th", { scope: "col", class: `num ${run.css}` }, run.id));
    table.tHead.rows[0].replaceChildren(table.tHead.rows[0].cells[0], ...heads);
    table.tBodies[0].replaceChildren(
      ...shown.axes.map((axis) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, axis.title),
          axis.cells.map((each, at) => cell(each && each.found, shown.runs[at].css)),
        ),
      ),
    );
  };
})(typeof window === "undefined" ? globalThis : window);
