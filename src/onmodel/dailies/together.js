"use strict";
// What all pages do first: say things, and play the takes of one piece of work in step.

const all = (wanted, within = document) => [...within.querySelectorAll(wanted)];
const one = (id) => document.getElementById(id);
const DRIFT_S = 0.06;     // how far a clip may run from the others before it is set right
const READY_MS = 4000;    // how long the others wait for a clip that does not load

document.documentElement.classList.add("scripted");
const written = new Map(all("[data-part]").map((part) => [part.id, part.outerHTML]));

let quiet;
function say(words, isTrouble = false) {
  const place = one("said");
  place.textContent = words;
  place.className = isTrouble ? "shown trouble" : "shown";
  clearTimeout(quiet);
  quiet = setTimeout(() => { place.className = ""; }, isTrouble ? 20000 : 6000);
}

// -- the takes of one piece of work, playing in step ---------------------------------------------------------

class Together {
  constructor(work) {
    this.work = work;
    this.videos = all("video:not(.frame)", work);
    this.playing = false;
    this.fps = Number(work.querySelector(".take[data-fps]")?.dataset.fps) || 24;
    for (const video of this.videos) {
      video.controls = false;
      video.muted = true;
      video.addEventListener("click", () => this.toggle());
      video.addEventListener("loadedmetadata", () => this.show());
    }
  }

  get seconds() { return Math.max(0, ...this.videos.map((video) => video.duration || 0)); }
  get lead() { return this.videos.reduce((a, b) => ((b.duration || 0) > (a.duration || 0) ? b : a)); }
  get time() { return this.lead.currentTime; }

  seek(at) {
    const to = Math.min(Math.max(0, at), this.seconds || at);
    for (const video of this.videos) {
      const end = video.duration || Infinity;
      video.currentTime = Math.min(to, Math.max(0, end - 0.001));
    }
    this.show(to);
  }

  step(frames) {
    this.pause();
    // Half a frame in: exactly between two of them a browser may show either.
    this.seek((Math.floor(this.time * this.fps + 0.01) + frames + 0.5) / this.fps);
  }

  async play() {
    if (playing && playing !== this) playing.pause();
    for (const video of all("video.programme")) video.pause();
    playing = this;
    this.playing = true;
    this.label();
    for (const video of this.videos) video.preload = "auto";
    await Promise.all(this.videos.map(ready));
    if (!this.playing) return;
    if (this.time >= this.seconds - 1.5 / this.fps) this.seek(0);
    this.voice();
    for (const video of this.videos) video.play().catch(() => {});
    requestAnimationFrame(() => this.tick());
  }

  pause() {
    this.playing = false;
    for (const video of this.videos) video.pause();
    this.label();
    this.show();
  }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  tick() {
    if (!this.playing) return;
    const lead = this.lead;
    if (lead.ended) {
      if (!this.work.querySelector(".loop")?.checked) { this.pause(); return; }
      this.seek(0);
      for (const video of this.videos) video.play().catch(() => {});
    }
    for (const video of this.videos) {
      const off = Math.abs(video.currentTime - lead.currentTime);
      if (video !== lead && !video.ended && !video.seeking && off > DRIFT_S) video.currentTime = lead.currentTime;
    }
    this.show();
    requestAnimationFrame(() => this.tick());
  }

  voice() {
    const heard = this.work.querySelector(".sound")?.checked;
    const chosen = this.work.querySelector("[aria-current] video") || this.lead;
    for (const video of this.videos) video.muted = !heard || video !== chosen;
  }

  label() {
    const button = this.work.querySelector(".play");
    if (button) button.textContent = this.playing ? "Pause" : "Play";
  }

  show(at = this.time) {
    const scrub = this.work.querySelector(".scrub");
    if (scrub) {
      scrub.max = this.seconds || 1;
      scrub.value = at;
      scrub.setAttribute("aria-valuetext", `${at.toFixed(2)} seconds`);
      this.work.querySelector(".clock").textContent = `${at.toFixed(2)} s`;
    }
    for (const curve of all(".curve", this.work)) {
      const { from, to, seconds } = curve.dataset;
      const x = Number(from) + (to - from) * Math.min(1, at / seconds);
      for (const end of ["x1", "x2"]) curve.querySelector(".head").setAttribute(end, x);
    }
    for (const take of all(".take", this.work)) showBox(take, this.playing ? null : at);
  }
}

let playing = null;
const known = new WeakMap();
function together(work) {
  if (!work?.querySelector("video:not(.frame)")) return null;
  if (!known.has(work)) known.set(work, new Together(work));
  return known.get(work);
}

function ready(video) {
  if (video.readyState >= 3 || video.error) return Promise.resolve();
  return new Promise((done) => {
    for (const news of ["canplay", "error"]) video.addEventListener(news, done, { once: true });
    setTimeout(done, READY_MS);
  });
}
