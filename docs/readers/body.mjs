// The text of a reply from a line of a cassette (docs/cassette.md); lines come from `zstdcat`.
// A number keeps the text that it is written with.
class Num { constructor(text) { this.text = text; } }
const read = (line) => JSON.parse(
  line.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (part) => (part[0] === '"' ? part : `{"#":"${part}"}`)),
  (key, value) => (value?.["#"] ? new Num(value["#"]) : value),
);
const int = (value) => Number(value.text);

/** A double as Python writes it. */
function python(number) {
  const text = (Object.is(number, -0) ? "-0" : String(number)).replace(/e([+-])(\d)$/, "e$10$2");
  if (!/[.e]/.test(text)) return `${text}.0`;
  return Math.abs(number) >= 1e-4 || text.includes("e") ? text : number.toExponential().replace(/e-(\d)$/, "e-0$1");
}

/** The text of a recording's body; where it has `b64`, that. */
export function body(source) {
  const line = read(source);
  if (!line.events) return line.text ?? Buffer.from(line.b64, "base64");
  const [comma, colon] = (line.style ?? "").includes("spaced") ? [", ", ": "] : [",", ":"];
  const ascii = (text) => (line.style ?? "").includes("ascii") ? text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`) : text;
  const write = (value) => value instanceof Num ? value.text
    : Array.isArray(value) ? `[${value.map(write).join(comma)}]`
    : value && typeof value === "object" ? `{${Object.entries(value).map(([k, v]) => ascii(JSON.stringify(k)) + colon + write(v)).join(comma)}}`
    : ascii(JSON.stringify(value));
  const entry = (row, hasTop) => {
    const names = line.keys.filter((key) => key !== "bytes" && (hasTop || key !== "top_logprobs"));
    const values = Object.fromEntries(names.map((name, k) => [name, row[k]]));
    if (typeof values.logprob === "string") values.logprob = new Num(values.logprob);
    else if (line.float32 && /[.e]/.test(values.logprob.text)) values.logprob = new Num(python(Math.fround(int(values.logprob))));
    values.top_logprobs = values.top_logprobs?.map((each) => entry(each, false));
    values.bytes = row.length > names.length ? row[names.length] : [...Buffer.from(values.token)].map((byte) => new Num(String(byte)));
    return Object.fromEntries(line.keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
  };
  let [at, before] = [0, {}];
  const choice = (value) => {
    if (!value.logprobs) return value;
    const [logprobs, delta] = [{ ...value.logprobs }, { ...value.delta }];
    for (const [name, n] of Object.entries(logprobs)) {
      if (!(n instanceof Num)) continue;
      logprobs[name] = line.tokens.slice(at, (at += int(n))).map((row) => entry(row, true));
      if (delta[name] === true) delta[name] = logprobs[name].map((each) => each.token).join("");
    }
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, { logprobs, delta }[k] ?? v]));
  };
  const out = line.events.flatMap((run) => {
    const [event, n] = Array.isArray(run) ? [run[0], int(run[1])] : [run, 1];
    return Array.from({ length: n }, () => {
      if (typeof event === "string") return event;
      before = Object.fromEntries(Object.entries(event).map(([k, v]) => [k, v === "〃" ? before[k] : v]));
      if (before.choices) before.choices = before.choices.map(choice);
      return `data: ${write(before)}`;
    });
  });
  return out.join("\n\n");
}
