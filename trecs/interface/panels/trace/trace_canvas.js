// The tracing sheet and the narration box as one component. In scope: element, props, trigger,
// watch (from Gradio) and the files history.js, links.js, narrative_clock.js, bindings.js,
// matches.js, trace_drawing.js, stroke_marks.js, word_strip.js, binder.js, replay.js and
// example_tray.js.

const find = (name) => element.querySelector(`.tc-${name}`);
const drawing = find("canvas");
const ribbon = find("ribbon");
const box = find("text");
const status = find("status");
const sheet = new TraceSheet(drawing);
const clock = new NarrativeClock();
const history = new History(200);
const view = { sheet, ribbon, box, spoken: find("spoken"), button: find("replay") };
const replay = new Replay(view, refresh);
const places = { layer: find("marks"), list: find("words"), bin: find("remove") };
const binder = new Binder(places, {
  state: () => state, words, refresh, say, change(next) {
    remember();
    change(next);
  },
});
for (const name of ["marks", "words"]) find(name).addEventListener("click", () => replay.stop(), true);

const MAX_POINTS = 100000; // what the server takes
const LIVE_PAUSE = 900; // ms without typing before the live view follows
const DRAWN_PAUSE = 150; // ms after a stroke or a binding
const TYPING_PAUSE = 1500; // ms without typing after which Undo sees a new piece of text
const LIVE_KEY = "trecs-live";
const HINT = matchMedia("(hover: none)").matches ? "" : "Ctrl-Enter composes.";

const NOTHING = { text: "", times: [], strokes: [], bindings: new Map() };
let state = NOTHING;
let stroke = null; // the stroke under way: {pointer, points, drawn}
let lastEvent = 0; // seconds: when something was last typed or drawn
let typing = -Infinity; // ms: when the current run of typing last got a character
let story = storyClock([], []);
let live = true;
const timers = {};

function words() {
  return timedWords(state.text, state.times);
}

function refresh() {
  if (replay.running) return;
  const spokenWords = words();
  story = storyClock(spokenWords, state.strokes);
  sheet.draw(state.strokes, story, Infinity, binder.draw(spokenWords));
  if (stroke?.points.length) sheet.extend(stroke.points, 0, timeInk(1));
  drawRibbon(ribbon, spokenWords, state.strokes, story);
  const nothing = !state.strokes.length && !stroke;
  find("hint").hidden = !nothing;
  find("undo").disabled = !history.past.length;
  find("redo").disabled = !history.future.length;
  find("clear").disabled = find("export").disabled = nothing && !state.text.trim();
  find("replay").disabled = story.length === 0;
}

function publish() {
  clearTimeout(timers.publish);
  const { text, times, strokes, bindings } = state;
  const some = text.trim() || strokes.length;
  const value = some ? narrativeJson(text, times, strokes, bindings) : "";
  binder.matches.ask(state);
  if (value !== (props.value ?? "")) props.value = value;
}

function schedule(pause = LIVE_PAUSE) {
  clearTimeout(timers.publish);
  clearTimeout(timers.live);
  timers.publish = setTimeout(publish, 250);
  if (!live) return;
  timers.live = setTimeout(() => {
    if (stroke || replay.running) return;
    publish();
    if (props.value) trigger("live");
  }, pause);
}

function say(message, isError = false) {
  status.textContent = message;
  status.classList.toggle("tc-wrong", isError);
}

function remember() {
  history.remember(state);
}

function adopt(next) {
  binder.follow(state.text, next.text);
  binder.chosen = null;
  state = next;
  box.value = state.text;
  say(HINT);
  fitBox();
  refresh();
  schedule();
}

function fitBox() {
  box.style.height = "auto";
  box.style.height = `${Math.max(box.scrollHeight, 76)}px`;
}

// ---- drawing ----

drawing.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || stroke) return;
  event.preventDefault();
  replay.stop();
  drawing.setPointerCapture(event.pointerId);
  // Typing goes on while the mouse draws; a finger must not open the screen keyboard.
  if (event.pointerType !== "touch") box.focus({ preventScroll: true });
  stroke = { pointer: event.pointerId, points: [], drawn: 0 };
  find("hint").hidden = true;
  say(HINT);
  extendStroke(event);
});

drawing.addEventListener("pointermove", (event) => {
  if (!stroke && event.pointerType === "mouse") binder.point(sheet.locate(event));
  if (!stroke || event.pointerId !== stroke.pointer) return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const piece of events.length ? events : [event]) extendStroke(piece);
});

function extendStroke(event) {
  const t = clock.read(event.timeStamp);
  const { points } = stroke;
  if (points.length && t - points.at(-1)[2] < 0.008) return;
  if (state.strokes.reduce((sum, other) => sum + other.length, points.length) >= MAX_POINTS) {
    say(`The trace is full: ${MAX_POINTS.toLocaleString("en")} points are taken.`, true);
    return;
  }
  points.push([...sheet.locate(event), t]);
  sheet.extend(points, stroke.drawn, timeInk(1));
  stroke.drawn = points.length;
  lastEvent = t;
}

function finishStroke(event) {
  if (!stroke || event.pointerId !== stroke.pointer) return;
  const { points } = stroke;
  stroke = null;
  remember();
  change({ ...state, strokes: [...state.strokes, points], bindings: binder.drawn(points) });
}

// The state after something was drawn, bound or removed; `remember` comes before.
function change(next) {
  state = next;
  binder.chosen = null;
  typing = -Infinity;
  refresh();
  publish();
  schedule(DRAWN_PAUSE);
}
drawing.addEventListener("pointerup", finishStroke);
drawing.addEventListener("pointercancel", finishStroke);

// ---- typing ----

box.addEventListener("input", (event) => {
  replay.stop();
  const now = clock.read(event.timeStamp);
  if (event.timeStamp - typing > TYPING_PAUSE) remember();
  typing = event.timeStamp;
  const times = retime(state.text, state.times, box.value, lastEvent, now);
  const bindings = followedBindings(state.bindings, binder.follow(state.text, box.value));
  state = { ...state, text: box.value, times, bindings };
  lastEvent = now;
  say(HINT);
  fitBox();
  refresh();
  schedule();
});
box.addEventListener("blur", publish);

element.addEventListener("keydown", (event) => {
  if (event.target !== box) binder.press(event);
  const command = event.ctrlKey || event.metaKey;
  if (!command || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "z") event.shiftKey ? redo() : undo();
  else if (key === "y") redo();
  else if (key === "enter") {
    publish();
    trigger("submit");
  } else return;
  event.preventDefault();
});

function undo() {
  replay.stop();
  const past = history.undo(state);
  typing = -Infinity;
  if (past) adopt(past);
}

function redo() {
  replay.stop();
  const next = history.redo(state);
  typing = -Infinity;
  if (next) adopt(next);
}

function clear() {
  replay.stop();
  remember();
  clock.reset(0);
  lastEvent = 0;
  typing = -Infinity;
  binder.matches.clear();
  adopt(NOTHING);
  publish();
  say("Cleared. Undo brings it back.");
}

// ---- loading, import, export ----

function load(json, message) {
  replay.stop();
  const { end, ...next } = json ? parseNarrative(json) : { ...NOTHING, end: 0 };
  if (next.text !== state.text || next.strokes.length || state.strokes.length) remember();
  clock.reset(end + (json ? 0.5 : 0));
  lastEvent = end;
  typing = -Infinity;
  binder.matches.clear();
  adopt(next);
  if (message) say(message);
}

async function importFile(file) {
  if (!file) return;
  try {
    if (file.size > 16 * 1024 * 1024) {
      throw new Error(`This file has ${Math.round(file.size / 2 ** 20)} MB; at most 16 MB are read.`);
    }
    const json = await file.text();
    const { text, strokes } = parseNarrative(json);
    if (!text && !strokes.length) throw new Error("This narrative has neither words nor a trace.");
    load(json, `Imported ${file.name}.`);
    publish();
  } catch (error) {
    say(error.message, true);
  }
}

function exportFile() {
  const link = document.createElement("a");
  const json = narrativeJson(state.text, state.times, state.strokes, state.bindings);
  link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  link.download = "narrative.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  say("Exported narrative.json in the Localized Narratives format.");
}

find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("clear").addEventListener("click", clear);
find("replay").addEventListener("click", () => {
  if (replay.running) replay.stop();
  else replay.start(words(), state.strokes, story);
});
find("import").addEventListener("click", () => find("file").click());
find("file").addEventListener("change", (event) => {
  importFile(event.target.files[0]);
  event.target.value = "";
});
find("export").addEventListener("click", exportFile);
new ExampleTray(find("examples"), find("example"), props.examples ?? [], (name) =>
  trigger("example", { name }),
);

function setLive(on) {
  live = on;
  find("live").setAttribute("aria-checked", String(on));
  if (!on) clearTimeout(timers.live);
}
find("live").addEventListener("click", () => {
  setLive(!live);
  localStorage.setItem(LIVE_KEY, live ? "on" : "off");
  if (live) schedule();
});

say(HINT);
setLive(localStorage.getItem(LIVE_KEY) !== "off");
new ResizeObserver(refresh).observe(drawing);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
watch("value", () => load(props.value));
if (props.value) load(props.value);
refresh();
