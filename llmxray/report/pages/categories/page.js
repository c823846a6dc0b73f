// The profile of the axes and conditions that the reader chooses: dots, and a radar from 0 to 100, without fill.
const { all, byId, percent, makeReachable } = llmxray.dom;
const { parameters, hashOf, replaceHash } = llmxray.url;
const { svg, points, at } = llmxray.svg;
const CENTRE = [180, 136];
const RADIUS = 112;
// Height of a line of a name, and its letters, so that a phone has room for names on both sides.
const LINE = 15;
const LETTERS = 15;

/** Place of a share of the radius on one of the spokes. */
function point(place, total, share) {
  const angle = (2 * Math.PI * place) / total;
  return [CENTRE[0] + RADIUS * share * Math.sin(angle), CENTRE[1] - RADIUS * share * Math.cos(angle)];
}

/** A name in lines, broken at blanks; three at most. */
function lines(name) {
  const made = [];
  for (const word of name.split(" ")) {
    if (made.length && `${made.at(-1)} ${word}`.length <= LETTERS) made.push(`${made.pop()} ${word}`);
    else made.push(word);
  }
  return made.length > 3 ? [made[0], made[1], `${made[2]} …`] : made;
}

function axisName([x, y], name, isTop) {
  const parts = lines(name);
  const top = y + 4 - (parts.length - 1) * LINE * (isTop ? 1 : 0.5);
  const anchor = Math.abs(x - CENTRE[0]) < 12 ? "middle" : x > CENTRE[0] ? "start" : "end";
  return svg("text", { "text-anchor": anchor, class: "tick" },
    parts.map((text, line) => svg("tspan", { x, y: top + line * LINE }, text)));
}

/** The drawing of shapes {name, css, shares or null}; `what` the shares are: accuracy, or rank. */
function radar(axes, shapes, what) {
  const around = (share) => axes.map((_, place) => point(place, axes.length, share(place)));
  const ring = (places, css) => svg("polygon", { points: points(places), class: css });
  const about = shapes.map(({ name, shares }) =>
    `${name}: ${axes.map((title, place) => `${title} ${percent(shares[place])}`).join(", ")}`);
  const drawn = shapes.map(({ css, shares }) => {
    const dots = around((place) => shares[place] ?? 0).filter((_, place) => shares[place] !== null);
    return svg("g", { class: css },
      // A missing value would make the closed line claim something about the gap.
      shares.includes(null) ? null : ring(dots, "outline"),
      dots.map(([cx, cy]) => svg("circle", { cx, cy, r: 4, class: "dot" })));
  });
  const label = `Radar, ${what}. ${about.join("; ")}.`;
  return svg("svg", { role: "img", viewBox: "-44 -26 448 300", "aria-label": label },
    [0.25, 0.5, 0.75, 1].map((share) => ring(around(() => share), "ring")),
    around(() => 1).map(([x2, y2]) => svg("line", { x1: CENTRE[0], y1: CENTRE[1], x2, y2, class: "axis" })),
    around(() => 1.12).map(([x, y], place) => axisName([x, y], axes[place], place === 0)), drawn);
}

function start() {
  for (const block of all(".block")) makeReachable(block);
  const section = byId("profile-section");
  if (!section) return;
  const groups = JSON.parse(section.dataset.profile);
  const form = section.querySelector("form");
  const { group } = form.elements;
  const boxes = all('[name="condition"]', form);
  function draw() {
    const { axes, ...measures } = groups[group.selectedIndex];
    const measure = all('[name="measure"]:checked', form).map(({ value }) => value)[0] || "accuracy";
    const values = measures[measure];
    for (const each of all("[data-measure]", section)) each.hidden = each.dataset.measure !== measure;
    for (const each of all("[data-group]", section)) {
      each.hidden = Number(each.dataset.group) !== group.selectedIndex;
      if (each.hidden) continue;
      each.classList.toggle("ranks", measure === "rank");
      for (const [row, drawn] of all("svg", each).entries()) {
        const known = values[row].filter((value) => value !== null);
        for (const [place, dot] of all("circle", drawn).entries()) dot.setAttribute("cx", at(known[place]));
      }
    }
    const shapes = boxes.flatMap(({ checked, dataset }, place) => (
      checked ? [{ name: dataset.label, css: dataset.css, shares: values.map((row) => row[place]) }] : []));
    for (const box of boxes) box.disabled = !box.checked && shapes.length >= section.dataset.most;
    section.querySelector(".chart-svg").replaceChildren(radar(axes, shapes, measure));
  }

  form.addEventListener("change", () => {
    const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    replaceHash(hashOf({ axes: String(group.selectedIndex), of: chosen.join(",") }));
    draw();
  });
  const asked = parameters(location.hash);
  group.selectedIndex = group.options[Number(asked.get("axes"))] ? Number(asked.get("axes")) : 0;
  const ids = (asked.get("of") || "").split(",");
  if (boxes.some(({ value }) => ids.includes(value))) for (const box of boxes) box.checked = ids.includes(box.value);
  for (const each of [...boxes, ...all(".only-scripts", section), byId("profile-drawn")]) each.hidden = false;
  draw();
}

module.exports = { point, lines };
if (typeof document === "object") start();
