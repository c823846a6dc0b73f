// Calibration of a reader and of models on the same questions; a test compares it with llmxray.metrics.
const { percent } = llmxray.dom;
const N_BINS = 5;
/** 97.5% quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Wilson's 95% confidence interval of a share; null without trials. */
function wilson(right, n) {
  if (!n) return null;
  const p = right / n;
  const scale = 1 + (Z * Z) / n;
  const centre = p + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  // At the ends exactly 0 and 1: a rounding error would be shown as "<1%".
  return [right === 0 ? 0 : (centre - half) / scale, right === n ? 1 : (centre + half) / scale];
}

/** Number of the bin (low, high] that holds a confidence; 0 belongs to the first. */
function binOf(confidence) {
  // 0.6 × 5 comes out above 3, and must stay in the third bin.
  return Math.max(0, Math.ceil(Number((confidence * N_BINS).toFixed(9))) - 1);
}

function bins(points) {
  return Array.from({ length: N_BINS }, (_, place) => place).flatMap((place) => {
    const inside = points.filter(({ confidence }) => binOf(confidence) === place);
    if (!inside.length) return [];
    const hits = inside.filter(({ correct }) => correct).length;
    const n = inside.length;
    const confidence = mean(inside.map((point) => point.confidence));
    return [{ n, confidence, accuracy: hits / n, interval: wilson(hits, n) }];
  });
}

/** Everything that is said of one answerer, from points of {confidence or null, correct}. */
function summary(points) {
  const n = points.length;
  const hits = points.filter(({ correct }) => correct).length;
  const sure = points.filter(({ confidence }) => confidence !== null);
  const filled = bins(sure);
  const gaps = filled.map((bin) => Math.abs(bin.confidence - bin.accuracy));
  return {
    n,
    hits,
    accuracy: n ? hits / n : null,
    interval: wilson(hits, n),
    confidence: sure.length ? mean(sure.map(({ confidence }) => confidence)) : null,
    gap: sure.length ? mean(sure.map(({ confidence, correct }) => confidence - Number(correct))) : null,
    ece: sure.length ? filled.reduce((sum, bin, place) => sum + (bin.n / sure.length) * gaps[place], 0) : null,
    moduleAverage: filled.length ? mean(gaps) : null,
    bins: filled,
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
  return questions.filter(({ id }) => answers[id]).map(({ id, answer }) =>
    ({ confidence: answers[id][1] / 100, correct: answers[id][0] === answer }));
}

function modelPoints(place, answers, questions) {
  return questions.flatMap((question) => {
    const [correct, confidence] = question.models[place];
    if (!answers[question.id] || correct === null) return [];
    return [{ confidence: confidence === null ? null : confidence / 1000, correct: correct === 1 }];
  });
}

function headline(me, models) {
  const fewer = models.filter(({ about }) => about.accuracy !== null && about.accuracy < me.accuracy).length;
  const points = Math.abs(Math.round(me.gap * 100));
  const by = `by ${points} ${points === 1 ? "point" : "points"}`;
  const finding = {
    over: `you are overconfident, ${by}`,
    under: `you are underconfident, ${by}`,
    "": `with ${me.n} answers it is inconclusive whether you are over- or underconfident`,
  }[way(me)];
  const [low, high] = me.interval.map(percent);
  return (
    `You got ${me.hits} of ${me.n} right (${percent(me.accuracy)}, 95% ${low} to ${high}) and were ` +
    `${percent(me.confidence)} sure on average: ${finding}. ${fewer} of ${models.length} conditions got fewer right.`
  );
}

/** What was predicted beside what happened; nothing of what was left empty. */
function predicted({ best, right, way: expected, text, at }, me, models) {
  const top = Math.max(...models.map(({ about }) => about.accuracy || 0));
  const leaders = models.filter(({ about }) => about.accuracy === top).map(({ label }) => label);
  const guess = models.find(({ id }) => id === best);
  const confident = way(me) ? `you are ${way(me)}confident` : "with so few answers it is inconclusive";
  return [
    text && `On ${at.slice(0, 10)} you wrote: ${text}`,
    guess && `Most accurate: you said ${guess.label}; on these questions it is ${leaders.join(" and ")}.`,
    right && `Your own score: you said ${right}; it is ${me.hits} of ${me.n}.`,
    expected && `You expected to be ${expected}confident; ${confident}.`,
  ].filter(Boolean);
}

module.exports = { wilson, summary, way, pointsOf, modelPoints, headline, predicted };
