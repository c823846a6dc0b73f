// A model in the page, whose answers are drawn as the x-ray draws them.
const { el, all, byId, percent, visible, onPress } = llmxray.dom;
const { tokenRow, panel, follow, drawForks } = llmxray.strip;
const {
  missingIn, recordedWith, tokenOf, textOf, promptOf, requestOf, compared, nats, tallied, describe, digest, opened, classicWorkers,
} = llmxray.inference;
const OWN = { max_tokens: 64, temperature: 0, stream: true };

if (typeof document === "object") {
  const form = byId("live");
  const [doing, loaded, beside, tally, root] = ["doing", "loaded", "beside", "tally", "answer"].map(byId);
  const [select, ten, stop] = ["question", "ten", "stop"].map(byId);
  const comparisons = new Map();
  let data;
  let engine = null;
  let weights = "";
  let running = Promise.resolve();
  let abort = new AbortController();
  // What is drawn: an answer, and the one before it where it was made to go another way.
  let shown = { source: null, tokens: [], before: null };
  let pinned = null;

  async function load(file) {
    abort.abort();
    await running;
    const [field, buttons] = [byId("file"), form.querySelector(".buttons")];
    field.disabled = buttons.disabled = true;
    loaded.textContent = `Reading ${file.name} …`;
    try {
      weights = await digest(file);
      if (engine) await engine.exit();
      engine = await opened(file);
    } catch (error) {
      engine = null;
      loaded.textContent = `${file.name} cannot be run: ${error.message}`;
      return;
    } finally {
      field.disabled = false;
    }
    loaded.textContent = `${file.name} is loaded. ${recordedWith(data.models[weights], weights)}`;
    comparisons.clear();
    tally.textContent = "";
    offer();
    buttons.disabled = false;
  }

  /** The recorded questions in the list: those of the loaded file, or all where it has none. */
  function offer() {
    const own = data.asked.some((each) => each.weights === weights);
    all("optgroup", select).forEach((group) => group.remove());
    data.asked.forEach((asked, at) => {
      if (own && asked.weights !== weights) return;
      select.append(el("optgroup", { label: `${asked.title} ${asked.label}` }, asked.questions.map((question, place) =>
        el("option", { value: `${at}/${place}` }, question.short.length > 90 ? `${question.short.slice(0, 89)}…` : question.short))));
    });
    if (own) select.value = all("optgroup option", select)[0].value;
    choose();
  }

  function choose() {
    const source = sourceOf(select.value);
    byId("own").hidden = Boolean(source.question);
    byId("prompt").hidden = ten.hidden = !source.question;
    byId("prompt").querySelector("pre").textContent = promptOf(source);
  }

  function sourceOf(value) {
    if (!value) return { body: { ...OWN, messages: [{ role: "user", content: byId("text").value }] }, raw: byId("raw").checked };
    const [at, place] = value.split("/").map(Number);
    const { raw, questions } = data.asked[at];
    return { raw, body: questions[place].body, question: questions[place] };
  }

  /** Ask, or go on behind the tokens `begun`, whose answer before parted from them; false when something else came. */
  async function ask(source, begun = [], before = null) {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    running = running.then(() => (signal.aborted ? undefined : answer(source, begun, before, signal)));
    running = running.catch((error) => {
      if (!signal.aborted) doing.textContent = `The engine stopped: ${error.message}`;
    });
    await running;
    return !signal.aborted;
  }

  async function answer(source, begun, before, signal) {
    shown = { source, tokens: [...begun], before };
    pinned = null;
    stop.hidden = false;
    doing.textContent = "Reading the prompt …";
    beside.replaceChildren();
    draw();
    const onData = ({ choices: [choice], prompt_progress: progress, timings }) => {
      if (signal.aborted) return;
      if (progress) doing.textContent = `Reading the prompt: ${progress.processed} of ${progress.total} tokens`;
      const tokens = ((choice && choice.logprobs && choice.logprobs.content) || []).map(tokenOf);
      if (source.question && tokens.length && !shown.tokens.length) compare(source.question, tokens[0]);
      shown.tokens.push(...tokens.filter((token) => token.text));
      // A stop string was never sent.
      while (timings && shown.tokens.length > begun.length && shown.tokens[shown.tokens.length - 1].isHeld) shown.tokens.pop();
      draw();
      const count = shown.tokens.length - begun.length;
      if (timings) doing.textContent = `${count} ${count === 1 ? "token" : "tokens"} written, ${timings.predicted_per_second.toFixed(1)} a second.`;
    };
    const request = { ...requestOf(source, textOf(begun)), stream: true, return_progress: true, abortSignal: signal, onData };
    try {
      await (source.raw ? engine.createCompletion(request) : engine.createChatCompletion(request));
    } finally {
      stop.hidden = true;
    }
    // Finished, it shows where the model was least sure.
    const own = shown.tokens.slice(begun.length).map((token) => token.probability);
    if (pinned === null && own.length) draw(own.indexOf(Math.min(...own)) - own.length);
  }

  function compare(question, token) {
    const found = compared(question, token);
    comparisons.set(question, found);
    const differs = found.isEqual ? "" : ` The likeliest token was “${visible(question.best)}”, here it is “${visible(found.best)}”.`;
    beside.replaceChildren(`Log-probability of the first token “${visible(question.token)}”: `,
      el("b", {}, `recorded ${nats(found.recorded)}, here ${nats(found.here)}`), `.${differs} `,
      el("a", { href: question.href }, "All recorded answers"));
    tally.textContent = tallied(comparisons.values());
  }

  /** Draw the answer; a token is looked at by its place from the end, or where the reader points. */
  function draw(at = -1) {
    const { source, tokens, before } = shown;
    beside.hidden = !source.question || Boolean(before);
    byId("about").hidden = !tokens.length;
    const fork = before ? before.place : tokens.length;
    const lane = (list, name) => el("div", { class: "lane" },
      el("p", {}, `${name} “${visible(list[fork].text)}” at ${percent(list[fork].probability)}`), tokenRow(list.slice(fork)));
    const ways = before ? el("div", { class: "fork" }, lane(before.tokens, "It wrote"), lane(tokens, "You chose")) : "";
    // In the order in which they stand on the page: whose token, and which.
    const places = [tokens.slice(0, fork), ...(before ? [before.tokens, tokens] : [])]
      .flatMap((list, part) => list.map((_, place) => ({ list: part === 1 ? list : tokens, place })).slice(part ? fork : 0));
    const box = panel();
    const page = el("div", { class: "xpage" },
      el("div", { class: "box" }, tokenRow(tokens.slice(0, fork)), ways), el("div", { class: "box side" }, box));
    root.replaceChildren(places.length ? page : "");
    if (!places.length) return;
    let alternatives = [];
    let isFirst = true;
    follow(page, box, (now) => {
      // Where the reader points, the next token does not draw the panel away.
      if (!isFirst) pinned = now;
      isFirst = false;
      const { list, place } = places[now];
      const found = describe(list, place);
      alternatives = found.list.map((each) => () => branch(list, place, each));
      return found;
    }, pinned ?? places.length + at);
    all(".alternative", box).forEach((row, line) => {
      row.setAttribute("role", "button");
      onPress(row, () => alternatives[line] && alternatives[line]());
    });
    drawForks();
  }

  /** Go on from an alternative to the token at a place of an answer. */
  function branch(list, place, { text, probability, chosen: isWritten }) {
    // The end of an answer has no text, and a part of a character none that could be sent.
    if (isWritten || !text || text.includes("\ufffd")) return;
    const chosen = { ...list[place], text, probability, bytes: null };
    void ask(shown.source, [...list.slice(0, place), chosen], { place, tokens: list });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ask(sourceOf(select.value));
  });
  ten.addEventListener("click", async () => {
    const options = all("option", select.selectedOptions[0].parentNode);
    const from = options.indexOf(select.selectedOptions[0]);
    for (const option of options.slice(from, from + 10)) {
      select.value = option.value;
      choose();
      if (!await ask(sourceOf(option.value))) return;
    }
  });
  stop.addEventListener("click", () => {
    abort.abort();
    doing.textContent = "Stopped.";
  });
  select.addEventListener("change", choose);
  byId("file").addEventListener("change", (event) => event.target.files[0] && load(event.target.files[0]));

  const missing = missingIn(WebAssembly);
  byId("missing").hidden = !missing;
  byId("missing").textContent = missing;
  classicWorkers();
  llmxray.shards.load(form.dataset.questions).then((found) => {
    data = found;
    offer();
    form.hidden = Boolean(missing);
  });
}
