"use strict";
// Calibration of people and models on the same questions; the definitions are those of llmxray.metrics.
(function () {
  const { mean, wilson, bins } = llmxray.stats;
  const N_BINS = 5;

  /**
   * Everything that is said of one answerer; null where there is nothing to say.
   * @param {{confidence: number | null, correct: boolean}[]} points
   */
  function summary(points) {
    const n = points.length;
    const hits = points.filter(({ correct }) => correct).length;
    const sure = points.filter(({ confidence }) => confidence !== null);
    const made = bins(sure, N_BINS);
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

  /** A person's export. */
  function exportOf({ id, name, prediction, answers }, { experiment, questions_sha256 }) {
    return { format: "llmxray-yourself", version: 1, experiment, questions_sha256, id, name, prediction, answers };
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
    const { id = "", name = "", prediction = null } = found;
    return { id: String(id), name: String(name), answers, prediction };
  }

  /** People by id: the same person's newer file takes the place of the older one. */
  function merged(people, person) {
    return [...people.filter(({ id }) => id !== person.id || !id), person];
  }

  const api = { summary, way, pointsOf, modelPoints, exportOf, readExport, merged };
  llmxray.answerers = api;
  if (typeof module === "object") module.exports = api;
})();
