// The review page: notes, where one is, the strip, the filter and the keys. It asks nobody for anything.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const FRAMES_TO_SETTLE = 8;
const NEAR = "600px";     // how far from the window a shot is made ready

// -- notes on a frame ----------------------------------------------------------------------------------------

function place(box, [x, y, w, h]) {
  for (const [side, share] of [["left", x], ["top", y], ["width", w], ["height", h]]) {
    box.style[side] = `${100 * share}%`;
  }
  box.hidden = false;
}

/** Show the box of the note that is about this moment; none while it plays. */
function showBox(take, at) {
  const box = take.querySelector(".box");
  if (!box || box.classList.contains("drawn")) return;
  const near = at === null ? null : all(".notes [data-box]", take).find((note) => (
    note.classList.contains("open") || (note.dataset.at && Math.abs(note.dataset.at - at) < 0.06)
  ));
  box.hidden = true;
  if (near) place(box, near.dataset.box.split(" ").map(Number));
}

// -- where one is --------------------------------------------------------------------------------------------

/** Scroll to something: gliding where that is near and nobody minds. */
function bring(element, block) {
  const off = Math.abs(element.getBoundingClientRect().top);
  const glides = !calm.matches && off < 2 * innerHeight;
  element.scrollIntoView({ block, behavior: glides ? "smooth" : "instant" });
  if (!glides) settle(element, block, FRAMES_TO_SETTLE);
}

/** Shots are measured only when they are near, so that a far jump misses: it is mended until it holds. */
function settle(element, block, frames) {
  requestAnimationFrame(() => {
    element.scrollIntoView({ block, behavior: "instant" });
    if (frames > 0) settle(element, block, frames - 1);
  });
}

const current = () => document.querySelector(".take[aria-current]");
const seen = (element) => element.getClientRects().length > 0;
const shown = (shot) => shot.checkVisibility?.() ?? true;

function select(take, { follow = true } = {}) {
  for (const other of all(".take[aria-current]")) if (other !== take) other.removeAttribute("aria-current");
  if (!take) return;
  take.setAttribute("aria-current", "true");
  if (!follow) return;
  take.closest("details")?.setAttribute("open", "");
  take.focus({ preventScroll: true });
  bring(take, "nearest");
}

function toTake(by) {
  const from = current();
  if (!from) { toShot(by); return; }
  const row = all(".take", from.closest(".shot, .plain")).filter(seen);
  select(row[Math.min(Math.max(0, row.indexOf(from) + by), row.length - 1)]);
}

function toShot(by) {
  const shots = all(".shot").filter(shown);
  const here = current()?.closest(".shot") || atHand(shots);
  const at = shots.indexOf(here);
  const next = current() || by < 0 ? at + by : at;
  const shot = shots[Math.min(Math.max(0, next), shots.length - 1)];
  if (shot) goTo(shot);
}

/** The shot that is looked at: the first that is not wholly above the window's middle. */
function atHand(shots) {
  return shots.find((shot) => shot.getBoundingClientRect().bottom > innerHeight / 2) || shots[0];
}

function goTo(shot) {
  const wanted = [".works > .work .take.circled", ".works > .work .take", ".take"];
  const take = wanted.map((one) => shot.querySelector(one)).find(Boolean);
  select(take, { follow: false });
  take?.focus({ preventScroll: true });
  bring(shot, "start");
  mark(shot.dataset.shot);
}

/** Mark a shot in the strip, and bring it into the strip's sight without moving the page. */
function mark(shot) {
  for (const link of all(".strip [aria-current]")) link.removeAttribute("aria-current");
  const link = document.querySelector(`.strip a[href="#shot-${CSS.escape(shot)}"]`);
  if (!link) return;
  link.setAttribute("aria-current", "location");
  const strip = one("strip");
  const { left, right } = link.getBoundingClientRect(), edge = strip.getBoundingClientRect();
  if (left < edge.left || right > edge.right) strip.scrollLeft += left - edge.left - edge.width / 3;
}

// -- the strip and the cut -----------------------------------------------------------------------------------

function atStrip(link, event) {
  const shot = document.querySelector(link.getAttribute("href").replace(/\./g, "\\."));
  const programme = document.querySelector("video.programme");
  if (programme && link.dataset.starts !== undefined) {
    programme.preload = "metadata";
    programme.currentTime = Number(link.dataset.starts) + 0.5 / (programme.dataset.fps || 24);
  }
  if (!shot) return;
  event.preventDefault();
  goTo(shot);
}

document.addEventListener("timeupdate", (event) => {
  if (!event.target.matches?.("video.programme") || event.target.paused) return;
  const begun = all(".strip [data-starts]").filter((link) => link.dataset.starts <= event.target.currentTime);
  if (begun.length) mark(begun.at(-1).getAttribute("href").slice("#shot-".length));
}, true);

document.addEventListener("play", (event) => {
  if (event.target.matches?.("video.programme")) playing?.pause();
}, true);

// -- what is clicked -----------------------------------------------------------------------------------------

const clicks = {
  ".strip a": atStrip,
  ".play": (button) => together(button.closest(".work")).toggle(),
  ".back": (button) => together(button.closest(".work")).step(-1),
  ".on": (button) => together(button.closest(".work")).step(1),
  ".goto": (button) => {
    const work = together(button.closest(".work"));
    for (const other of all(".goto.open")) other.classList.remove("open");
    button.classList.add("open");
    if (work && button.dataset.at) { work.pause(); work.seek(Number(button.dataset.at)); }
    showBox(button.closest(".take"), work ? work.time : 0);
    button.closest(".take").querySelector(".screen")?.scrollIntoView({ block: "nearest" });
  },
  ".curve": (curve, event) => {
    const { from, to, seconds } = curve.dataset;
    const drawn = curve.getBoundingClientRect();
    const x = (event.clientX - drawn.left) / drawn.width * curve.viewBox.baseVal.width;
    const work = together(curve.closest(".work"));
    if (work) { work.pause(); work.seek((x - from) / (to - from) * seconds); }
  },
  "#show-keys": () => one("keys").showModal(),
};

document.addEventListener("click", (event) => {
  for (const [wanted, act] of Object.entries(clicks)) {
    const found = event.target.closest(wanted);
    if (found) act(found, event);
  }
  const take = event.target.closest(".take");
  if (take) select(take, { follow: false });
});

document.addEventListener("input", (event) => {
  const work = together(event.target.closest(".work"));
  const to = Number(event.target.value);  // read first: pausing shows where it stands
  if (event.target.matches(".scrub")) { work.pause(); work.seek(to); }
  if (event.target.matches(".sound")) work.voice();
});

document.addEventListener("focusin", (event) => {
  const take = event.target.closest(".take");
  if (take) select(take, { follow: false });
});

document.addEventListener("error", (event) => {
  const lost = event.target;
  if (!lost.matches?.(".take img.still, .take video, .aside video")) return;
  const words = document.createElement("p");
  words.className = "lost";
  words.textContent = `${lost.alt || lost.ariaLabel}: not in the archive, or it does not decode`;
  lost.replaceWith(words);
}, true);

// -- keys ----------------------------------------------------------------------------------------------------

const WRITES = "input:not([type=checkbox]), textarea, select";
const PRESSES = "button, summary, a[href], input, select, video[controls]";
const onlyShows = () => say(
  `This page only shows. To decide: onmodel dailies ${document.body.dataset.scope}${document.body.dataset.again} --serve`,
);
const keys = {
  ArrowRight: () => toTake(1),
  ArrowLeft: () => toTake(-1),
  ArrowDown: () => toShot(1),
  ArrowUp: () => toShot(-1),
  " ": () => {
    const work = together(current()?.closest(".work"));
    const programme = document.querySelector("video.programme");
    if (work) work.toggle();
    else if (programme) { if (programme.paused) programme.play(); else programme.pause(); }
  },
  ",": () => together(current()?.closest(".work"))?.step(-1),
  ".": () => together(current()?.closest(".work"))?.step(1),
  f: () => { const box = one("only-flagged"); if (!box.disabled) box.checked = !box.checked; },
  c: onlyShows,
  r: onlyShows,
  a: onlyShows,
  n: onlyShows,
  "?": () => one("keys").showModal(),
};

const keysOn = one("keys-on");
try { keysOn.checked = localStorage.getItem("onmodel.keys") !== "off"; } catch { /* no store for this page */ }
keysOn.addEventListener("change", () => {
  try { localStorage.setItem("onmodel.keys", keysOn.checked ? "on" : "off"); } catch { /* same */ }
});

document.addEventListener("keydown", (event) => {
  const act = keys[event.key];
  if (!act || !keysOn.checked || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest(WRITES)) return;
  if (event.target.closest(".box")) return;
  if ((event.key === " " || event.key.startsWith("Arrow")) && event.target.closest(PRESSES)) {
    if (event.key === " " || event.target.closest("video, select, input")) return;
  }
  event.preventDefault();
  act();
});

// -- shots that come near ------------------------------------------------------------------------------------

/** Let a clip be loaded; a frame that stands still is shown at once. */
function load(video) {
  if (video.dataset.src) {
    video.src = video.dataset.src;
    delete video.dataset.src;
  }
  video.preload = "metadata";
  if (video.matches(".frame")) {
    const fps = Number(video.closest(".take").dataset.fps);
    video.preload = "auto";
    video.currentTime = Number(video.dataset.at) + 0.5 / fps;
  }
}

/** Let go of a clip: browsers keep only so many of them open. */
function unload(video) {
  if (!video.hasAttribute("src")) return;
  video.dataset.src = video.getAttribute("src");
  video.removeAttribute("src");
  video.load();
}

const watch = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    for (const work of all(".work", target)) {
      if (isIntersecting) together(work);
      else if (known.get(work)?.playing) known.get(work).pause();
    }
    for (const video of all("video", target)) (isIntersecting ? load : unload)(video);
  }
}, { rootMargin: NEAR });
const attend = () => { for (const shot of all(".shot")) watch.observe(shot); };
attend();
if (location.hash.startsWith("#shot-")) mark(decodeURIComponent(location.hash.slice("#shot-".length)));
