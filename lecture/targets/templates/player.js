// Players of scenes. Needs nothing, asks no server, and may be loaded twice.
(() => {
  "use strict";
  if (self.lecPlayers) return;
  self.lecPlayers = true;

  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // A sandboxed frame may load no font file: an embedded scene has its font once more inside a style sheet.
  const own = document.querySelector('link[href="embed.css"]');
  if (own && self.origin === "null") {
    const inside = own.cloneNode();
    inside.href = "font.css";
    own.after(inside);
  }

  // Browsers seek where a server answers ranges; some do not. A blob in memory can always be sought in.
  const seekable = new Map();
  function answersRanges(url) {
    const { origin, protocol } = new URL(url, location.href);
    if (!/^https?:$/.test(protocol)) return Promise.resolve(true);
    if (!seekable.has(origin)) {
      const probe = fetch(url, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
      seekable.set(origin, probe.then((answer) => {
        answer.body?.cancel();
        return answer.status === 206;
      }, () => {
        seekable.delete(origin);  // that it failed tells nothing
        return false;
      }));
    }
    return seekable.get(origin);
  }

  function once(target, event) {
    return new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));
  }

  let playing = null;  // one film at a time

  function player(figure) {
    const { slug, rate, starts, rests, ends, said, captions, described } = JSON.parse(figure.dataset.lec);
    const video = figure.querySelector("video"), tag = video.querySelector("source"), source = tag.src;
    const buttons = [...figure.querySelectorAll("[data-step]")];
    const bar = [...figure.querySelectorAll(".lec-steps button")];
    const text = figure.querySelector(".lec-said");
    let current = -1;   // the step on screen
    let until = -1;     // the step that playing rests after; -1 plays on
    let ready = null;
    let still = null;   // what is shown where there is no film
    let trying = false; // whether another address of the film is tried

    // Text tracks cannot be read from a disk or in a sandbox, so captions and descriptions come along.
    if (self.origin === "null") {
      const [spoken, seen] = video.querySelectorAll("track");
      spoken.src = URL.createObjectURL(new Blob([captions], { type: "text/vtt" }));
      seen.src = URL.createObjectURL(new Blob([described], { type: "text/vtt" }));
    }

    // Whether an address of the film can be played; it goes on from where it was.
    async function from(address) {
      const time = video.currentTime, goesOn = !video.paused;
      const works = Promise.race([
        once(video, "loadedmetadata").then(() => true), once(video, "error").then(() => false),
      ]);
      trying = true;
      video.preload = "auto";
      video.src = address;
      video.load();
      const could = await works;
      trying = false;
      if (could && time) video.currentTime = time;
      if (could && goesOn && playing === video) video.play().catch(() => {});
      return could;
    }

    async function makeReady() {
      if (!await answersRanges(source)) {
        const film = await fetch(source).then((answer) => answer.ok ? answer.blob() : null, () => null);
        // A host may forbid blobs: then it plays, and going back is up to its server.
        if (film && await from(URL.createObjectURL(film))) return;
        if (!await from(source)) fail();
      } else if (video.readyState < 1) {
        if (!video.paused) await once(video, "loadedmetadata");
        else if (!await from(source)) fail();
      }
    }

    function load() {
      ready ??= makeReady();
      return ready;
    }

    // Without its film it shows the stills, and says so.
    function fail() {
      if (still || trying) return;
      still = document.createElement("img");
      still.className = "lec-still";
      still.alt = "";
      figure.querySelector(".lec-frame").append(still);
      figure.dataset.failed = figure.dataset.started = "yes";
      current = -1;
      show(rests[Math.max(0, until)]);
      text.textContent = figure.dataset.missing;
    }

    function show(time) {
      const k = Math.max(0, starts.findLastIndex((start) => time + 0.25 / rate >= start));
      const share = Math.min(1, (time + 1 / rate - starts[k]) / (ends[k] - starts[k]));
      buttons.forEach((button, j) => {
        button.firstElementChild.style.setProperty("--done", j < k ? 1 : j > k ? 0 : share);
      });
      light(k, time);
      if (k === current) return;
      current = k;
      buttons.forEach((button, j) => {
        if (j === k) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
      text.textContent = said[k];
      if (still) still.src = new URL(`${String(k + 1).padStart(2, "0")}.webp`, source);
    }

    async function go(k, plays = true) {
      await load();
      figure.dataset.step = k;
      figure.dataset.started = "yes";
      text.setAttribute("aria-live", "polite");  // a step is read out; a film that plays on speaks itself
      if (still) {
        show(rests[k]);
      } else if (calm.matches || !plays) {
        // A still for readers who turned motion off: the step's last frame.
        until = -1;
        video.pause();
        video.currentTime = rests[k];
        show(rests[k]);
      } else {
        until = k;
        video.currentTime = starts[k] + 0.25 / rate;
        video.play().catch(() => {});
        show(video.currentTime);
      }
    }

    // Beside the film its words: a click plays their step, and the sentence that is being said is lit.
    const segmenter = self.Intl?.Segmenter && new Intl.Segmenter(document.documentElement.lang || "en", { granularity: "sentence" });
    const lines = [...(figure.closest("article")?.querySelectorAll(".transcript > li > p") ?? [])];
    const sentences = lines.map((line, k) => {
      const parts = segmenter ? [...segmenter.segment(line.textContent)].map((part) => part.segment) : [line.textContent];
      line.replaceChildren(...parts.map((part) => Object.assign(document.createElement("span"), { textContent: part })));
      line.addEventListener("click", () => { if (getSelection().isCollapsed) step(k); });
      return [...line.children];
    });
    const letters = (text) => text.replace(/\s/g, "").length;
    const seconds = (clock) => clock.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
    const cues = lines.length ? captions.split("\n\n").slice(1).map((cue) => {
      const [times, ...words] = cue.split("\n"), [start, end] = times.split(" --> ").map(seconds);
      return { start, end, length: letters(words.join("")) };
    }) : [];

    function light(k, time) {
      if (!sentences[k]) return;
      let said = 0;  // letters of the step
      for (const { start, end, length } of cues) {
        if (start >= starts[k] - 0.5 / rate && start < ends[k]) said += length * Math.min(1, Math.max(0, (time - start) / (end - start)));
      }
      let at = 0;
      const parts = sentences[k], now = parts.find((part) => (at += letters(part.textContent)) > said + 0.5) ?? parts.at(-1);
      sentences.flat().forEach((part) => part.classList.toggle("lit", part === now));
    }

    function step(k) {
      go(k);
      try {
        history.replaceState(history.state, "", `#${slug}/${k + 1}`);
      } catch { /* a page without an address */ }
    }

    function follow() {
      show(video.currentTime);
      if (until >= 0 && !video.seeking && video.currentTime >= rests[until]) {
        const k = until;
        until = -1;
        video.pause();
        // A step ends with a picture that stays, so that it may stop a little late; if it was too late, back.
        if (video.currentTime > ends[k] - 1 / rate) video.currentTime = rests[k];
      }
    }

    function watch() {
      follow();
      if (!video.paused) requestAnimationFrame(watch);
    }

    // The browser's own controls, but only under the hand: they would lie over the picture.
    const frame = figure.querySelector(".lec-frame"), play = figure.querySelector(".lec-play");
    video.controls = false;
    ["pointerenter", "pointerdown", "focusin"].forEach((event) => frame.addEventListener(event, () => {
      video.controls = figure.dataset.started === "yes" && !still;
    }));
    ["pointerleave", "focusout"].forEach((event) => frame.addEventListener(event, (leaving) => {
      if (leaving.pointerType === "touch" || document.fullscreenElement === video) return;
      video.controls = frame.contains(leaving.relatedTarget ?? null);
    }));
    play.addEventListener("click", () => {
      until = -1;
      text.setAttribute("aria-live", "off");
      if (video.ended) video.currentTime = 0;
      figure.dataset.started = "yes";
      video.controls = true;
      video.tabIndex = 0;
      video.focus();
      video.play().catch(() => {});
    });

    video.addEventListener("play", () => {
      if (playing !== video) playing?.pause();
      playing = video;
      figure.dataset.started = "yes";
      video.tabIndex = 0;
      load();
      requestAnimationFrame(watch);
    });
    video.addEventListener("ended", () => {
      play.querySelector("b").textContent = figure.dataset.again;
      play.setAttribute("aria-label", figure.dataset.again);
      video.controls = false;
      delete figure.dataset.started;
    });
    ["playing", "seeked"].forEach((event) => video.addEventListener(event, () => { figure.dataset.seen = "yes"; }));
    [tag, video].forEach((part) => part.addEventListener("error", fail));
    video.addEventListener("timeupdate", follow);
    video.addEventListener("seeking", () => {
      // Whoever moves the time line away from the step plays on from there.
      if (until >= 0 && (video.currentTime < starts[until] || video.currentTime > ends[until])) until = -1;
      if (current >= 0 || video.currentTime > 0) show(video.currentTime);
    });
    new IntersectionObserver((entries) => {
      if (!entries.at(-1).isIntersecting && document.pictureInPictureElement !== video) video.pause();
    }).observe(video);
    figure.addEventListener("pointerenter", load, { once: true });
    figure.addEventListener("focusin", load, { once: true });

    // The steps are one stop of the Tab key; arrows go along them.
    function stop(at) {
      bar.forEach((button) => { button.tabIndex = button === at ? 0 : -1; });
    }
    stop(bar.at(-1));
    figure.querySelector(".lec-steps").addEventListener("keydown", (event) => {
      const at = bar.indexOf(document.activeElement), { length } = bar;
      const to = { ArrowRight: (at + 1) % length, ArrowLeft: (at + length - 1) % length, Home: 0, End: length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      stop(bar[to]);
      bar[to].focus();
    });
    bar.forEach((button) => button.addEventListener("click", () => stop(button)));
    buttons.forEach((button, k) => button.addEventListener("click", () => step(k)));
    figure.querySelectorAll("[data-turn]").forEach((button) => button.addEventListener("click", () => {
      step(Math.min(Math.max(current + Number(button.dataset.turn), 0), starts.length - 1));
    }));

    // A link to a step: #scene/step.
    function visit() {
      const [, name, number] = /^#(.+)\/(\d+)$/.exec(location.hash) ?? [];
      if (name !== slug || !said[number - 1]) return;
      figure.scrollIntoView({ block: "center", behavior: "instant" });
      go(number - 1, false);
    }
    addEventListener("hashchange", visit);
    visit();
  }

  function start() {
    document.querySelectorAll(".lec-player").forEach((figure) => {
      if (!figure.querySelector("video")) return;  // a host's parser has taken it apart
      figure.classList.add("lec-live-figure");
      player(figure);
    });
  }
  // In a frame: how tall it would be, for the page around it.
  if (parent !== self) {
    new ResizeObserver(() => {
      const { body } = document, frame = body.querySelector(".lec-frame");
      const missing = frame ? body.clientWidth * 9 / 16 - frame.offsetHeight : 0;  // a low frame makes the picture smaller
      parent.postMessage({ type: "lecture-height", height: Math.ceil(body.scrollHeight + missing) }, "*");
    }).observe(document.documentElement);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
