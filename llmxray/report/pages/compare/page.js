"use strict";
// Samples of a prompt, one at a time; without scripts all of them stand below each other.
(function () {
  const { parameters, hashOf, replaceHash } = llmxray.url;

  /** The sample after a step, kept within 0 … count − 1. */
  function stepped(sample, step, count) {
    return Math.max(0, Math.min(count - 1, sample + step));
  }

  /** Samples by prompt from a hash such as "#s=haiku:3,capital:2"; counted from 0. */
  function parseSamples(hash) {
    const found = {};
    for (const part of (parameters(hash).get("s") || "").split(",")) {
      const [name, number] = [part.slice(0, part.lastIndexOf(":")), Number(part.slice(part.lastIndexOf(":") + 1))];
      if (name && Number.isInteger(number) && number > 0) found[name] = number - 1;
    }
    return found;
  }

  /** The hash of the samples in view, "" when every prompt shows its first. */
  function formatSamples(samples) {
    const moved = Object.entries(samples).filter(([, sample]) => sample > 0);
    return hashOf({ s: moved.map(([name, sample]) => `${name}:${sample + 1}`).join(",") });
  }

  if (typeof module === "object") {
    module.exports = { stepped, parseSamples, formatSamples };
    return;
  }
  const { all, onKey } = llmxray.dom;
  const sections = all(".prompt");
  const samples = parseSamples(location.hash);
  const nameOf = (section) => section.id.replace(/^prompt-/, "");

  function show(section) {
    const count = Number(section.dataset.n);
    const name = nameOf(section);
    // A prompt may be called "constructor", which every object has.
    const sample = stepped(Object.hasOwn(samples, name) ? samples[name] : 0, 0, count);
    samples[name] = sample;
    for (const one of all(".one", section)) one.hidden = Number(one.dataset.sample) !== sample;
    for (const output of all(".samples output", section)) output.textContent = `sample ${sample + 1} of ${count}`;
    for (const button of all("[data-step]", section)) {
      button.disabled = stepped(sample, Number(button.dataset.step), count) === sample;
    }
  }

  function go(section, step) {
    const name = nameOf(section);
    samples[name] = stepped(samples[name], step, Number(section.dataset.n));
    show(section);
    replaceHash(formatSamples(samples));
  }

  /** The prompt that a key is meant for: the one that fills the middle of the window. */
  function prompt() {
    const middle = window.innerHeight / 2;
    return sections.find((section) => section.getBoundingClientRect().bottom > middle) || sections[0];
  }

  for (const section of sections) {
    section.classList.add("stepped");
    for (const bar of all(".samples", section)) bar.hidden = false;
    for (const button of all("[data-step]", section)) {
      button.addEventListener("click", () => go(section, Number(button.dataset.step)));
    }
    llmxray.scroll.together(all(".said", section));
    show(section);
  }
  onKey((event) => {
    const step = { ",": -1, ".": 1 }[event.key];
    if (step && sections.length && llmxray.dom.inView(sections[0])) go(prompt(), step);
  });
})();
