// What the pages of one question share: which question, in which view of the table, and the way to its neighbours.
const { el, all, onKey, inView } = llmxray.dom;
const { hashOf, pageOf, addressOf } = llmxray.url;
const { parseState, formatState, view: viewed } = llmxray.filters;
const { load, listed, records, fileOf } = llmxray.shards;

/** Neighbours of a question in the view; one that is not in it gets the view's ends. */
function neighbours(view, place) {
  const at = view.findIndex((record) => record.place === place);
  if (at < 0) return { at, before: null, after: view[0] || null };
  return { at, before: view[at - 1] || null, after: view[at + 1] || null };
}

/** The questions of a view in its order; the data files that it asks for are loaded, and no others. */
async function viewOf(places, folder, state) {
  if (!formatState(state)) return listed(places);
  const codes = load(folder + places.more.codes);
  const texts = state.q || /question/.test(state.sort) ? load(folder + places.more.texts) : null;
  const ids = places.conditions.map((condition) => condition.id);
  return viewed(records(places, await codes, await texts), state, ids);
}

/** The question that the address names; `root` says where the data files are. */
async function named(root) {
  const folder = root.dataset.index.replace(/[^/]*$/, "");
  const address = new URLSearchParams(location.search).get("q") || root.dataset.first;
  const places = await load(root.dataset.index);
  const record = listed(places).find((each) => each.address === address);
  if (!record) throw new Error(`There is no question “${address}” in this experiment.`);
  return { folder, places, record };
}
const answersOf = ({ folder, places, record }) => load(folder + fileOf(places, record.place));

/** Load a question's file while the page's other scripts come; `openQuestion` says what is wrong with it. */
function preload(root) {
  named(root).then(answersOf).catch(() => null);
}

async function openQuestion(root) {
  const found = await named(root);
  const { folder, places, record } = found;
  const state = parseState(location.hash);
  const list = viewOf(places, folder, state);
  const data = await answersOf(found);
  const question = data.questions.find((each) => each.id === record.address);
  const ids = places.conditions.map((condition) => condition.id);
  const samples = Math.max(...question.answers.map((each) => each.length));
  const strings = data.questions.flatMap((each) => each.strings);
  return { index: places, record, question, strings, state, list: await list, samples, ids, near: data.questions };
}

/** The way to the view, and where in it this question stands. */
function way({ record, list, state }) {
  const { at } = neighbours(list, record.place);
  const view = formatState(state);
  return [el("a", { href: addressOf("answers.html", "", view) }, view ? "Questions of this view" : "All questions"),
    el("span", { class: "place" }, at < 0 ? "not in this view" : `${at + 1} of ${list.length}`)];
}

/** Links to the questions beside this one, behind `first`; `page` and `extra` keep the reader where they are. */
function steps(found, page, extra, first = []) {
  const { record, list, state, near } = found;
  const { before, after } = neighbours(list, record.place);
  const one = (to, label, key) => {
    if (!to) return el("span", { class: "step faint" }, label);
    const href = pageOf(page, to.address, hashOf(extra, formatState(state)));
    const text = el("span", {}, near.find(({ id }) => id === to.address)?.question);
    return el("a", { class: "step", href, "data-step": key, rel: label.slice(0, 4).toLowerCase() }, label, el("kbd", {}, key), text);
  };
  const both = [one(before, "Previous", "k"), one(after, "Next", "j")];
  return el("nav", { class: "steps", "aria-label": "Questions of this view" }, first, both);
}

/** Buttons that step through the samples; null where there is one only. */
function samplePicker(count, sample, show) {
  if (count < 2) return null;
  const button = (step, label, key) => {
    const disabled = sample + step < 0 || sample + step >= count;
    const made = el("button", { type: "button", class: "pill", disabled }, label, " ", el("kbd", {}, key));
    made.addEventListener("click", () => show(sample + step));
    return made;
  };
  const place = el("span", {}, `sample ${sample + 1} of ${count}`);
  return el("p", { class: "samples" }, button(-1, "Previous", ","), place, button(1, "Next", "."));
}

function heading(question, eyebrow) {
  return [
    el("p", { class: "kicker" }, eyebrow),
    el("h1", { class: `quote${question.question.length > 180 ? " long" : ""}`, dir: "auto" }, question.question),
  ];
}

/** Keys of the pages of one question: other question, other sample. */
function readingKeys(root, go) {
  onKey((event) => {
    if (!inView(root)) return;
    const name = { ArrowRight: "j", ArrowLeft: "k" }[event.key] || event.key;
    const to = name === "j" || name === "k" ? root.querySelector(`[data-step="${name}"]`) : null;
    if (to) to.click();
    else if (event.key === ".") go(1);
    else if (event.key === ",") go(-1);
  });
}

function fail(root, error) {
  const back = el("a", { href: addressOf("answers.html") }, "All questions");
  root.replaceChildren(el("p", { class: "empty" }, error.message, " ", back));
}

module.exports = { neighbours, openQuestion, way, steps, samplePicker, heading, readingKeys, fail };
if (typeof document === "object") all("[data-index][data-first]").forEach(preload);
