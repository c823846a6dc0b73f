"use strict";
/* Calibration of a person, from the answers in their browser; the same definitions as llmxray.metrics. */

/** Wilson's 95% interval of k right of n; null when there is none. */
function wilson(k, n) {
  if (!n) return null;
  const z = 1.959963984540054;
  const p = k / n;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  // At the ends exactly 0 and 1: a rounding error would be shown as "<1%".
  return [k === 0 ? 0 : middle - half, k === n ? 1 : middle + half];
}

/** Non-empty bins (low, high] of equal width; a confidence of 0 belongs to the first. */
function bins(points, count) {
  const made = [];
  for (let place = 0; place < count; place += 1) {
    const inside = points.filter(({ confidence }) => binOf(confidence, count) === place);
    if (!inside.length) continue;
    const hits = inside.filter(({ correct }) => correct).length;
    made.push({
      low: place / count,
      high: (place + 1) / count,
      n: inside.length,
      confidence: mean(inside.map(({ confidence }) => confidence)),
      accuracy: hits / inside.length,
      interval: wilson(hits, inside.length),
    });
  }
  return made;
}

function binOf(confidence, count) {
  // The upper edge belongs to the bin below it; 0.6 × 5 is 3 and must stay the third.
  const place = Math.ceil(Number((confidence * count).toFixed(9))) - 1;
  return Math.min(Math.max(place, 0), count - 1);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Everything that is said of one answerer; null values where there is nothing to say. */
function summary(points, count = 5) {
  const n = points.length;
  const hits = points.filter(({ correct }) => correct).length;
  const sure = points.filter(({ confidence }) => confidence !== null);
  const made = bins(sure, count);
  const gaps = made.map((bin) => Math.abs(bin.confidence - bin.accuracy));
  return {
    n,
    hits,
    accuracy: n ? hits / n : null,
    interval: wilson(hits, n),
    confidence: sure.length ? mean(sure.map(({ confidence }) => confidence)) : null,
    gap: sure.length ? mean(sure.map(({ confidence, correct }) => confidence - Number(correct))) : null,
    ece: sure.length ? made.reduce((sum, bin, place) => sum + (bin.n / sure.length) * gaps[place], 0) : null,
    moduleAverage: made.length ? mean(gaps) : null,
    bins: made,
  };
}

/** "over" or "under" where the mean confidence lies outside the accuracy's interval; "" where so few cannot tell. */
function way({ confidence, interval }) {
  if (confidence === null || interval === null) return "";
  if (confidence > interval[1]) return "over";
  return confidence < interval[0] ? "under" : "";
}

/** The points of a person's answers: `answers` is {question id: [choice, confidence in per cent]}. */
function pointsOf(answers, questions) {
  return questions.flatMap((question) => {
    const answer = answers[question.id];
    return answer ? [{ confidence: answer[1] / 100, correct: answer[0] === question.answer }] : [];
  });
}

/** The points of a model on the questions that were answered. */
function modelPoints(place, answers, questions) {
  return questions.flatMap((question) => {
    const [correct, confidence] = question.models[place];
    if (!answers[question.id] || correct === null) return [];
    return [{ confidence: confidence === null ? null : confidence / 1000, correct: correct === 1 }];
  });
}

/** A person's export, checked; throws an Error that says what is wrong with the file. */
function readExport(text, data) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  if (!found || found.format !== "llmxray-yourself") throw new Error("it is no export of this page");
  if (found.version !== 1) throw new Error(`it has version ${found.version}; this page reads 1`);
  if (found.questions_sha256 !== data.questions_sha256) throw new Error("it is about other questions");
  const known = new Map(data.questions.map((question) => [question.id, question]));
  const answers = {};
  for (const [id, answer] of Object.entries(found.answers || {})) {
    const question = known.get(id);
    const fits =
      question && Array.isArray(answer) && Number.isInteger(answer[0]) && answer[0] >= 0 &&
      answer[0] < question.choices.length && answer[1] >= 0 && answer[1] <= 100;
    if (!fits) throw new Error(`its answer to ${id} cannot be read`);
    answers[id] = [answer[0], Number(answer[1])];
  }
  return { id: String(found.id || ""), name: String(found.name || ""), answers, prediction: found.prediction || null };
}

/** People by id: the same person's newer file takes the place of the older one. */
function merged(people, person) {
  return [...people.filter(({ id }) => id !== person.id || !id), person];
}

if (typeof module !== "undefined") {
  module.exports = { wilson, bins, summary, way, pointsOf, modelPoints, readExport, merged };
} else {
  window.llmxray = { ...window.llmxray, wilson, bins, summary, way, pointsOf, modelPoints, readExport, merged };
}
