"use strict";
// Recorded time, played: what is to be played in an address, and the clock that a reader starts, stops and moves.
(function () {
  const { parameters, hashOf, sampleIn } = llmxray.url;
  const { advance } = llmxray.clock;
  const MODES = ["stream", "run"];

  /** What is to be played, from the hash; what makes no sense is dropped. */
  function parsePlay(hash, speeds) {
    const given = parameters(hash);
    const speed = Number(given.get("speed"));
    return {
      mode: MODES.includes(given.get("mode")) ? given.get("mode") : "",
      sample: sampleIn(hash, Infinity),
      speed: speeds.includes(speed) ? speed : 0,
      projector: given.get("projector") === "1",
    };
  }

  /** The hash of what is played; what goes without saying is left out. */
  function formatPlay(play) {
    return hashOf({
      mode: play.mode,
      s: play.sample ? play.sample + 1 : "",
      speed: play.speed || "",
      projector: play.projector ? 1 : "",
    });
  }

  /**
   * A clock of recorded milliseconds.
   * @param {{speed: () => number, draw: () => void, ended: () => void}} how `draw` is called after every change
   */
  function makePlayer({ speed, draw, ended }) {
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let before = 0;
    let timer = 0;
    const player = { moment: 0, end: 0, playing: false, rest, toggle, seek };

    /** Frames; with reduced motion two steps a second. */
    function wait() {
      timer = still.matches ? setTimeout(() => tick(performance.now()), 500) : requestAnimationFrame(tick);
    }

    function tick(now) {
      if (!player.playing) return;
      player.moment = advance(player.moment, now - before, speed(), player.end);
      before = now;
      player.playing = player.moment < player.end;
      draw();
      if (player.playing) wait();
      else ended();
    }

    function pause() {
      player.playing = false;
      // Both, as reduced motion may have been switched since.
      clearTimeout(timer);
      cancelAnimationFrame(timer);
    }

    /** At the beginning of something else, without drawing it. */
    function rest(end) {
      pause();
      Object.assign(player, { moment: 0, end });
    }

    function toggle() {
      if (player.playing) pause();
      else if (player.end) {
        if (player.moment >= player.end) player.moment = 0;
        player.playing = true;
        before = performance.now();
        wait();
      }
      draw();
    }

    function seek(to) {
      player.moment = Math.max(0, Math.min(player.end, to));
      draw();
    }
    return player;
  }

  const api = { parsePlay, formatPlay, makePlayer };
  llmxray.player = api;
  if (typeof module === "object") module.exports = api;
})();
