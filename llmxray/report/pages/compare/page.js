// One prompt at a time, and of it one sample; ribbons from what answers share to how each goes on.
const { hashOf, parameters, sampleIn, replaceHash } = llmxray.url;
const WIDEST = 22;

/** The sample after a step; the first one follows the last. */
function stepped(sample, step, count) {
  return (sample + step + count) % count;
}

/** Whether a hash such as "#prompt-haiku&s=3" names the element of an id. */
function names(hash, id) {
  const [anchor] = hash.split("&");
  return anchor === `#${id}` || anchor === `#${encodeURIComponent(id)}`;
}

module.exports = { stepped, names };
if (typeof document === "object") {
  const { all, inView, makeReachable } = llmxray.dom;
  const { svg } = llmxray.svg;
  const sections = all(".prompt");
  const menu = sections[0]?.parentNode.querySelector(":scope > .menu");
  const firstOf = (section) => Number(section.querySelector(".one").dataset.sample);
  let [shown, sample] = [sections[0], firstOf(sections[0])];

  function draw(parting) {
    const [box, ribbons] = [parting.getBoundingClientRect(), parting.querySelector(".ribbons")];
    if (!box.width || !ribbons) return;
    const placeOf = (element) => {
      const { left, right, top, height } = element.getBoundingClientRect();
      return { left: left - box.left, right: right - box.left, top: top - box.top, middle: top - box.top + height / 2 };
    };
    const width = (element) => Math.max(1.5, WIDEST * Number(element.dataset.share || 0));
    const path = (d, element, wide = width(element)) =>
      svg("path", { d, class: /\bc\d+\b/.exec(element.className), "stroke-width": wide });
    const curve = (x, y, toX, toY) => `M${x},${y}C${(x + toX) / 2},${y} ${(x + toX) / 2},${toY} ${toX},${toY}`;
    const [choices, branches] = [all(".likely li", parting), all(".branch", parting)];
    const trunk = placeOf(parting.querySelector(".trunk"));
    const isWide = placeOf(branches[0]).left > placeOf(choices[0]).right;
    let y = trunk.middle - choices.reduce((sum, each) => sum + width(each), 0) / 2;
    const before = choices.map((choice) => {
      const to = placeOf(choice);
      y += width(choice);
      return path(curve(trunk.right + 8, y - width(choice) / 2, to.left, to.middle), choice);
    });
    const after = branches.map((branch, at) => {
      const [from, to] = [placeOf(choices[branch.dataset.choice]), placeOf(branch)];
      if (isWide) return path(curve(from.right, from.middle, to.left, to.top + 12), branch);
      return path(`M${from.left},${from.middle}H${4 + (at % 4) * 6}V${to.top + 12}H${to.left}`, branch, 3);
    });
    ribbons.replaceChildren(...(isWide ? before : []), ...after);
  }

  /** Let texts scroll at the same share of their length; only the one that the reader moves leads. */
  function scrollTogether(texts) {
    const room = (text) => text.scrollHeight - text.clientHeight;
    let leader = null;
    for (const text of texts) {
      for (const name of ["pointerenter", "pointerdown", "focusin", "wheel"]) {
        text.addEventListener(name, () => (leader = text), { passive: true });
      }
      text.addEventListener("scroll", () => {
        if (leader !== text || room(text) <= 0) return;
        for (const other of texts) {
          if (other !== text) other.scrollTop = (text.scrollTop / room(text)) * room(other);
        }
      }, { passive: true });
      makeReachable(text);
    }
  }

  function show() {
    for (const section of sections) section.hidden = section !== shown;
    if (menu) shown.querySelector(".controls").append(menu);
    for (const link of all("main .menu a")) {
      link.setAttribute("aria-current", String(names(link.getAttribute("href"), shown.id)));
    }
    for (const one of all(".one", shown)) one.hidden = Number(one.dataset.sample) !== sample;
    const told = `sample ${sample + 1} of ${shown.dataset.n}`;
    for (const output of all(".samples output", shown)) output.textContent = told;
    all(".one:not([hidden]) .branch .words", shown).forEach(makeReachable);
  }

  function follow() {
    const named = sections.find(({ id }) => names(location.hash, id));
    if (named) {
      const isAsked = parameters(location.hash).has("s");
      [shown, sample] = [named, isAsked ? sampleIn(location.hash, Number(named.dataset.n)) : firstOf(named)];
    }
    show();
    // In a file of many pages the reader may come from another one.
    if (named && !inView(named)) named.scrollIntoView();
  }

  function go(step) {
    sample = stepped(sample, step, Number(shown.dataset.n));
    show();
    replaceHash(hashOf({ s: sample + 1 }, `#${shown.id}`));
  }

  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => draw(target)));
  for (const section of sections) {
    section.classList.add("stepped");
    for (const bar of all(".samples", section)) bar.hidden = false;
    for (const button of all("[data-step]", section)) {
      button.addEventListener("click", () => go(Number(button.dataset.step)));
    }
    for (const parting of all(".parting", section)) sizes.observe(parting);
    scrollTogether(all(".written", section));
  }
  window.addEventListener("hashchange", follow);
  follow();
}
