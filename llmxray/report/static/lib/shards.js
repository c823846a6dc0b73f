// Data files, and what stands in their columns.
/** Data files by name: each is a script that calls `shard(name, json)` when it runs. */
function makeStore(addScript) {
  const values = new Map();
  const waiting = new Map();

  function shard(name, json) {
    values.set(name, JSON.parse(json));
    const pending = waiting.get(name);
    if (pending) pending.resolve(values.get(name));
  }

  /** The value of a data file, loaded once; a hash stands behind its name. @returns {Promise<any>} */
  function load(path) {
    const name = path.split("/").pop().split(".")[0];
    if (values.has(name)) return Promise.resolve(values.get(name));
    if (waiting.has(name)) return waiting.get(name).promise;
    const pending = expect(name);
    addScript(path, () => {
      // Forgotten, so that who asks again tries again.
      waiting.delete(name);
      pending.reject(new Error(`The data file ${path} is missing beside this page.`));
    });
    return pending.promise;
  }

  function expect(name) {
    const pending = /** @type {any} */ ({});
    pending.promise = new Promise((resolve, reject) => Object.assign(pending, { resolve, reject }));
    waiting.set(name, pending);
    return pending;
  }

  /** The same for a large experiment: the JSON deflated, in base64. */
  function packed(name, text) {
    if (!waiting.has(name)) expect(name); // the page itself names the script: nobody has asked for it yet
    return inflated(text).then((json) => shard(name, json));
  }
  return { shard, packed, load };
}

function inflated(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let place = 0; place < raw.length; place += 1) bytes[place] = raw.charCodeAt(place);
  // Written in one piece: a stream of small ones takes twice as long.
  const inflate = new DecompressionStream("deflate");
  const writer = inflate.writable.getWriter();
  writer.write(bytes);
  writer.close();
  return new Response(inflate.readable).text();
}

const lists = new WeakMap();

/** Every question in order: its number, its address and its suite; made once. */
function listed(places) {
  if (lists.has(places)) return lists.get(places);
  const found = [];
  places.suites.forEach(([suite], number) => {
    for (let left = places.sizes[number]; left > 0; left -= 1) {
      const place = found.length;
      const id = places.id[place];
      // As item_address of llmxray.plan has it.
      found.push({ place, suite, address: suite + (id.includes("/") ? "//" : "/") + id });
    }
  });
  lists.set(places, found);
  return found;
}

function fileOf(places, place) {
  let end = 0;
  return places.files[places.counts.findIndex((count) => (end += count) > place)];
}

/** What filters, table and search know of each question; without the texts, what they would show is "". */
function records(places, codes, texts) {
  return listed(places).map((record) => {
    const { place } = record;
    return {
      ...record,
      category: codes.categories[codes.category[place]],
      text: texts ? `${texts.text[place]} ${texts.right[place]}`.toLowerCase() : "",
      cells: codes.codes.map((column, condition) => {
        const confidence = fromPermille(codes.confidence[condition][place]);
        return {
          said: texts ? texts.said[condition][place] : "",
          codes: column[place],
          confidence,
          isSure: confidence !== null && confidence >= codes.sureFrom,
          isUnsure: confidence !== null && confidence < codes.unsureBelow,
        };
      }),
    };
  });
}

/** One token per entry from the columns of a reply. */
function tokens(columns, strings) {
  const unknown = (place) => Boolean(columns.u) && columns.u[place] === "1";
  let at = 0;
  return columns.t.map((text, place) => {
    const count = typeof columns.n === "number" ? columns.n : columns.n[place];
    const top = [];
    for (let end = at + count; at < end; at += 1) {
      top.push({ text: strings[columns.a[at]], probability: fromLog(columns.b[at], 100) });
    }
    return {
      text: strings[text],
      // Null where the server sent no valid number, which is no probability of 0.
      logprob: unknown(place) ? null : columns.l[place] === null ? -Infinity : -columns.l[place] / 1000,
      probability: unknown(place) ? null : fromLog(columns.l[place], 1000),
      entropy: columns.e[place] === null ? null : columns.e[place] / 100,
      thinking: Boolean(columns.r) && columns.r[place] === "1",
      joined: Boolean(columns.m) && columns.m[place] === "1",
      top,
    };
  });
}

function fromPermille(value) {
  return value === null || value === undefined ? null : value / 1000;
}

function fromLog(value, steps) {
  return value === null ? 0 : Math.exp(-value / steps);
}

const store = makeStore((source, failed) => {
  // A page from disk may not fetch, but may add a script.
  const script = document.createElement("script");
  script.src = source;
  script.onerror = failed;
  document.head.append(script);
});
llmxray.shard = store.shard;
llmxray.packed = store.packed;
module.exports = { makeStore, load: store.load, listed, fileOf, records, tokens, fromPermille };
