// What the scripts of a page see of one another: each library under its own name.

interface Library {
  // Called by data files.
  shard(name: string, json: string): void;
  packed(name: string, text: string): Promise<void>;
  showLedger(ledger: any): void;

  storage: typeof import("../../llmxray/report/static/lib/storage.js");
  dom: typeof import("../../llmxray/report/static/lib/dom.js");
  url: typeof import("../../llmxray/report/static/lib/url.js");
  svg: typeof import("../../llmxray/report/static/lib/svg.js");
  stats: typeof import("../../llmxray/report/static/lib/stats.js");
  scroll: typeof import("../../llmxray/report/static/lib/scroll.js");
  shards: typeof import("../../llmxray/report/static/lib/shards.js");
  outcomes: typeof import("../../llmxray/report/static/lib/outcomes.js");
  clock: typeof import("../../llmxray/report/static/lib/clock.js");
  filters: typeof import("../../llmxray/report/static/lib/filters.js");
  reading: typeof import("../../llmxray/report/static/lib/reading.js");
  tokens: typeof import("../../llmxray/report/static/lib/tokens.js");

  diff: typeof import("../../llmxray/report/pages/answers/diff.js");
  listing: typeof import("../../llmxray/report/pages/answers/listing.js");
  player: typeof import("../../llmxray/report/pages/answers/player.js");
  reply: typeof import("../../llmxray/report/pages/answers/reply.js");
  rescale: typeof import("../../llmxray/report/pages/answers/rescale.js");
  rows: typeof import("../../llmxray/report/pages/answers/rows.js");
  stage: typeof import("../../llmxray/report/pages/answers/stage.js");
  xray: typeof import("../../llmxray/report/pages/answers/xray_facts.js");
  answerers: typeof import("../../llmxray/report/pages/calibration/answerers.js");
  reliability: typeof import("../../llmxray/report/pages/calibration/reliability.js");
  yourself: typeof import("../../llmxray/report/pages/calibration/yourself_result.js");
  ranking: typeof import("../../llmxray/report/pages/choose/ranking.js");
  board: typeof import("../../llmxray/report/pages/ledger/board.js");
  radar: typeof import("../../llmxray/report/pages/ledger/radar.js");
  profile: typeof import("../../llmxray/report/pages/ledger/profile.js");
}

declare var llmxray: Library;
