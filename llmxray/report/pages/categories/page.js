"use strict";
// The profile: a radar and its table, of the set of axes and the conditions that the reader chooses.
(function () {
  const { el, byId, all, percent, makeReachable } = llmxray.dom;
  const { parameters, hashOf, replaceHash } = llmxray.url;

  /** Why so many conditions give no radar; "" where they do. */
  function refused(conditions, most) {
    if (!conditions) return "Tick a condition.";
    return conditions > most ? `A radar shows ${most} conditions at most.` : "";
  }

  if (typeof module === "object") {
    module.exports = { refused };
    return;
  }
  const section = byId("profile-section");
  if (!section) return;
  const { radar: measures, axes, accuracy, ranks } = JSON.parse(section.dataset.profile);
  const form = section.querySelector("form");
  const { group, condition } = form.elements;
  const boxes = (found) => (found instanceof RadioNodeList ? [...found] : [found]);
  const ticked = () => boxes(condition).flatMap((box, place) => (box.checked ? [place] : []));
  const whole = (share) => String(Math.floor(share + 0.5));

  function cell(css, ranked, row, at) {
    const found = (ranked ? ranks : accuracy)[row][at];
    if (!found || found[0] === null) return el("td", { class: `num missing ${css}` }, "—");
    const rank = found[1] === null ? "" : `P${whole(found[1])}`;
    if (ranked) return el("td", { class: `num ${css}` }, found[0], el("small", {}, rank));
    const [value, low, high] = found;
    const ends = low === null ? "" : el("small", { class: "stat" }, `${percent(low)} to ${percent(high)}`);
    return el("td", { class: `num ${css}` }, percent(value), ends);
  }

  function draw() {
    const rows = group.selectedOptions[0].dataset.places.split(",").map(Number);
    const shown = ticked();
    const ranked = Boolean(ranks.length) && form.elements.measure.value === "rank";
    const told = section.querySelector("[role=status]");
    const drawn = section.querySelector(".figure-first");
    told.textContent = refused(shown.length, measures.most);
    told.hidden = !told.textContent;
    drawn.hidden = Boolean(told.textContent);
    if (drawn.hidden) return;
    const people = shown.map((at) => ({ at, ...boxes(condition)[at].dataset }));
    const shareOf = (row, at) => {
      const found = (ranked ? ranks : accuracy)[row][at];
      return !found ? null : ranked ? found[1] === null ? null : found[1] / 100 : found[0];
    };
    const shapes = people.map(({ at, label, css }) => (
      { name: label, css, shares: rows.map((row) => shareOf(row, at)) }));
    for (const each of all("[data-measure]", section)) each.hidden = (each.dataset.measure === "rank") !== ranked;
    drawn.querySelector(".keyed").replaceChildren(...people.flatMap(({ label, css }) =>
      [el("span", { class: css }, el("i", { class: "swatch" }), ` ${label}`), " "]));
    const picture = drawn.querySelector(".chart-svg");
    const names = rows.map((row) => axes[row]);
    picture.replaceChildren(llmxray.radar.radar(measures, names, shapes, ranked ? undefined : "accuracy"));
    makeReachable(picture);
    const table = section.querySelector("table");
    table.tHead.rows[0].replaceChildren(table.tHead.rows[0].cells[0],
      ...people.map(({ label, css }) => el("th", { scope: "col", class: `num k ${css}` }, label)));
    table.tBodies[0].replaceChildren(...rows.map((row) => el("tr", {}, el("th", { scope: "row" }, axes[row].title),
      people.map(({ at, css }) => cell(`k ${css}`, ranked, row, at)))));
  }

  form.addEventListener("change", () => {
    const chosen = ticked().map((at) => boxes(condition)[at].value);
    replaceHash(hashOf({ axes: String(group.selectedIndex), of: chosen.join(",") }));
    draw();
  });
  const asked = parameters(location.hash);
  group.selectedIndex = group.options[Number(asked.get("axes"))] ? Number(asked.get("axes")) : 0;
  const ids = (asked.get("of") || "").split(",");
  const named = boxes(condition).flatMap((box, place) => (ids.includes(box.value) ? [place] : []));
  if (named.length) boxes(condition).forEach((box, place) => (box.checked = named.includes(place)));
  section.hidden = false;
  draw();
})();
