"use strict";
// The profile: a radar of the set of axes and the conditions that the reader chooses.
(function () {
  const { el, byId, all, makeReachable } = llmxray.dom;
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
    const shapes = people.map(({ at, label, css }) => (
      { name: label, css, shares: rows.map((row) => (ranked ? ranks : accuracy)[row][at]) }));
    for (const each of all("[data-measure]", section)) each.hidden = (each.dataset.measure === "rank") !== ranked;
    drawn.querySelector(".keyed").replaceChildren(...people.flatMap(({ label, css }) =>
      [el("span", { class: css }, el("i", { class: "swatch" }), ` ${label}`), " "]));
    const picture = drawn.querySelector(".chart-svg");
    const names = rows.map((row) => axes[row]);
    picture.replaceChildren(llmxray.radar.radar(measures, names, shapes, ranked ? undefined : "accuracy"));
    makeReachable(picture);
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
