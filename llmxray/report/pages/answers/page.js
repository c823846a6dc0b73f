// The list of questions: filters and orders are in the address; rows are made as the template makes them.
const { el, byId, all, percent, onPress } = llmxray.dom;
const { at, shareBar } = llmxray.svg;
const { replaceHash, onHash, pageOf } = llmxray.url;
const { OUTCOMES, outcomeLabel, score } = llmxray.outcomes;
const { DEFAULTS, CHOICE, parseState, formatState, choiceCounts, judgements, view } = llmxray.filters;
const { load, records: recordsOf } = llmxray.shards;

/** The most frequent code of a cell, the first of them in a draw; "" for an empty cell. */
function frequent(codes) {
  const times = (code) => codes.split(code).length;
  return [...codes].reduce((best, code) => (best === "" || times(code) > times(best) ? code : best), "");
}

/** "5 of 8" for repeats, "" for one sample. */
function tally(codes) {
  const { right, n } = score(codes);
  return codes.length > 1 && n ? `${right} of ${n}` : "";
}

function cell({ codes, confidence, said }, css) {
  const code = frequent(codes);
  if (!code) return el("td", { class: css });
  const [label, count] = [outcomeLabel(code), tally(codes)];
  return el("td", { class: css },
    el("b", { class: `mark-${OUTCOMES[code]}`, role: "img", title: label }),
    el("span", { class: "said", dir: "auto" }, count || said,
      count && said ? el("small", {}, `such as ${said}`) : null),
    ...(confidence === null ? [] : [
      el("span", { class: "v" }, percent(confidence)),
      shareBar(confidence, { c: "right", w: "wrong" }[code] || ""),
    ]));
}

/** The row of a question: places of the conditions that are `shown`; its link takes the view along, as a `hash`. */
function tableRow(places, texts, record, hash, shown) {
  const { place, category, suite } = record;
  const [, title] = places.suites.find(([name]) => name === suite);
  const right = texts.right[place] && el("span", { dir: "auto" }, ` · right: ${texts.right[place]}`);
  return el("tr", {},
    el("th", { scope: "row" },
      el("a", { class: "quote", dir: "auto", href: pageOf("answer.html", record.address, hash) }, texts.text[place]),
      el("small", {}, [title.split(" (")[0], category].filter(Boolean).join(" · "), right)),
    shown.map((condition) => cell(record.cells[condition], places.conditions[condition].css)));
}

module.exports = { frequent, tally };
if (typeof document === "object") {
  const form = byId("filters");
  const table = byId("questions");
  const body = table.tBodies[0];
  const fields = form.elements;
  // Rows of many conditions cost the browser a millisecond each to lay out, at every key of a search.
  const PAGE = 25;
  // Of fewer sure mistakes the page does not open with a list.
  const LEAST = 5;
  const heads = all("[data-sort]", table);
  // Parts of the bar, and kinds of answers: one of them at a time.
  const choices = all("[data-view]").map((link) => {
    const own = parseState(link.hash);
    return { link, choice: Object.fromEntries(CHOICE.map((name) => [name, own[name]])) };
  });
  const isChosen = (choice) => CHOICE.every((name) => choice[name] === state[name]);
  let places, texts, records, ids, labels;
  let state = DEFAULTS;
  let limit = PAGE;

  function apply() {
    const found = view(records, state, ids);
    const shown = heads.slice(1).map((head) => ids.indexOf(head.dataset.sort));
    const hash = formatState(state);
    body.replaceChildren(...found.slice(0, limit).map((record) => tableRow(places, texts, record, hash, shown)));
    const listed = found.length > limit ? `, the first ${limit} listed` : "";
    const first = { "confident-wrong": ", the surest first", "unsure-right": ", the least sure first" }[state.preset];
    const of = found.length < records.length ? `${found.length} of ${records.length}` : found.length;
    byId("count").textContent = `${of} questions${(!state.sort && first) || ""}${listed}`;
    showChoices();
    const isShown = choices.some(({ choice }) => isChosen(choice));
    byId("judged").textContent = judgements(isShown ? { ...state, right: "", wrong: "" } : state, ids, labels);
    byId("none").hidden = found.length > 0;
    table.hidden = found.length === 0;
    byId("more").hidden = found.length <= limit;
    byId("clear").hidden = formatState({ ...state, preset: "" }) === "";
    for (const head of heads) {
      if (head.dataset.sort !== state.sort.replace(/^-/, "")) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", state.sort.startsWith("-") ? "descending" : "ascending");
    }
  }

  function showChoices() {
    const counts = choiceCounts(records, state, ids, choices.map(({ choice }) => choice));
    const most = Math.max(1, ...counts.filter((_, at) => choices[at].link.matches(".together *")));
    choices.forEach(({ link, choice }, place) => {
      link.querySelector(".n, small").textContent = String(counts[place]);
      link.setAttribute("aria-current", String(isChosen(choice)));
      for (const bar of all(".fill", link)) bar.setAttribute("width", at(counts[place] / most));
    });
  }

  function showFields() {
    for (const name of ["q", "condition", "outcome"]) {
      if (fields[name]) fields[name].value = state[name];
    }
    if (fields.where) {
      fields.where.value = `${state.suite} ${state.category}`.trim();
      if (fields.where.selectedIndex < 0) fields.where.selectedIndex = 0;
    }
    byId("fields").open ||= Boolean(state.condition || state.outcome);
  }

  function change(part) {
    state = { ...state, ...part };
    limit = PAGE;
    // An address without a state would open with what the page opens with.
    replaceHash(formatState(state) || "#preset=all");
    apply();
  }

  /** The order after a click on a head; the third click takes it off. */
  function sortBy(key) {
    const cycle = ids.includes(key) ? [`-${key}`, key, ""] : [key, `-${key}`, ""];
    change({ sort: cycle[(cycle.indexOf(state.sort) + 1) % 3] });
  }

  function showMore(to) {
    limit = to;
    apply();
  }

  /** The state of the address; without one, what was surely wrong. */
  function read() {
    const sure = { ...DEFAULTS, preset: "confident-wrong" };
    if (location.hash.includes("=")) return parseState(location.hash);
    return view(records, sure, ids).length >= LEAST ? sure : DEFAULTS;
  }

  function show() {
    state = read();
    showFields();
    apply();
  }

  form.addEventListener("input", ({ target }) => {
    const { name, value } = target;
    if (name === "where") {
      // Two suites may have a category of one name; a suite's name has no blank.
      const [suite, ...words] = value.split(" ");
      change({ suite, category: words.join(" ") });
    } else if (name) {
      // A search looks through all, unless the reader chose a kind.
      change({ ...(name === "q" && !location.hash.includes("=") ? { preset: "" } : {}), [name]: value });
    }
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change(DEFAULTS);
    showFields();
  });
  for (const { link, choice } of choices) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      change(isChosen(choice) ? Object.fromEntries(CHOICE.map((name) => [name, ""])) : choice);
    });
  }
  for (const head of heads) onPress(head, () => sortBy(head.dataset.sort));
  for (const button of all("[data-clear]")) button.addEventListener("click", () => form.reset());
  for (const button of all("[data-more]")) button.addEventListener("click", () => showMore(limit + PAGE));

  async function start() {
    const folder = table.dataset.index.replace(/[^/]*$/, "");
    places = await load(table.dataset.index);
    const codes = await load(folder + places.more.codes);
    texts = await load(folder + places.more.texts);
    records = recordsOf(places, codes, texts);
    [ids, labels] = ["id", "label"].map((name) => places.conditions.map((each) => each[name]));
    window.addEventListener("beforeprint", () => showMore(records.length));
    onHash(show);
    form.hidden = false;
    show();
    // For tests in a browser, which wait for the rows.
    table.dataset.ready = "";
  }
  start();
}
