// One click a step: going on plays the step, going back shows its last frame. C shows captions, R plays again.
// A deck that speaks runs by itself, a step after the other, until it is stopped: by space, or by going back.
function deck(setup) {
  "use strict";
  const { size, captions, again, kiosk, pause, begin } = setup;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const line = document.querySelector(".deck-said");
  let shown = false, before = -1, running = kiosk, refused = false;

  const video = (slide) => slide?.querySelector(".deck-step video");
  const number = (slide) => Reveal.getSlides().indexOf(slide);

  function whenLoaded(clip, then) {
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
      clip.currentTime = 0;
      start(clip);
    });
  }

  function enter(slide) {
    const now = number(slide), clip = video(slide);
    if (clip && !Reveal.isPrintView()) {
      if (now < before) running = false;
      if (kiosk) clip.onended = () => { if (running && video(Reveal.getCurrentSlide()) === clip) Reveal.next(); };
      if (calm.matches || now < before) rest(clip);
      else play(clip);
      caption(clip);
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
  Reveal.addKeyBinding({ keyCode: 82, key: "R", description: again }, () => {
    const clip = video(Reveal.getCurrentSlide());
    if (clip) play(clip);
  });
}
