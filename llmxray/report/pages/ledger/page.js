// The ledger's form: which set of questions, which runs. The address keeps both.
const { byId, all } = llmxray.dom;
const { parameters, hashOf, replaceHash, onHash } = llmxray.url;
const [form] = all(".ledger-tools");
const { suite, q } = form.elements;
const usual = suite.options[0].value;
const bodies = [...byId("ledger-table").tBodies];
const told = form.querySelector("[role=status]");
const wordsOf = new Map(all("#ledger-table [data-run]").map((row) =>
  [row, `${row.dataset.run} ${row.textContent}`.toLowerCase()]));

function list() {
  const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
  let fitting = 0;
  for (const body of bodies) {
    body.hidden = body.dataset.suite !== suite.value;
    for (const row of body.hidden ? [] : body.querySelectorAll("[data-run]")) {
      row.hidden = !words.every((word) => wordsOf.get(row).includes(word));
      fitting += row.hidden ? 0 : 1;
    }
  }
  byId("ledger-none").hidden = fitting > 0;
  told.textContent = `${fitting} runs`;
}

function reread() {
  const given = parameters(location.hash);
  suite.value = given.get("suite") || usual;
  if (!suite.value) suite.value = usual;
  q.value = given.get("q") || "";
  if (location.hash.length > 1) form.closest("details").open = true;
  list();
}

form.hidden = false;
form.addEventListener("input", () => {
  replaceHash(hashOf({ suite: suite.value === usual ? "" : suite.value, q: q.value }));
  list();
});
onHash(reread);
reread();
