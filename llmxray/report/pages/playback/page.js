// Playback: what the page shows finished is emptied, and fills again in recorded time.
const { score } = llmxray.outcomes;

/** Moments from the milliseconds between them. */
function moments(gaps) {
  let now = 0;
  return gaps.map((gap) => (now += gap));
}

/** How many of the rising times have come by a moment. */
function countAt(times, moment) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

/** What a reply had written by a moment: its thinking and its answer. */
function writtenAt(reply, moment, strings) {
  const written = reply.t.slice(0, countAt(moments(reply.d), moment));
  const text = (flag) => written.filter((_, at) => ((reply.r || "")[at] || "0") === flag);
  return ["1", "0"].map((flag) => text(flag).map((place) => strings[place]).join("").trimStart());
}

module.exports = { moments, countAt, clock, writtenAt };
if (typeof document === "object") {
  const { el, byId, all, percent } = llmxray.dom;
  const { load } = llmxray.shards;
  const grouped = (n) => n.toLocaleString("en").replace(/,/g, "\u202f");

  /** A button, a speed and a slider over recorded milliseconds, which begin at the end. */
  function player(root, draw) {
    const [button, speed, slider] = ["button", "select", "input"].map((tag) => root.querySelector(`.controls ${tag}`));
    const name = button.textContent;
    let [moment, end, before, playing] = [0, 0, 0, false];

    function show(to) {
      moment = Math.min(end, to);
      playing = playing && moment < end;
      root.classList.toggle("playing", playing);
      button.textContent = playing ? "Pause" : moment < end ? "Go on" : name;
      slider.value = String(end ? Math.round((1000 * moment) / end) : 1000);
      slider.setAttribute("aria-valuetext", `${clock(moment)} of ${clock(end)}`);
      draw(moment);
    }

    function tick(now) {
      if (!playing) return;
      const passed = now - before;
      before = now;
      show(moment + passed * Number(speed.value));
      requestAnimationFrame(tick);
    }

    button.addEventListener("click", () => {
      playing = !playing;
      show(playing && moment >= end ? 0 : moment);
      requestAnimationFrame((now) => {
        before = now;
        tick(now);
      });
    });
    slider.addEventListener("input", () => show((end * Number(slider.value)) / 1000));
    window.addEventListener("beforeprint", () => show(end));
    root.querySelector(".controls").hidden = false;
    return (longest) => {
      playing = false;
      moment = end = longest;
      show(end);
    };
  }

  /** The run: one mark an answer in its row, or a bar a row. */
  function startRun(root, rows) {
    const lines = all(".board .line", root).map((line, at) => ({
      times: moments(rows[at][0]), codes: rows[at][1], view: rows[at][2], shown: rows[at][1].length,
      marks: line.querySelector(".marks"), bar: line.querySelector(".fill"),
      share: line.querySelector(".num"), whole: line.querySelector(".num").textContent,
    }));
    const heads = all(".heads > div", root).map((head, view) => {
      const own = lines.filter((line) => line.view === view);
      const end = Math.max(0, ...own.map(({ times }) => times[times.length - 1]));
      const [right, of, time] = ["b", "b + span", "small"].map((tag) => head.querySelector(tag));
      const whole = score(own.map(({ codes }) => codes).join(""));
      return { own, end, right, of, time, bar: head.querySelector(".fill"), scored: whole.n };
    });
    const longest = Math.max(...heads.map(({ end }) => end));

    function draw(moment) {
      const come = root.matches(".playing") ? "fall" : "";
      for (const line of lines) {
        const { times, codes, marks, bar, whole } = line;
        const count = countAt(times, moment);
        if (count === line.shown) continue;
        const [from, to] = [count, line.shown].sort((a, b) => a - b);
        for (let at = from; marks && at < to; at += 1) marks.children[at].className = at >= count ? "off" : come;
        line.shown = count;
        const { right, n } = score(codes.slice(0, count));
        if (bar) bar.setAttribute("width", `${(100 * (n ? right : count)) / codes.length}%`);
        line.share.textContent = count === codes.length ? whole : n ? percent(right / n) : count || "";
      }
      for (const { own, end, right, of, time, bar, scored } of heads) {
        const codes = own.map((line) => line.codes.slice(0, line.shown)).join("");
        const found = score(codes);
        right.textContent = grouped(scored ? found.right : codes.length);
        of.textContent = scored ? `right of ${grouped(found.n)}` : "answers";
        time.textContent = clock(Math.min(moment, end));
        if (scored) bar.setAttribute("width", `${(100 * found.right) / scored}%`);
      }
    }

    player(root, draw)(longest);
  }

  /** One answer of each condition, in the pieces that came. */
  function startWritten(root, index, folder) {
    const lanes = all("article", root);
    const [asked, key, pick] = [".asked", ".right-answer", ".pick"].map((css) => root.querySelector(css));
    const [question, sample] = ["question", "sample"].map((name) => root.querySelector(`[name=${name}]`));
    let answers = [];
    let strings = [];

    function draw(moment) {
      lanes.forEach((lane, at) => {
        const reply = (answers[at] || [])[Number(sample.value)];
        const parts = [".thought", ".said", ".note span", "time"];
        const [thought, said, count, time] = parts.map((css) => lane.querySelector(css));
        const written = reply ? writtenAt(reply, moment, strings) : ["", ""];
        [thought.textContent, said.textContent] = written;
        thought.hidden = !written[0];
        thought.scrollTop = thought.scrollHeight;
        count.textContent = !reply ? "nothing written" : reply.n ? `${grouped(reply.n)} tokens in ` : "";
        time.textContent = reply ? clock(Math.min(moment, reply.end)) : "";
        lane.dataset.outcome = reply && moment >= reply.end ? reply.o : "";
      });
    }

    const rest = player(root, draw);
    const restart = () => rest(Math.max(0, ...answers.map((each) => each[Number(sample.value)]?.end || 0)));

    async function open(address) {
      const [name, short, right, file] = index.questions.find((each) => each[0] === address) || index.questions[0];
      const data = await load(folder + index.files[file]);
      [answers, strings] = [data.questions[name], data.strings];
      const samples = Math.max(...answers.map((each) => each.length));
      const option = (_, at) => el("option", { value: at }, String(at + 1));
      sample.replaceChildren(...Array.from({ length: samples }, option));
      sample.parentElement.hidden = samples < 2;
      asked.textContent = short;
      asked.setAttribute("href", llmxray.url.pageOf("answer.html", name));
      key.textContent = right && ` Right: ${right}`;
      if (question) question.value = name;
      restart();
    }

    root.hidden = pick.hidden = false;
    sample.addEventListener("change", restart);
    if (question) question.addEventListener("change", () => open(question.value));
    open(new URLSearchParams(location.search).get("q"));
  }

  const root = byId("run");
  load(root.dataset.index).then((index) => {
    startRun(root, index.rows);
    const written = byId("written");
    if (written) startWritten(written, index, root.dataset.index.replace(/[^/]*$/, ""));
  });
}
