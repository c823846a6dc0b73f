"use strict";
(function (scope) {
  /** The sample after a step, kept within 0 … count − 1. */
  function stepped(sample, step, count) {
    return Math.max(0, Math.min(count - 1, sample + step));
  }

  /** Samples by prompt from a hash such as "#s=haiku:3,capital:2"; counted from 0. */
  function parseSamples(hash) {
    const text = new URLSearchParams(hash.replace(/^#/, "")).get("s") || "";
    const found = {};
    for (const part of text.split(",")) {
      const [name, number] = [part.slice(0, part.lastIndexOf(":")), Number(part.slice(part.lastIndexOf(":") + 1))];
      if (name && Number.isInteger(number) && number > 0) found[name] = number - 1;
    }
    return found;
  }

  /** The hash of the samples in view, "" when every prompt shows its first. */
  function formatSamples(samples) {
    const moved = Object.entries(samples).filter(([, sample]) => sample > 0);
    return moved.length ? `#s=${moved.map(([name, sample]) => `${encodeURIComponent(name)}:${sample + 1}`).join(",")}` : "";
  }

  const api = { stepped, parseSamples, formatSamples };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }

  const sections = [...document.querySelectorAll(".prompt")];
  const samples = parseSamples(location.hash);

  function show(section) {
    const count = Number(section.dataset.n);
    const sample = stepped(samples[section.id] || 0, 0, count);
    samples[section.id] = sample;
    for (const one of section.querySelectorAll(".one")) one.hidden = Number(one.dataset.sample) !== sample;
    const output = section.querySelector(".samples output");
    if (!output) return;
    output.textContent = `sample ${sample + 1} of ${count}`;
    for (const button of section.querySelectorAll("[data-step]")) {
      button.disabled = stepped(sample, Number(button.dataset.step), count) === sample;
    }
  }

  function go(section, step) {
    samples[section.id] = stepped(samples[section.id], step, Number(section.dataset.n));
    show(section);
    history.replaceState(null, "", location.pathname + location.search + formatSamples(samples));
  }

  /** The prompt that a key is meant for: the one that fills the middle of the window. */
  function inView() {
    const middle = window.innerHeight / 2;
    return sections.find((section) => section.getBoundingClientRect().bottom > middle) || sections[0];
  }

  for (const section of sections) {
    section.classList.add("stepped");
    const bar = section.querySelector(".samples");
    if (bar) bar.hidden = false;
    for (const button of section.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => go(section, Number(button.dataset.step)));
    }
    scope.llmxray.together([...section.querySelectorAll(".said")]);
    show(section);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName || "")) return;
    const step = { ",": -1, ".": 1 }[event.key];
    if (step && sections.length) go(inView(), step);
  });
})(typeof window === "undefined" ? globalThis : window);
