// A model in the page: the engine is llama.cpp in WebAssembly, its answers are drawn as the x-ray draws them.
const { el, all, byId, percent, visible, onPress } = llmxray.dom;
const { tokenRow, panel, follow, drawForks } = llmxray.strip;
const { known, restOf, rankOf } = llmxray.letters;

// As in the recordings; the panel shows the first of them.
const ALTERNATIVES = 20;
const SHOWN = 5;
const OWN = { max_tokens: 64, temperature: 0, stream: true };

/** What a browser lacks to run the engine, in words; "" for nothing. */
function missingIn(wasm) {
  if (wasm && wasm.Suspending) return "";
  return "This browser cannot run the model: WebAssembly.Suspending is missing (JavaScript Promise Integration, JSPI), "
    + "which the engine needs to read the model’s file. Chrome and Edge have it from version 137.";
}

/** A token of the engine's reply as the strip shows it. */
function tokenOf({ token, bytes, logprob, top_logprobs: list }) {
  const top = list.map((each) => ({ text: each.token, nats: each.logprob, probability: Math.exp(each.logprob) }));
  const sum = top.reduce((mass, each) => mass + each.probability, 0);
  const bits = top.reduce((all, { probability: p }) => all - (p > 0 ? (p / sum) * Math.log2(p / sum) : 0), 0);
  return { text: token, bytes, probability: Math.exp(logprob), entropy: bits, top };
}

/** The text of tokens, some of which may be parts of a character. */
function textOf(tokens) {
  const encoder = new TextEncoder();
  const bytes = tokens.flatMap((token) => token.bytes || [...encoder.encode(token.text)]);
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** The recorded request, asking the model to go on behind `begun`; `raw`: messages are only joined, as when recorded. */
function requestOf({ body, raw }, begun) {
  const { messages, ...rest } = body;
  if (raw) return { ...rest, prompt: messages.map((each) => each.content).join("") + begun, logprobs: ALTERNATIVES };
  const forced = begun ? [{ role: "assistant", content: begun }] : [];
  return { ...rest, messages: [...messages, ...forced], logprobs: true, top_logprobs: ALTERNATIVES };
}

/** The first token here beside the recorded one. */
function compared(question, token) {
  const here = token.top.find((each) => each.text === question.token);
  const best = token.top[0].text;
  return { recorded: question.nats, here: here ? here.nats : null, best, isEqual: best === question.best };
}

const nats = (value) => (value === null ? "—" : value.toFixed(2).replace("-", "−"));

/** All comparisons so far, in a sentence. */
function tallied(comparisons) {
  const list = [...comparisons];
  const gaps = list.filter((each) => each.here !== null).map((each) => Math.abs(each.here - each.recorded));
  const equal = list.filter((each) => each.isEqual).length;
  return `First token of ${list.length} ${list.length === 1 ? "question" : "questions"}: argmax equal in ${equal} of `
    + `${list.length}, largest difference ${gaps.length ? Math.max(...gaps).toFixed(2) : "—"}.`;
}

/** Lines and note of one token. */
function describe(tokens, place) {
  const list = known({ ...tokens[place], top: tokens[place].top.slice(0, SHOWN) });
  const lines = list.map(({ text, probability, chosen }) =>
    ({ text: visible(text), share: probability, css: chosen ? "said" : "", word: chosen ? "written" : "go on here" }));
  const rest = restOf(list);
  if (rest > 0.005) lines.push({ text: "others", share: rest, css: "", word: "" });
  const { entropy } = tokens[place];
  const note = `Token ${place + 1} of ${tokens.length}, ${rankOf(tokens[place], list)}. Entropy ${entropy.toFixed(2)} bits.`;
  return { list, lines, note };
}

module.exports = { missingIn, tokenOf, textOf, requestOf, compared, tallied, describe };
if (typeof document === "object") {
  const form = byId("live");
  const [doing, loaded, beside, tally, root] = ["doing", "loaded", "beside", "tally", "answer"].map(byId);
  const [select, go, ten, stop] = [byId("question"), form.querySelector(".go"), byId("ten"), byId("stop")];
  const comparisons = new Map();
  let data;
  let engine = null;
  let weights = "";
  let running = Promise.resolve();
  let abort = new AbortController();
  // What is drawn: an answer, and the one before it where it was made to go another way.
  let shown = { source: null, tokens: [], before: null };
  let pinned = null;

  async function wasmUrl() {
    const bytes = Uint8Array.from(atob(llmxray.wasm), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const blob = new Blob([await new Response(stream).arrayBuffer()], { type: "application/wasm" });
    // The worker may read no blob of a page that was opened from disk.
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsDataURL(blob);
    });
  }

  /** SHA-256 in hex; "" where the browser computes none, as over plain HTTP. */
  async function digest(file) {
    if (!crypto.subtle) return "";
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function load(file) {
    abort.abort();
    await running;
    all("button", form).forEach((button) => { button.disabled = true; });
    loaded.textContent = `Reading ${file.name} …`;
    try {
      weights = await digest(file);
      if (engine) await engine.exit();
      const silent = { debug() {}, log() {}, warn() {}, error() {} };
      engine = new llmxray.engine.Wllama({ default: await wasmUrl() }, { suppressNativeLog: true, logger: silent });
      // A small batch: progress is told after each.
      await engine.loadModel([file], { n_ctx: 4096, n_batch: 32, n_threads: 1, n_gpu_layers: 0, n_parallel: 1 });
    } catch (error) {
      engine = null;
      loaded.textContent = `${file.name} cannot be run: ${error.message}`;
      return;
    }
    const model = data.models[weights];
    const unsure = "This browser computes no SHA-256 here, so the page cannot tell whether a recording used this file.";
    const other = "No recording of this site used this file (its SHA-256 is another): figures will differ.";
    loaded.textContent = `${file.name} is loaded. ${model ? `The recordings of ${model.label} used this very file.` : weights ? other : unsure}`;
    comparisons.clear();
    tally.textContent = "";
    offer();
    all("button", form).forEach((button) => { button.disabled = false; });
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
    byId("prompt").querySelector("pre").textContent = source.body.messages
      .map(({ role, content }) => (source.raw ? content : `${role}: ${content}`)).join(source.raw ? "" : "\n\n");
  }

  function sourceOf(value) {
    if (!value) return { body: { ...OWN, messages: [{ role: "user", content: byId("text").value }] }, raw: byId("raw").checked };
    const [at, place] = value.split("/").map(Number);
    const { raw, questions } = data.asked[at];
    return { raw, body: questions[place].body, question: questions[place] };
  }

  /** Ask, or go on behind the tokens `begun`, of which `before` shares the first. */
  async function ask(source, begun = [], before = null) {
    abort.abort();
    await running;
    abort = new AbortController();
    shown = { source, tokens: [...begun], before };
    pinned = null;
    stop.hidden = false;
    running = answer(source, textOf(begun), abort.signal).catch((error) => {
      if (!abort.signal.aborted) doing.textContent = `The engine stopped: ${error.message}`;
    }).finally(() => { stop.hidden = true; });
    await running;
  }

  async function answer(source, begun, signal) {
    doing.textContent = "Reading the prompt …";
    draw();
    const request = { ...requestOf(source, begun), stream: true, return_progress: true, abortSignal: signal };
    const onData = ({ choices: [choice], prompt_progress: progress, timings }) => {
      if (progress) doing.textContent = `Reading the prompt: ${progress.processed} of ${progress.total} tokens`;
      const tokens = ((choice && choice.logprobs && choice.logprobs.content) || []).map(tokenOf);
      tokens.forEach((token) => take(source, token, begun));
      if (timings) doing.textContent = `${timings.predicted_n} tokens written, ${timings.predicted_per_second.toFixed(1)} a second.`;
    };
    await (source.raw ? engine.createCompletion({ ...request, onData }) : engine.createChatCompletion({ ...request, onData }));
  }

  function take({ question }, token, begun) {
    if (question && !begun && !shown.tokens.length) compare(question, token);
    // What has no text ended the answer.
    if (!token.text) return;
    shown.tokens.push(token);
    draw();
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

  function draw() {
    const { source, tokens, before } = shown;
    beside.hidden = !source.question || Boolean(before);
    byId("about").hidden = !tokens.length;
    const fork = before ? before.place : tokens.length;
    const lane = (list, name, css) => el("div", { class: `lane ${css}` }, el("p", {}, `${name} “${visible(list[fork].text)}” at ${percent(list[fork].probability)}`), tokenRow(list.slice(fork)));
    const ways = before ? el("div", { class: "fork" }, lane(before.tokens, "It wrote", ""), lane(tokens, "You chose", "")) : "";
    // In the order in which they stand on the page: whose token, and which.
    const places = [tokens.slice(0, fork), ...(before ? [before.tokens, tokens] : [])]
      .flatMap((list, at) => list.map((_, place) => ({ list: at === 1 ? list : tokens, place })).slice(at ? fork : 0));
    const box = panel();
    const page = el("div", { class: "xpage" }, el("div", { class: "box" }, tokenRow(tokens.slice(0, fork)), ways), el("div", { class: "box side" }, box));
    root.replaceChildren(places.length ? page : "");
    if (!places.length) return;
    let alternatives = [];
    let isFirst = true;
    follow(page, box, (at) => {
      // Where the reader points, the next token does not draw the panel away.
      if (!isFirst) pinned = at;
      isFirst = false;
      const { list, place } = places[at];
      const found = describe(list, place);
      alternatives = found.list.map((each) => () => !each.chosen && branch(list, place, each));
      return found;
    }, pinned ?? places.length - 1);
    all(".alternative", box).forEach((row, at) => {
      row.setAttribute("role", "button");
      onPress(row, () => alternatives[at] && alternatives[at]());
    });
    drawForks();
  }

  /** Go on from an alternative to the token at a place of an answer. */
  function branch(list, place, { text, probability }) {
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
      await ask(sourceOf(option.value));
      if (abort.signal.aborted) return;
    }
  });
  stop.addEventListener("click", () => abort.abort());
  select.addEventListener("change", choose);
  byId("file").addEventListener("change", (event) => event.target.files[0] && load(event.target.files[0]));

  const missing = missingIn(WebAssembly);
  byId("missing").hidden = !missing;
  byId("missing").textContent = missing;
  form.hidden = Boolean(missing);
  // The package starts its worker as a module, which a page from disk may not.
  const Native = window.Worker;
  window.Worker = /** @type {any} */ (function (url) { return new Native(url); });
  llmxray.shards.load(form.dataset.questions).then((found) => {
    data = found;
    offer();
  });
}
