// Grading without an installation: hand-ins of a whole class's brief are dropped on the page, and the table is there.
/** What was typed as a number, its unit left out; null for anything else. */
function number(text) {
  const typed = text.replace(/−/g, "-").replace(",", ".").trim();
  const found = /^([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*(?:%|points?|times|x|×|a second|\/s)?$/.exec(typed);
  return found ? Number(found[1]) : null;
}

const plain = (text) => text.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

/** Whether an answer is right: a number within rounding, or a name, in brackets its suite. */
function accepts({ words, number: right, within }, answer) {
  if (words.length) {
    const named = [answer, answer.trim().replace(/\s*\([^()]*\)$/, "")].map(plain);
    return words.some((word) => named.includes(plain(word)));
  }
  const given = number(answer);
  return given !== null && right !== null && Math.abs(given - right) <= within + 1e-9;
}

/** A hand-in graded by a key of experiment, recording and blanks; or why it is not. @returns {any} */
function grade(text, key) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    file = null;
  }
  if (!file || file.format !== "llmxray-brief" || typeof file.answers !== "object") {
    return { remark: "not saved from a brief" };
  }
  const { student = "", experiment, recording, drawn_for: drawnFor = student } = file;
  if (experiment !== key.experiment) return { student, remark: `about ${experiment}, not ${key.experiment}` };
  if (drawnFor) return { student, remark: "its questions were drawn by the name: use llmxray grade" };
  const answers = key.blanks.map((blank) => {
    const given = String(file.answers[blank.id] ?? "");
    return { given, right: accepts(blank, given) };
  });
  const points = answers.filter(({ right }) => right).length;
  return { student, points, answers, remark: recording === key.recording ? "" : "made from another recording" };
}

module.exports = { grade };
if (typeof document === "object") {
  const { el, byId } = llmxray.dom;
  const drop = byId("hand-ins");
  llmxray.gradeWith = function (key) {
    const mark = ({ given, right }) => el("span", { class: right ? "right-mark" : "wrong-mark" }, given || "empty");
    const row = ({ student = "", points, answers, remark }, file) => el("tr", {},
      el("th", { scope: "row" }, student || file),
      el("td", { class: "num" }, answers ? `${points} of ${answers.length}` : ""),
      ...key.blanks.map((_, at) => el("td", {}, answers ? mark(answers[at]) : "")),
      el("td", {}, remark));
    const rows = new Map();
    async function show(files) {
      for (const file of files) rows.set(file.name, row(grade(await file.text(), key), file.name));
      byId("grades").tBodies[0].replaceChildren(...rows.values());
      byId("graded").hidden = false;
    }
    byId("grades").tHead.rows[0].append(...["student", "points", ...key.blanks.map(({ asked }) => asked), "remark"]
      .map((head) => el("th", { scope: "col" }, head)));
    byId("grades").tHead.append(el("tr", {}, el("th", { scope: "row" }, "the key"), el("td", {}),
      ...key.blanks.map(({ expected }) => el("td", {}, expected)), el("td", {})));
    drop.addEventListener("change", () => show(drop.files));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      show(event.dataTransfer.files);
    });
  };
}
