"use strict";
// The search among many categories, and the profile of the axes and conditions that the reader chooses.
(function () {
  const { all, byId, makeReachable } = llmxray.dom;
  const { parameters, hashOf, replaceHash } = llmxray.url;
  const { at } = llmxray.svg;

  for (const block of all(".block")) makeReachable(block);
  const find = byId("find");
  if (find) {
    find.hidden = false;
    find.addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLowerCase();
      for (const block of all(".block")) {
        const rows = all("tbody tr:not(.total)", block);
        for (const row of rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
        block.hidden = Boolean(wanted) && rows.every((row) => row.hidden);
      }
    });
  }

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
      // The dots are those of the radar, whatever it shows.
      for (const [row, drawn] of all("svg", each).entries()) {
        const known = values[row].filter((value) => value !== null);
        for (const [place, dot] of all("circle", drawn).entries()) dot.setAttribute("cx", at(known[place]));
      }
    }
    const shapes = boxes.flatMap(({ checked, dataset }, place) => (
      checked ? [{ name: dataset.label, css: dataset.css, shares: values.map((row) => row[place]) }] : []));
    for (const box of boxes) box.disabled = !box.checked && shapes.length >= section.dataset.most;
    section.querySelector(".chart-svg").replaceChildren(llmxray.radar.radar(axes, shapes, measure));
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
})();
