// The model: llmxray's own requests to llama.cpp in WebAssembly, and what is read from its replies.
const { visible } = llmxray.dom;
const { known, restOf, rankOf } = llmxray.letters;
// As in the recordings; the panel shows the first of them.
const ALTERNATIVES = 20;
const SHOWN = 5;

/** What a browser lacks to run the engine, in words; "" for nothing. */
function missingIn(wasm) {
  if (wasm && wasm.Suspending) return "";
  return "This browser cannot run the model: WebAssembly.Suspending is missing (JavaScript Promise Integration, JSPI), "
    + "which the engine needs to read the model’s file. Chrome and Edge have it from version 137.";
}

/** Whether a recording used the file of that SHA-256; `model` is the one that was recorded with it. */
function recordedWith(model, sha256) {
  if (model) return `The recordings of ${model.label} used this very file.`;
  if (sha256) return "No recording of this site used this file (its SHA-256 is another), so figures may differ.";
  return "Its SHA-256 could not be computed, so the page cannot tell whether a recording used this file.";
}

/**
 * A token of the engine's reply as the strip shows it. The engine holds back what may begin a stop string, and sends it
 * with a later token: the alternatives have its own text.
 */
function tokenOf({ id, token, bytes, logprob, top_logprobs: list }) {
  const own = list.find((each) => each.id === id && !each.token.includes("\ufffd")) || { token, bytes };
  const top = list.map((each) => ({ text: each.token, nats: each.logprob, probability: Math.exp(each.logprob) }));
  const sum = top.reduce((mass, each) => mass + each.probability, 0);
  const bits = top.reduce((all, { probability: p }) => all - (p > 0 ? (p / sum) * Math.log2(p / sum) : 0), 0);
  return { text: own.token, bytes: own.bytes, isHeld: !token, probability: Math.exp(logprob), entropy: bits, top };
}

/** The text of tokens, some of which may be parts of a character. */
function textOf(tokens) {
  const encoder = new TextEncoder();
  const bytes = tokens.flatMap((token) => token.bytes || [...encoder.encode(token.text)]);
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** The prompt, for people. */
function promptOf({ body, raw }) {
  return body.messages.map(({ role, content }) => (raw ? content : `${role}: ${content}`)).join(raw ? "" : "\n\n");
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

/** SHA-256 in hex; "" where the browser computes none: over plain HTTP, or of too large a file. */
async function digest(file) {
  const found = crypto.subtle && await file.arrayBuffer().then((bytes) => crypto.subtle.digest("SHA-256", bytes)).catch(() => null);
  return [...new Uint8Array(found || [])].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The engine with a model's file; it fails where the file is none that llama.cpp reads. */
async function opened(file) {
  const silent = { debug() {}, log() {}, warn() {}, error() {} };
  const engine = new llmxray.wllama.Wllama({ default: await wasmUrl() }, { suppressNativeLog: true, logger: silent });
  // A small batch: progress is told after each.
  await engine.loadModel([file], { n_ctx: 4096, n_batch: 32, n_threads: 1, n_gpu_layers: 0, n_parallel: 1 });
  return engine;
}

/** Start workers as classic scripts: the package asks for a module, which a page from disk may not start. */
function classicWorkers() {
  const Native = window.Worker;
  window.Worker = /** @type {any} */ (function (url) { return new Native(url); });
}

module.exports = {
  missingIn, recordedWith, tokenOf, textOf, promptOf, requestOf, compared, nats, tallied, describe, digest, opened, classicWorkers,
};
