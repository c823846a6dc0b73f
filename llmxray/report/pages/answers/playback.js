"use strict";
// The page of what can be played: which question or run, who acts in it, and the buttons below the stage.
(function () {
  const { el, byId, all, onKey, inView } = llmxray.dom;
  const { pageOf, replaceHash } = llmxray.url;
  const { load } = llmxray.shards;
  const { SPEEDS, clock, chosen, fitting } = llmxray.clock;
  const { streamStage, runStage } = llmxray.stage;
  const { parsePlay, formatPlay, makePlayer } = llmxray.player;
  const MOST = 4;
  const root = byId("playback");
  const [stage, scrub] = ["stage", "scrub"].map((id) => byId(`playback-${id}`));
  const form = byId("playback-choose");
  const folder = root.dataset.index.replace(/[^/]*$/, "");
  let index, ids, play, show;
  let [address, told] = ["", false];

  const button = (name) => all(`[data-do="${name}"]`)[0];
  const isRun = () => play.mode === "run";
  const speed = () => play.speed || (isRun() ? fitting(show.end) : 1);
  const say = (text) => (byId("playback-said").textContent = text);
  const player = makePlayer({ speed, draw: render, ended: () => say("The end.") });

  function render() {
    const { moment, end, playing } = player;
    const time = `${clock(moment)} of ${clock(end)}`;
    stage.classList.toggle("playing", playing);
    show.show(moment);
    scrub.value = end ? Math.round((1000 * moment) / end) : 0;
    scrub.setAttribute("aria-valuetext", time);
    byId("playback-clock").textContent = time;
    button("play").firstChild.textContent = playing ? "Pause" : end && moment >= end ? "Play again" : "Play";
    if (playing) say("");
  }

  /** The conditions with what they wrote to the question: columns of the chosen sample. */
  async function replies(entry) {
    const data = await load(folder + index.files[entry[3]]);
    const answers = data.questions[address];
    const samples = Math.max(...answers.map((each) => each.length));
    play.sample = Math.min(play.sample, samples - 1);
    pickSample(samples);
    const acts = index.conditions.map(([, label], place) => ({ place, label, columns: answers[place][play.sample] }));
    return { acts: acts.filter((act) => act.columns), strings: data.strings };
  }

  /** The stage of what is chosen, from its beginning and at rest. */
  async function draw() {
    const entry = index.questions.find(([name]) => name === address) || index.questions[index.first];
    play.mode = isRun() || !entry ? "run" : "stream";
    let acts, strings;
    if (isRun()) {
      acts = index.conditions.map(([, label], place) => ({ place, label, trials: index.run.trials[place] }));
      acts = acts.filter((act) => act.trials.ms.length);
    } else {
      address = entry[0];
      ({ acts, strings } = await replies(entry));
    }
    const open = chosen(play.chosen, acts.map((act) => act.place));
    const cast = acts.filter((act) => open.includes(act.place));
    show = isRun() ? runStage(index.run, cast) : streamStage(cast, strings);
    player.rest(show.end);
    stage.className = `stage of-${Math.min(MOST, cast.length) || 1} ${play.mode}`;
    stage.replaceChildren(...show.nodes);
    fields(entry);
    actors(acts, open);
    byId("playback-overlap").hidden = !isRun() || acts.every((act) => act.trials.alone);
    render();
  }

  /** What is played, written into the address; a page that was only opened keeps the one it came with. */
  function remember() {
    replaceHash(formatPlay(play, ids), isRun() ? "" : pageOf("", address));
  }

  function pickSample(samples) {
    const field = form.elements.sample;
    const option = (_, n) => el("option", { value: n, selected: n === play.sample }, String(n + 1));
    field.replaceChildren(...Array.from({ length: samples }, option));
    field.closest("label").hidden = samples < 2;
  }

  function fields(entry) {
    form.elements.mode.value = play.mode;
    form.elements.speed.value = String(speed());
    form.elements.question.closest("label").hidden = isRun();
    if (isRun()) form.elements.sample.closest("label").hidden = true;
    else form.elements.question.value = address;
    const [, text, right] = isRun() ? ["", "", ""] : entry;
    const answer = right && el("p", { class: "note answers-only" }, "Right answer: ", el("strong", {}, right));
    byId("playback-asked").replaceChildren(...(isRun() ? [] : [el("p", { class: "prompt-text" }, text), answer]));
  }

  function actors(acts, open) {
    const boxes = acts.map(({ place, label }) => {
      const checked = open.includes(place);
      const disabled = !checked && open.length >= MOST;
      const box = el("input", { type: "checkbox", name: "act", value: place, checked, disabled });
      return el("label", { class: `c${place % 8}` }, box, el("i", { class: "swatch" }), label);
    });
    const cast = byId("playback-cast");
    // The boxes are made anew: the keyboard's place among them is kept.
    const now = /** @type {any} */ (document.activeElement);
    const focused = cast.contains(now) ? now.value : null;
    cast.replaceChildren(el("legend", {}, "Side by side, up to four"), ...boxes);
    if (focused !== null) cast.querySelector(`[value="${CSS.escape(focused)}"]`).focus();
    cast.hidden = acts.length < 2;
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
    play: player.toggle,
    start: () => player.seek(0),
    end: () => player.seek(player.end),
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
  const move = (share) => player.seek(player.moment + share * player.end);
  const keys = {
    " ": actions.play, Home: actions.start, End: actions.end, f: actions.projector,
    a: () => play.projector && actions.answers(),
    j: () => other(1), k: () => other(-1), ArrowLeft: () => move(-0.02), ArrowRight: () => move(0.02),
  };

  function other(step) {
    const at = index.questions.findIndex(([name]) => name === address);
    if (isRun() || !index.questions[at + step]) return;
    address = index.questions[at + step][0];
    draw().then(remember);
  }

  function changed({ target: { name, value } }) {
    if (name === "mode") play = { ...play, mode: value, speed: 0 };
    else if (name === "question") address = value;
    else if (name === "sample") play.sample = Number(value);
    else if (name === "act") play.chosen = all('[name="act"]:checked', form).map((box) => Number(box.value));
    else if (name === "speed") {
      play.speed = Number(value);
      remember();
      return;
    } else return;
    draw().then(remember);
  }

  async function start() {
    index = await load(root.dataset.index);
    ids = index.conditions.map(([id]) => id);
    play = parsePlay(location.hash, ids, SPEEDS);
    address = new URLSearchParams(location.search).get("q") || "";
    const titles = index.questions.map(([name, text]) => [name, text.length > 90 ? `${text.slice(0, 90)} …` : text]);
    form.elements.question.replaceChildren(...titles.map(([value, text]) => el("option", { value }, text)));
    form.elements.speed.replaceChildren(...SPEEDS.map((value) => el("option", { value }, `${value}×`)));
    if (!index.questions.length) for (const each of form.elements.mode) each.disabled = each.value === "stream";
    await draw();
    look();
    form.addEventListener("change", changed);
    scrub.addEventListener("input", () => player.seek((player.end * Number(scrub.value)) / 1000));
    for (const each of all("[data-do]")) each.addEventListener("click", actions[each.dataset.do]);
    onKey((event) => {
      // Space presses what has the focus, and plays only elsewhere.
      const own = event.key === " " ? "button, a, summary, dialog" : "dialog";
      if (event.target.closest(own) || !inView(root) || !Object.hasOwn(keys, event.key)) return;
      event.preventDefault();
      keys[event.key]();
    });
    // Paper does not move: it gets the whole answers.
    window.addEventListener("beforeprint", actions.end);
    byId("playback-house").hidden = false;
  }

  start().catch((error) => root.replaceChildren(el("p", { class: "empty" }, error.message)));
})();
