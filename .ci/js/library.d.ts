// What the scripts of a page see of one another: each library under its own name.

// An object of a script may be read by any name; mapped, only by those that it has.
type Exactly<T> = { [Name in keyof T]: T[Name] };

interface Library {
  // Called by data files.
  shard(name: string, json: string): void;
  packed(name: string, text: string): Promise<void>;
  gradeWith: any;
  showSteps(steps: any): void;

  storage: Exactly<typeof import("../../llmxray/report/static/lib/storage.js")>;
  guesses: Exactly<typeof import("../../llmxray/report/static/lib/guesses.js")>;
  dom: Exactly<typeof import("../../llmxray/report/static/lib/dom.js")>;
  url: Exactly<typeof import("../../llmxray/report/static/lib/url.js")>;
  svg: Exactly<typeof import("../../llmxray/report/static/lib/svg.js")>;
  shards: Exactly<typeof import("../../llmxray/report/static/lib/shards.js")>;
  outcomes: Exactly<typeof import("../../llmxray/report/static/lib/outcomes.js")>;
  filters: Exactly<typeof import("../../llmxray/report/static/lib/filters.js")>;
  reading: Exactly<typeof import("../../llmxray/report/static/lib/reading.js")>;
  strip: Exactly<typeof import("../../llmxray/report/static/lib/strip.js")>;

  // The engine of the live page.
  wllama: any;
  wasm: string;
  inference: Exactly<typeof import("../../llmxray/report/live/inference.js")>;

  letters: Exactly<typeof import("../../llmxray/report/pages/answers/letters.js")>;
  reply: Exactly<typeof import("../../llmxray/report/pages/answers/reply.js")>;
  answerers: Exactly<typeof import("../../llmxray/report/pages/calibration/answerers.js")>;
}

declare var llmxray: Library;
