"use strict";
// One prompt at a time, and of it one sample; without scripts, and on paper, all prompts stand below each other.
(function () {
  const { hashOf, sampleIn, replaceHash } = llmxray.url;

  /** The sample after a step, kept within 0 … count − 1. */
  function stepped(sample, step, count) {
    return Math.max(0, Math.min(count - 1, sample + step));
  }

  /** Whether a hash such as "#prompt-haiku&s=3" names the element of an id. */
  function names(hash, id) {
    const [anchor] = hash.split("&");
    return anchor === `#${id}` || anchor === `#${encodeURIComponent(id)}`;
  }

  if (typeof module === "object") {
    module.exports = { stepped, names };
    return;
  }
  const { all, onKey, inView } = llmxray.dom;
  const sections = all(".prompt");
  if (!sections.length) return;
  let [shown, sample] = [sections[0], 0];
  const count = () => Number(shown.dataset.n);

  function show() {
    for (const section of sections) section.hidden = section !== shown;
    for (const link of all(".jump a")) {
      if (names(link.getAttribute("href"), shown.id)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const one of all(".one", shown)) one.hidden = Number(one.dataset.sample) !== sample;
    for (const output of all(".samples output", shown)) output.textContent = `sample ${sample + 1} of ${count()}`;
    for (const button of all("[data-step]", shown)) {
      button.disabled = stepped(sample, Number(button.dataset.step), count()) === sample;
    }
  }

  /** Show what the address names, if it is a prompt. */
  function follow() {
    const named = sections.find(({ id }) => names(location.hash, id));
    if (named) [shown, sample] = [named, sampleIn(location.hash, Number(named.dataset.n))];
    show();
    // In a file of many pages the reader may come from another one.
    if (named && !inView(named)) named.scrollIntoView();
  }

  function go(step) {
    sample = stepped(sample, step, count());
    show();
    replaceHash(hashOf({ s: sample ? sample + 1 : "" }, `#${shown.id}`));
  }

  for (const section of sections) {
    section.classList.add("stepped");
    for (const bar of all(".samples", section)) bar.hidden = false;
    for (const button of all("[data-step]", section)) {
      button.addEventListener("click", () => go(Number(button.dataset.step)));
    }
    llmxray.scroll.together(all(".said", section));
  }
  window.addEventListener("hashchange", follow);
  onKey((event) => {
    const step = { ",": -1, ".": 1 }[event.key];
    if (step && inView(shown)) go(step);
  });
  follow();
})();
