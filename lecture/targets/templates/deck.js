// One click a step: going on plays the step, going back shows its last frame. C shows captions, R plays again, K pauses
// and goes on, L plays in a loop, A runs by itself, as from the next step on. Every window of the deck follows a key.
// A deck that speaks runs by itself, a step after the other, until it is stopped: by space, or by going back.
function deck(setup) {
  "use strict";
  const { size, captions, again, kiosk, pause, loop, run, begin } = setup;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const line = document.querySelector(".deck-said");
  let shown = false, before = -1, running = kiosk, refused = false;

  const video = (slide) => slide?.querySelector(".deck-step video");
  const number = (slide) => Reveal.getSlides().indexOf(slide);

  // Browsers seek where a server answers ranges; elsewhere, in a blob. A cache would answer them for any server.
  let ranges = null;
  function answersRanges(url) {
    if (!/^https?:$/.test(url.protocol)) return Promise.resolve(true);
    ranges ??= fetch(url, { headers: { Range: "bytes=0-0" }, cache: "no-store" }).then((answer) => {
      answer.body?.cancel();
      return answer.status === 206;
    }, () => true);
    return ranges;
  }

  const made = new WeakMap();
  function seekable(clip) {
    if (!made.has(clip)) made.set(clip, makeSeekable(clip));
    return made.get(clip);
  }

  async function makeSeekable(clip) {
    const url = new URL(clip.getAttribute("src") ?? clip.dataset.src, location.href);
    if (await answersRanges(url)) return;
    const film = await fetch(url).then((answer) => answer.ok ? answer.blob() : null, () => null);
    if (!film) return;
    clip.addEventListener("error", () => { clip.src = url; }, { once: true });  // where a host forbids blobs
    clip.removeAttribute("data-src");  // reveal.js would load that again
    clip.src = URL.createObjectURL(film);
  }

  async function whenLoaded(clip, then) {
    await seekable(clip);
    if (clip.readyState >= 2) then();
    else clip.addEventListener("loadeddata", then, { once: true });
  }

  function rest(clip) {
    whenLoaded(clip, () => {
      clip.pause();
      const rest = Number(clip.dataset.rest);  // well inside the picture that stays
      const stays = 2 * rest - clip.duration - 0.001;
      let painted = false;
      clip.requestVideoFrameCallback?.(function look(now, frame) {
        painted = frame.mediaTime >= stays;
        if (!painted) clip.requestVideoFrameCallback(look);
      });
      // Chromium may not paint what was sought for while the slide was hidden: again, until it is seen.
      const seek = (times) => {
        if (painted || !clip.paused || video(Reveal.getCurrentSlide()) !== clip) return;
        clip.currentTime = rest - 0.001 * (times % 2);
        if (times) setTimeout(seek, 150, times - 1);
      };
      seek(9);
    });
  }

  function start(clip) {
    refused = false;
    clip.play().catch((error) => {
      if (!kiosk || error.name !== "NotAllowedError") return;
      running = false;  // a browser speaks only once somebody has pressed something
      refused = true;
      line.textContent = begin;
      line.hidden = false;
    });
  }

  function play(clip) {
    whenLoaded(clip, () => {
      if (video(Reveal.getCurrentSlide()) !== clip) return;
      clip.currentTime = 0;
      start(clip);
    });
  }

  function enter(slide) {
    const now = number(slide), clip = video(slide);
    if (clip && !Reveal.isPrintView()) {
      if (now < before) running = false;
      clip.dataset.loops ??= clip.loop ? "yes" : "";
      clip.loop = clip.dataset.loops === "yes" && !running;
      clip.onended = () => { if (running && video(Reveal.getCurrentSlide()) === clip) Reveal.next(); };
      if (calm.matches || now < before) rest(clip);
      else play(clip);
      caption(clip);
      const next = video(Reveal.getSlides()[now + 1]);
      if (next) seekable(next);
    }
    before = now;
  }

  function caption(clip) {
    const cues = JSON.parse(clip.parentElement.dataset.captions);
    const draw = () => {
      if (refused || video(Reveal.getCurrentSlide()) !== clip) return;
      const cue = cues.findLast((c) => clip.currentTime >= c.start);
      line.textContent = cue ? cue.lines.join("\n") : "";
      line.hidden = !shown;
    };
    clip.ontimeupdate = draw;
    draw();
  }

  Reveal.initialize({
    ...size,
    margin: 0,
    center: false,
    controls: false,
    progress: true,
    hash: true,
    navigationMode: "linear",  // the right arrow goes to the next step, too
    transition: "none",
    backgroundTransition: "none",
    autoPlayMedia: false,      // enter() plays: going back is to rest
    pdfSeparateFragments: false,
    plugins: [RevealNotes],
  });
  Reveal.on("ready", () => {
    if (Reveal.isPrintView()) {
      for (const still of document.querySelectorAll(".deck-still")) still.loading = "eager";
    }
    enter(Reveal.getCurrentSlide());
  });
  Reveal.on("slidechanged", (event) => enter(event.currentSlide));
  Reveal.addKeyBinding({ keyCode: 67, key: "C", description: captions }, () => {
    shown = !shown;
    line.hidden = !shown && !refused;
  });
  if (kiosk) Reveal.addKeyBinding({ keyCode: 32, key: "Space", description: pause }, () => {
    const clip = video(Reveal.getCurrentSlide());
    if (!clip) return;
    running = clip.paused;
    line.hidden = !shown;
    if (!running) clip.pause();
    else if (clip.ended) Reveal.next();
    else start(clip);
  });

  const acts = {
    again: play,
    pause(clip) {
      if (!clip.paused) clip.pause();
      else if (clip.ended) play(clip);
      else start(clip);
    },
    loop(clip) {
      clip.loop = !clip.loop;
      if (clip.loop && clip.paused) play(clip);
    },
    run(clip) {
      running = !running;
      if (!running) return;
      clip.loop = false;
      if (clip.paused) Reveal.next();
    },
  };
  function act(name) {
    const clip = video(Reveal.getCurrentSlide());
    if (clip) acts[name](clip);
  }
  // The speaker's window has copies of the slides; what a key does there is to be seen on the wall.
  const channel = new BroadcastChannel(`deck ${location.pathname}`);
  channel.onmessage = ({ data }) => act(data);
  for (const [key, name, description] of [
    ["R", "again", again], ["K", "pause", pause], ["L", "loop", loop], ["A", "run", run],
  ]) {
    Reveal.addKeyBinding({ keyCode: key.charCodeAt(0), key, description }, () => {
      act(name);
      channel.postMessage(name);
    });
  }
}
