"use strict";
// The page of what can be played: which question or run, who acts in it, and the buttons below the stage.
(function () {
  const { el, byId, all, onKey, inView, isHidden, colourOf } = llmxray.dom;
  const { searchOf, replaceHash } = llmxray.url;
  const { load } = llmxray.shards;
  const { SPEEDS, clock, fitting } = llmxray.clock;
  const { streamStage, runStage } = llmxray.stage;
  const { parsePlay, formatPlay, makePlayer } = llmxray.player;
  const MOST = 4; // side by side
  const root = byId("playback");
  const [stage, scrub] = ["stage", "scrub"].map((id) => byId(`playback-${id}`));
  const form = byId("playback-choose");
  const folder = root.dataset.index.replace(/[^/]*$/, "");
  let index, play, show;
  let [address, told] = ["", false];

  const button = (name) => all(`[data-do="${name}"]`)[0];
  const isRun = () => play.mode === "run";
  const fit = () => (isRun() ? fitting(show.end) : 1);
  const speed = () => play.speed || fit();
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

  /** What the conditions wrote to the question: columns of the chosen sample. */
  async function replies(entry) {
    const data = await load(folder + index.files[entry[3]]);
    const answers = data.questions[address];
    const samples = Math.max(...answers.map((each) => each.length));
    play.sample = Math.min(play.sample, samples - 1);
    pickSample(samples);
    return { columns: answers.map((each) => each[play.sample]), strings: data.strings };
  }

  /** The conditions that take part: the first of those that have something to play and that the legend shows. */
  function castOf(has) {
    const acts = index.conditions.map(([, label], place) => ({ place, label }));
    return acts.filter(({ place }) => has(place) && !isHidden(colourOf(place))).slice(0, MOST);
  }

  /** The stage of what is chosen, from its beginning and at rest. */
  async function draw() {
    const entry = index.questions.find(([name]) => name === address) || index.questions[index.first];
    play.mode = isRun() || !entry ? "run" : "stream";
    let cast;
    if (isRun()) {
      const { trials } = index.run;
      cast = castOf((place) => trials[place].ms.length).map((act) => ({ ...act, trials: trials[act.place] }));
      show = runStage(index.run, cast);
      byId("playback-overlap").hidden = cast.every((act) => act.trials.alone);
    } else {
      address = entry[0];
      const { columns, strings } = await replies(entry);
      cast = castOf((place) => columns[place]).map((act) => ({ ...act, columns: columns[act.place] }));
      show = streamStage(cast, strings);
      byId("playback-overlap").hidden = true;
    }
    player.rest(show.end);
    stage.className = `stage of-${Math.min(MOST, cast.length) || 1} ${play.mode}`;
    stage.replaceChildren(...show.nodes);
    fields(entry);
    render();
  }

  /** What is played, written into the address; a page that was only opened keeps the one it came with. */
  function remember() {
    replaceHash(formatPlay(play), isRun() ? "" : searchOf(address));
  }

  function pickSample(samples) {
    const field = form.elements.sample;
    const option = (_, n) => el("option", { value: n, selected: n === play.sample }, String(n + 1));
    field.replaceChildren(...Array.from({ length: samples }, option));
    field.closest("label").hidden = samples < 2;
  }

  function fields(entry) {
    form.elements.mode.value = play.mode;
    const speeds = [...new Set([...SPEEDS, fit(), speed()])].sort((a, b) => a - b);
    form.elements.speed.replaceChildren(...speeds.map((value) => el("option", { value }, `${value}×`)));
    form.elements.speed.value = String(speed());
    form.elements.question.closest("label").hidden = isRun();
    if (isRun()) form.elements.sample.closest("label").hidden = true;
    else form.elements.question.value = address;
    const [, text, right] = isRun() ? ["", "", ""] : entry;
    const answer = right && el("p", { class: "note answers-only" }, "Right answer: ", el("strong", {}, right));
    byId("playback-asked").replaceChildren(...(isRun() ? [] : [el("p", { class: "prompt-text" }, text), answer]));
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
    else if (name === "speed") {
      play.speed = Number(value);
      remember();
      return;
    } else return;
    draw().then(remember);
  }

  async function start() {
    index = await load(root.dataset.index);
    play = parsePlay(location.hash, SPEEDS);
    address = new URLSearchParams(location.search).get("q") || "";
    const titles = index.questions.map(([name, text]) => [name, text.length > 90 ? `${text.slice(0, 90)} …` : text]);
    form.elements.question.replaceChildren(...titles.map(([value, text]) => el("option", { value }, text)));
    if (!index.questions.length) for (const each of form.elements.mode) each.disabled = each.value === "stream";
    await draw();
    look();
    form.addEventListener("change", changed);
    document.addEventListener("llmxray:conditions", draw);
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
