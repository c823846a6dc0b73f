"use strict";
(function (scope) {
  const MODES = ["stream", "run"];

  /** What is to be played, from the hash; what makes no sense is dropped. */
  function parsePlay(hash, ids, speeds) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const [sample, speed] = [Number(given.get("s")), Number(given.get("speed"))];
    return {
      mode: MODES.includes(given.get("mode")) ? given.get("mode") : "",
      sample: Number.isInteger(sample) && sample > 1 ? sample - 1 : 0,
      speed: speeds.includes(speed) ? speed : 0,
      chosen: (given.get("c") || "").split(",").map((id) => ids.indexOf(id)).filter((place) => place >= 0),
      projector: given.get("projector") === "1",
    };
  }

  /** The hash of what is played; what goes without saying is left out. */
  function formatPlay(play, ids) {
    const said = new URLSearchParams();
    if (play.mode) said.set("mode", play.mode);
    if (play.sample) said.set("s", String(play.sample + 1));
    if (play.speed) said.set("speed", String(play.speed));
    if (play.chosen.length) said.set("c", play.chosen.map((place) => ids[place]).join(","));
    if (play.projector) said.set("projector", "1");
    const text = said.toString().replace(/%2C/g, ",");
    return text && `#${text}`;
  }

  const api = { parsePlay, formatPlay };
  if (typeof module !== "undefined") {
    module.exports = api;
    return;
  }
  const x = scope.llmxray;
  const { el } = x;
  const root = document.getElementById("theatre");
  const [stage, scrub, script] = ["stage", "scrub", "script"].map((id) => document.getElementById(`theatre-${id}`));
  const form = document.getElementById("theatre-choose");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const folder = root.dataset.index.replace(/[^/]*$/, "");
  let index, ids, play, show, timer;
  let [moment, before, playing, address, told] = [0, 0, false, "", false];

  const button = (name) => document.querySelector(`[data-do="${name}"]`);
  const speed = () => play.speed || (play.mode === "run" ? x.fitting(show.end) : 1);

  function render() {
    stage.classList.toggle("playing", playing);
    show.show(moment);
    scrub.value = show.end ? Math.round((1000 * moment) / show.end) : 0;
    document.getElementById("theatre-clock").textContent = `${x.clock(moment)} of ${x.clock(show.end)}`;
    scrub.setAttribute("aria-valuetext", `${x.clock(moment)} of ${x.clock(show.end)}`);
    button("play").firstChild.textContent = playing ? "Pause" : moment >= show.end && show.end ? "Play again" : "Play";
  }

  function tick(now) {
    if (!playing) return;
    moment = x.advance(moment, now - before, speed(), show.end);
    before = now;
    if (moment >= show.end) playing = false;
    render();
    if (playing) wait();
    else document.getElementById("theatre-said").textContent = "The end.";
  }

  /** Frames; with reduced motion two steps a second. */
  function wait() {
    timer = still.matches ? setTimeout(() => tick(performance.now()), 500) : requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    // Both, as reduced motion may have been switched since.
    clearTimeout(timer);
    cancelAnimationFrame(timer);
  }

  function toggle() {
    if (playing) pause();
    else if (show.end) {
      if (moment >= show.end) moment = 0;
      playing = true;
      before = performance.now();
      document.getElementById("theatre-said").textContent = "";
      wait();
    }
    render();
  }

  function seek(to) {
    moment = Math.max(0, Math.min(show.end, to));
    render();
  }

  /** The stage of what is chosen, from its beginning and at rest. */
  async function draw() {
    pause();
    moment = 0;
    const entry = index.questions.find(([name]) => name === address) || index.questions[index.first];
    const isRun = play.mode === "run" || !entry;
    play.mode = isRun ? "run" : "stream";
    let acts, strings;
    if (isRun) {
      acts = index.conditions.map(([, label], place) => ({ place, label, trials: index.run.trials[place] }));
      acts = acts.filter((act) => act.trials.ms.length);
    } else {
      address = entry[0];
      const data = await x.load(folder, index.files[entry[3]]);
      const answers = data.questions[address];
      const samples = Math.max(...answers.map((each) => each.length));
      play.sample = Math.min(play.sample, samples - 1);
      acts = index.conditions.map(([, label], place) => ({ place, label, columns: answers[place][play.sample] || null }));
      acts = acts.filter((act) => act.columns);
      strings = data.strings;
      pickSample(samples);
    }
    const open = x.chosen(play.chosen, acts.map((act) => act.place));
    const cast = acts.filter((act) => open.includes(act.place));
    show = isRun ? x.runStage(index.run, cast) : x.streamStage(cast, strings);
    stage.className = `stage of-${Math.min(4, cast.length) || 1} ${play.mode}`;
    stage.replaceChildren(...show.nodes);
    script.replaceChildren(...show.script());
    fields(acts, open, entry);
    render();
  }

  /** What is played, written into the address; a page that was only opened keeps the one it came with. */
  function remember() {
    const question = play.mode === "run" ? "" : `?q=${encodeURIComponent(address).replace(/%2F/g, "/")}`;
    history.replaceState(null, "", location.pathname + question + formatPlay(play, ids));
  }

  function pickSample(samples) {
    const field = form.elements.sample;
    field.replaceChildren(...Array.from({ length: samples }, (_, n) => el("option", { value: n, selected: n === play.sample }, String(n + 1))));
    field.closest("label").hidden = samples < 2;
  }

  function fields(acts, open, entry) {
    const isRun = play.mode === "run";
    form.elements.mode.value = play.mode;
    form.elements.speed.value = String(speed());
    for (const name of ["question", "sample"]) if (isRun) form.elements[name].closest("label").hidden = true;
    if (!isRun) form.elements.question.closest("label").hidden = false;
    if (!isRun) form.elements.question.value = address;
    const boxes = acts.map(({ place, label }) => {
      const box = el("input", { type: "checkbox", name: "act", value: place, checked: open.includes(place), disabled: !open.includes(place) && open.length >= 4 });
      return el("label", { class: `c${place % 8}` }, box, el("i", { class: "swatch" }), label);
    });
    const cast = document.getElementById("theatre-cast");
    // The boxes are made anew: the keyboard's place among them is kept.
    const focused = cast.contains(document.activeElement) ? document.activeElement.value : null;
    cast.replaceChildren(el("legend", {}, "Side by side, up to four"), ...boxes);
    if (focused !== null) cast.querySelector(`[value="${CSS.escape(focused)}"]`).focus();
    cast.hidden = acts.length < 2;
    const [, text, right] = isRun ? ["", "", ""] : entry;
    document.getElementById("theatre-asked").replaceChildren(...(isRun ? [] : [el("p", { class: "prompt-text" }, text), right ? el("p", { class: "note answers-only" }, "Right answer: ", el("strong", {}, right)) : ""]));
    const alone = acts.every((each) => !each.trials || each.trials.alone);
    document.getElementById("theatre-overlap").hidden = !isRun || alone;
  }

  function look() {
    const top = document.documentElement;
    top.classList.toggle("projector", play.projector);
    top.classList.toggle("hide-answers", play.projector && !told);
    button("projector").setAttribute("aria-pressed", String(play.projector));
    button("answers").hidden = !play.projector;
    button("answers").firstChild.textContent = told ? "Hide the answers" : "Show the answers";
  }

  const actions = {
    play: toggle,
    start: () => seek(0),
    end: () => seek(show.end),
    projector() {
      play.projector = !play.projector;
      told = false;
      look();
      remember();
    },
    answers() {
      told = !told;
      look();
    },
  };

  function other(step) {
    const at = index.questions.findIndex(([name]) => name === address);
    if (play.mode !== "stream" || !index.questions[at + step]) return;
    address = index.questions[at + step][0];
    draw().then(remember);
  }

  function changed(event) {
    const { name, value } = event.target;
    if (name === "mode") play = { ...play, mode: value, speed: 0 };
    else if (name === "question") address = value;
    else if (name === "sample") play.sample = Number(value);
    else if (name === "act") play.chosen = [...form.querySelectorAll('[name="act"]:checked')].map((box) => Number(box.value));
    else if (name === "speed") {
      play.speed = Number(value);
      remember();
      return;
    } else return;
    draw().then(remember);
  }

  async function start() {
    index = await x.load(folder, root.dataset.index.split("/").pop());
    ids = index.conditions.map(([id]) => id);
    play = parsePlay(location.hash, ids, x.SPEEDS);
    address = new URLSearchParams(location.search).get("q") || "";
    form.elements.question.replaceChildren(...index.questions.map(([name, text]) => el("option", { value: name }, text.length > 90 ? `${text.slice(0, 90)} …` : text)));
    form.elements.speed.replaceChildren(...x.SPEEDS.map((each) => el("option", { value: each }, `${each}×`)));
    if (!index.questions.length) for (const each of form.elements.mode) each.disabled = each.value === "stream";
    await draw();
    look();
    form.addEventListener("change", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    scrub.addEventListener("input", () => seek((show.end * Number(scrub.value)) / 1000));
    for (const each of document.querySelectorAll("[data-do]")) each.addEventListener("click", actions[each.dataset.do]);
    const keys = { " ": toggle, Home: actions.start, End: actions.end, f: actions.projector, a: () => play.projector && actions.answers(), j: () => other(1), k: () => other(-1), ArrowLeft: () => seek(moment - show.end / 50), ArrowRight: () => seek(moment + show.end / 50) };
    document.addEventListener("keydown", (event) => {
      // Space presses what has the focus, and plays only elsewhere.
      const own = event.target.closest && event.target.closest(event.key === " " ? "button, a, summary, dialog" : "dialog");
      if (event.ctrlKey || event.metaKey || event.altKey || own || x.typing(event.target) || !x.inView(root)) return;
      if (!Object.hasOwn(keys, event.key)) return;
      event.preventDefault();
      keys[event.key]();
    });
    // Paper does not move: it gets the whole answers.
    window.addEventListener("beforeprint", () => actions.end());
    document.getElementById("theatre-house").hidden = false;
  }

  start().catch((error) => root.replaceChildren(el("p", { class: "empty" }, error.message)));
})(typeof window === "undefined" ? globalThis : window);
