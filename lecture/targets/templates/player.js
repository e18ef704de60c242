// Players of scenes, and sliders. Needs nothing, asks no server, and may be loaded twice.
(() => {
  "use strict";
  if (self.lecPlayers) return;
  self.lecPlayers = true;

  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // Browsers seek where a server answers ranges; some do not. A blob in memory can always be sought in.
  const seekable = new Map();
  function answersRanges(url) {
    const { origin, protocol } = new URL(url, location.href);
    if (!/^https?:$/.test(protocol)) return Promise.resolve(true);
    if (!seekable.has(origin)) {
      const probe = fetch(url, { headers: { Range: "bytes=0-0" } });
      seekable.set(origin, probe.then((answer) => {
        answer.body?.cancel();
        return answer.status === 206;
      }, () => true));
    }
    return seekable.get(origin);
  }

  function once(target, event) {
    return new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));
  }

  function player(figure) {
    const { rate, starts, rests, ends, said, captions, described } = JSON.parse(figure.dataset.lec);
    const video = figure.querySelector("video");
    const source = video.querySelector("source").src;
    const buttons = [...figure.querySelectorAll("[data-step]")];
    const text = figure.querySelector(".lec-said");
    let current = -1;  // the step on screen
    let until = -1;    // the step that playing rests after; -1 plays on
    let ready = null;

    // Text tracks cannot be read from a disk, so captions and descriptions come along.
    const [spoken, seen] = video.querySelectorAll("track");
    spoken.src = URL.createObjectURL(new Blob([captions], { type: "text/vtt" }));
    seen.src = URL.createObjectURL(new Blob([described], { type: "text/vtt" }));

    async function makeReady() {
      if (!await answersRanges(source)) {
        const answer = await fetch(source);
        if (answer.ok) {
          const time = video.currentTime, playing = !video.paused;
          const blob = URL.createObjectURL(await answer.blob());
          const loaded = once(video, "loadedmetadata");
          video.src = blob;
          video.load();
          await loaded;
          video.currentTime = time;
          if (playing) video.play().catch(() => {});
        }
      } else if (video.readyState < 1) {
        const loaded = once(video, "loadedmetadata");
        video.preload = "auto";
        if (video.paused) video.load();
        await loaded;
      }
    }

    function load() {
      ready ??= makeReady();
      return ready;
    }

    function show(time) {
      const k = Math.max(0, starts.findLastIndex((start) => time + 0.25 / rate >= start));
      const share = Math.min(1, (time + 1 / rate - starts[k]) / (ends[k] - starts[k]));
      buttons.forEach((button, j) => {
        button.firstElementChild.style.setProperty("--done", j < k ? 1 : j > k ? 0 : share);
      });
      if (k === current) return;
      current = k;
      buttons.forEach((button, j) => {
        if (j === k) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
      text.textContent = said[k];
    }

    async function go(k) {
      await load();
      figure.dataset.step = k;
      figure.dataset.started = "yes";
      if (calm.matches) {
        // A still for readers who turned motion off: the step's last frame.
        until = -1;
        video.pause();
        video.currentTime = rests[k];
      } else {
        until = k;
        video.currentTime = starts[k] + 0.25 / rate;
        video.play().catch(() => {});
      }
      show(video.currentTime);
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
    video.tabIndex = 0;
    ["pointerenter", "pointerdown", "focusin"].forEach((event) => frame.addEventListener(event, () => {
      video.controls = figure.dataset.started === "yes";
    }));
    ["pointerleave", "focusout"].forEach((event) => frame.addEventListener(event, (leaving) => {
      if (leaving.pointerType === "touch" || document.fullscreenElement === video) return;
      video.controls = frame.contains(leaving.relatedTarget ?? null);
    }));
    play.addEventListener("click", () => {
      until = -1;
      figure.dataset.started = "yes";
      video.controls = true;
      video.focus();
      video.play().catch(() => {});
    });

    video.addEventListener("play", () => { figure.dataset.started = "yes"; load(); requestAnimationFrame(watch); });
    video.addEventListener("timeupdate", follow);
    video.addEventListener("seeking", () => {
      // Whoever moves the time line away from the step plays on from there.
      if (until >= 0 && (video.currentTime < starts[until] || video.currentTime > ends[until])) until = -1;
      if (current >= 0 || video.currentTime > 0) show(video.currentTime);
    });
    figure.addEventListener("pointerenter", load, { once: true });
    figure.addEventListener("focusin", load, { once: true });
    buttons.forEach((button, k) => button.addEventListener("click", () => go(k)));
    figure.querySelectorAll("[data-turn]").forEach((button) => button.addEventListener("click", () => {
      go(Math.min(Math.max(current + Number(button.dataset.turn), 0), starts.length - 1));
    }));
  }

  function slider(figure) {
    const { name, rate, start, spoken, series, levels } = JSON.parse(figure.dataset.lec);
    const video = figure.querySelector("video");
    const input = figure.querySelector("input");
    const texts = [...figure.querySelectorAll("[data-lec-text]")].map((node) => [node, series[node.dataset.lecText]]);
    const bars = [...figure.querySelectorAll("[data-lec-level]")].map((node) => [node, levels[node.dataset.lecLevel]]);
    let shown = -1, wanted = start, intro = 0;

    // One seek at a time; what was wanted meanwhile comes next, so the picture never falls behind the hand.
    function seek() {
      if (video.readyState < 1 || video.seeking || wanted === shown) return;
      shown = wanted;
      video.currentTime = (wanted + 0.5) / rate;
    }
    video.addEventListener("seeked", seek);
    video.addEventListener("loadeddata", seek);

    function show(k) {
      wanted = k;
      seek();
      for (const [node, values] of texts) node.textContent = values[k];
      for (const [bar, values] of bars) bar.style.setProperty("--level", values[k]);
      input.setAttribute("aria-valuetext", spoken[k]);
      input.style.setProperty("--done", k / (spoken.length - 1));
    }

    function load() {
      if (figure.dataset.loading) return;
      figure.dataset.loading = "yes";
      const arrived = () => {
        const bytes = Uint8Array.from(atob(self.lecClips[name]), (c) => c.charCodeAt(0));
        video.preload = "auto";
        video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
      };
      if (self.lecClips?.[name]) { arrived(); return; }
      const script = document.createElement("script");
      script.src = figure.dataset.clip;
      script.onload = arrived;
      document.head.append(script);
    }

    // Once, when it is first seen: it comes from 0 to its value, which shows that it can be moved.
    function introduce() {
      if (calm.matches || intro) return;
      const began = performance.now();
      const step = (now) => {
        const t = Math.min(1, (now - began) / 2200);
        const k = Math.round(start * (1 - (1 - t) ** 3));
        input.value = k;
        show(k);
        intro = t < 1 ? requestAnimationFrame(step) : -1;
      };
      intro = requestAnimationFrame(step);
    }

    const stop = () => { cancelAnimationFrame(intro); intro = -1; };
    ["pointerdown", "keydown"].forEach((event) => input.addEventListener(event, () => { stop(); load(); }));
    input.addEventListener("input", () => { stop(); load(); show(Number(input.value)); });
    input.value = start;
    show(start);
    new IntersectionObserver((entries, observer) => {
      if (entries.some((entry) => entry.isIntersecting)) { observer.disconnect(); load(); }
    }, { rootMargin: "100%" }).observe(figure);
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      if (video.readyState >= 2) introduce();
      else video.addEventListener("loadeddata", introduce, { once: true });
    }, { threshold: 0.6 }).observe(figure.querySelector(".lec-frame"));
  }

  function start() {
    document.querySelectorAll(".lec-player, .lec-slider").forEach((figure) => {
      figure.classList.add("lec-live-figure");
      (figure.matches(".lec-player") ? player : slider)(figure);
    });
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
