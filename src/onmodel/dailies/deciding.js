// Decisions: only on a page that the review server serves. Every one names what was seen on the page.

const { token } = document.body.dataset;
const by = one("by");
try { by.value = localStorage.getItem("onmodel.by") || by.value; } catch { /* no store for this page */ }
by.addEventListener("change", () => {
  try { localStorage.setItem("onmodel.by", by.value); } catch { /* same */ }
});
history.replaceState(null, "", location.pathname + location.hash);  // the token stays out of the history

class Refused extends Error {}

async function ask(path, body) {
  const told = body && { method: "POST", body: JSON.stringify({ ...body, by: by.value }) };
  const headers = { "X-Onmodel-Token": token, "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(path, { ...told, headers });
  } catch {
    throw new Refused("The review server does not answer any more. What was decided before is kept.");
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused([found.error || `refused (${answer.status})`, found.hint].filter(Boolean).join(" "));
  return found;
}

/** Decide, say what came of it, and show the page as it stands after it. */
async function decide(path, body) {
  say("One moment …");
  try {
    say((await ask(path, body)).said);
    await refresh();
    watchFilming();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await refresh().catch(() => {});
    say(error.message, true);
  }
}

/** Put in place what the server shows otherwise by now; whatever is the same stays, and plays on. */
async function refresh() {
  const answer = await fetch(location.pathname, { cache: "no-store" });
  if (!answer.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = all("[data-part]", now);
  const names = new Set(fresh.map((part) => part.id));
  for (const part of all("[data-part]")) if (!names.has(part.id)) part.remove();
  const behind = fresh.map((part) => part.previousElementSibling?.id);  // before any is moved
  const here = current()?.id;
  const marked = document.querySelector(".strip [aria-current]")?.closest("a").getAttribute("href").slice("#shot-".length);
  fresh.forEach((part, i) => {
    const text = part.outerHTML;
    const old = one(part.id);
    if (written.get(part.id) === text && old) return;
    if (old?.contains(noting)) return;  // somebody is writing there: it is shown the next time
    written.set(part.id, text);
    put(part, old, behind[i]);
  });
  attend();
  const filter = one("only-flagged");
  filter.disabled = !document.querySelector(".shot.flagged");
  if (filter.disabled) filter.checked = false;  // or all would be hidden, by a filter that nobody can lift
  if (here && one(here)) select(one(here), { follow: document.activeElement === document.body });
  const shot = marked || current()?.closest(".shot")?.dataset.shot;
  if (shot) mark(shot);
}

/** Put a part in the place of its older self; a new one behind what it stands behind, or first. */
function put(part, old, behind) {
  const place = part.parentElement.id ? one(part.parentElement.id) : document.querySelector(part.parentElement.localName);
  const now = document.adoptNode(part);
  if (!old) {
    if (behind && one(behind)) one(behind).after(now);
    else place.prepend(now);
    return;
  }
  const open = all("details", old).map((details) => details.open);
  if (playing && old.contains(playing.work)) playing.pause();
  old.replaceWith(now);
  all("details", now).forEach((details, i) => { if (open[i]) details.open = true; });
}

// -- what is decided about -----------------------------------------------------------------------------------

/** The take that is meant, with all by which the server knows it again. */
function meant(take) {
  const { scope, subject, stage, title } = take.closest(".work").dataset;
  const { n, basis, media } = take.dataset;
  return { scope, subject, stage, title, n: Number(n), basis, media };
}

function decidable() {
  const take = current();
  if (!take) say("Choose a take first: with the arrow keys, or click it.");
  else if (take.dataset.current === undefined) say("This take is of an earlier text: it cannot go into the cut.", true);
  else return take;
  return null;
}

function circle(take) {
  decide("/api/circle", meant(take));
}

function approve(take) {
  if (take.dataset.awaits) decide("/api/approve", meant(take));
  else say("Nobody is asked to approve this take.");
}

// -- a retake ------------------------------------------------------------------------------------------------

const retaking = one("retake");
let retaken = null;

function retake(work) {
  const { scope, subject, stage, basis, title } = work.dataset;
  retaken = { scope, subject, stage, basis };
  one("retake-title").textContent = `Retake ${title}`;
  one("problem").value = "";
  one("retake-note").value = "";
  showRemedy();
  retaking.showModal();
}

async function showRemedy() {
  const place = one("remedy");
  place.textContent = "";
  const asked = new URLSearchParams({ ...retaken, problem: one("problem").value });
  try {
    place.textContent = (await ask(`/api/remedy?${asked}`)).said;
  } catch (error) {
    place.textContent = error.message;
  }
}

one("problem").addEventListener("change", showRemedy);
retaking.addEventListener("submit", (event) => {
  event.preventDefault();
  const isOrder = event.submitter?.value === "order";
  retaking.close();
  if (isOrder) decide("/api/retake", { ...retaken, problem: one("problem").value || null, note: one("retake-note").value });
});

// -- a note on a frame ---------------------------------------------------------------------------------------

const noting = one("note");
let noted = null;  // the take, and the box on it

function note(take) {
  endNote();
  const work = together(take.closest(".work"));
  work?.pause();
  const box = take.querySelector(".box");
  noted = { take, box, drawn: null, at: work && take.querySelector("video") ? work.time : null };
  box.classList.add("drawn");
  box.hidden = true;
  const screen = take.querySelector(".screen");
  screen.classList.add("drawing");
  screen.tabIndex = 0;
  screen.setAttribute("role", "application");
  screen.setAttribute("aria-label", "Box on the picture: arrow keys move it, with Shift they size it, Delete removes it");
  screen.after(noting);
  noting.hidden = false;
  one("note-title").textContent = noted.at === null ? "Note" : `Note at ${noted.at.toFixed(2)} s`;
  one("note-whole").closest("label").hidden = noted.at === null;
  one("note-whole").checked = false;
  one("note-text").value = "";
  one("note-text").focus();
}

function endNote() {
  if (!noted) return;
  const screen = noted.box.closest(".screen");
  screen.classList.remove("drawing");
  for (const name of ["tabindex", "role", "aria-label"]) screen.removeAttribute(name);
  noted.box.classList.remove("drawn");
  noted.box.hidden = true;
  noting.hidden = true;
  document.body.append(noting);  // out of the part that may be shown anew
  noted = null;
}

function draw(x, y, w, h) {
  const cut = (share) => Math.round(1000 * Math.min(1, Math.max(0, share))) / 1000;
  noted.drawn = [cut(x), cut(y), cut(Math.min(w, 1 - x)), cut(Math.min(h, 1 - y))];
  place(noted.box, noted.drawn);
}

document.addEventListener("pointerdown", (event) => {
  const screen = event.target.closest(".screen.drawing");
  if (!screen || !noted) return;
  event.preventDefault();
  const frame = screen.getBoundingClientRect();
  const share = (news) => [
    Math.min(1, Math.max(0, (news.clientX - frame.left) / frame.width)),
    Math.min(1, Math.max(0, (news.clientY - frame.top) / frame.height)),
  ];
  const from = share(event);
  const move = (news) => {
    const to = share(news);
    const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    const [w, h] = [Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
    if (noted && w > 0.01 && h > 0.01) draw(x, y, w, h);
  };
  const end = () => {
    removeEventListener("pointermove", move);
    if (noted) one("note-text").focus();
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end, { once: true });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && noted) { endNote(); return; }
  if (!noted || !event.target.matches(".screen.drawing")) return;
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [0, 0];
  if (event.key === "Delete") { noted.drawn = null; noted.box.hidden = true; }
  else if (!dx && !dy) return;
  event.preventDefault();
  if (event.key === "Delete") return;
  const step = 0.02;
  const [x, y, w, h] = noted.drawn || [0.35, 0.35, 0.3, 0.3];
  if (event.shiftKey) draw(x, y, Math.max(step, w + dx * step), Math.max(step, h + dy * step));
  else draw(Math.min(1 - w, Math.max(0, x + dx * step)), Math.min(1 - h, Math.max(0, y + dy * step)), w, h);
}, true);

noting.addEventListener("submit", (event) => {
  event.preventDefault();
  const { take, drawn, at } = noted;
  const at_s = at === null || one("note-whole").checked ? null : Math.round(1000 * at) / 1000;
  const body = { ...meant(take), text: one("note-text").value, box: drawn, at_s };
  endNote();
  take.focus({ preventScroll: true });
  decide("/api/note", body);
});
one("note-cancel").addEventListener("click", endNote);

// -- filming what is to be filmed ----------------------------------------------------------------------------

const LOOK_EVERY_MS = 1000;
let filming = false;

async function film() {
  try {
    say((await ask("/api/film", {})).said);
    watchFilming();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message, true);
  }
}

async function watchFilming() {
  if (filming) return;
  filming = true;
  let told = false;  // whether it was seen running: how an earlier run ended is no news
  for (;;) {
    let found;
    try {
      found = await ask("/api/film");
    } catch (error) {
      say(error.message, true);
      break;
    }
    told ||= found.running;
    one("filming").textContent = found.running ? `Filming: ${found.line}` : "";
    one("desk").classList.toggle("busy", found.running);
    if (!found.running) {
      if (told && found.said) {
        await refresh().catch(() => {});
        say(found.said, found.failed);
      }
      break;
    }
    await new Promise((done) => { setTimeout(done, LOOK_EVERY_MS); });
  }
  filming = false;
}
watchFilming();

// -- buttons and keys ----------------------------------------------------------------------------------------

const acts = {
  circle: (button) => circle(button.closest(".take")),
  approve: (button) => approve(button.closest(".take")),
  note: (button) => note(button.closest(".take")),
  retake: (button) => retake(button.closest(".work")),
  film: () => film(),
  "approve-cut": () => {
    const { media } = document.querySelector("video.programme").dataset;
    decide("/api/approve", { scope: document.body.dataset.scope, stage: "cut", media });
  },
};
clicks["[data-do]"] = (button, event) => { event.preventDefault(); acts[button.dataset.do](button); };
Object.assign(keys, {
  c: () => { const take = decidable(); if (take) circle(take); },
  r: () => { const take = decidable(); if (take) retake(take.closest(".work")); },
  a: () => { const take = decidable(); if (take) approve(take); },
  n: () => { const take = decidable(); if (take?.querySelector(".box")) note(take); },
});
