// The tracing sheet and the narration box as one component. In scope: element, props, trigger,
// server, watch (from Gradio) and the files that trace_canvas.py names before this one.

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
const places = {
  layer: find("marks"), list: find("words"), bin: find("remove"), asks: find("asks"),
  palette: find("palette"),
};
const binder = new Binder(places, {
  state: () => state, words, refresh, say, change(next) {
    remember();
    change(next);
  },
}, props);
for (const [at, press] of [["marks", "pointerdown"], ["marks", "click"], ["words", "click"]]) {
  find(at).addEventListener(press, () => replay.stop(), true);
}

const { limits } = props; // what the server takes: {words, letters, points}
const LIVE_PAUSE = 900; // ms without typing before the live view follows
const DRAWN_PAUSE = 150; // ms after a stroke or a binding
const TYPING_PAUSE = 1500; // ms without typing after which Undo sees a new piece of text
const HINT = matchMedia("(hover: none)").matches ? "" : texts("trace.keys");

let state = blank();
let stroke = null; // the stroke under way: {points, drawn}
let lastEvent = 0; // seconds: when something was last typed or drawn
let typing = -Infinity; // ms: when the current run of typing last got a character
let story = storyClock([], []);
const timers = {};
const corrections = new Corrections();
const covers = (seconds) => state.tape.covers(seconds);
const live = new LiveSwitch(find("live"), (on) => (on ? schedule() : clearTimeout(timers.live)));

function words() {
  return timedWords(state.text, state.times);
}

function refresh() {
  if (replay.running) return;
  const spokenWords = words();
  story = storyClock(spokenWords, state.strokes, state.tape.spans);
  sheet.draw(state.strokes, story, Infinity, binder.draw(spokenWords));
  if (stroke?.points.length) sheet.extend(stroke.points, 0, timeInk(1));
  drawRibbon(ribbon, spokenWords, state.strokes, story);
  const nothing = !state.strokes.length && !stroke;
  find("hint").hidden = !nothing;
  find("undo").disabled = !history.past.length;
  find("redo").disabled = !history.future.length;
  find("clear").disabled = find("export").disabled = nothing && !state.text.trim() && !state.tape.seconds;
  find("replay").disabled = story.length === 0;
}

const json = () => jsonOf(state);
const told = () => state.text.trim() || state.strokes.length;

function publish() {
  clearTimeout(timers.publish);
  const value = told() ? json() : "";
  binder.matches.ask(state);
  if (value !== (props.value ?? "")) props.value = value;
  drafts.changed();
}

function schedule(pause = LIVE_PAUSE) {
  clearTimeout(timers.publish);
  clearTimeout(timers.live);
  timers.publish = setTimeout(publish, 250);
  if (!live.on) return;
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

// The usual hint, or what of the words the server will not take.
function sayHint() {
  const told = beyond(words(), limits);
  say(told || HINT, told !== "");
}

const remember = () => history.remember(state);

function adopt(next) {
  binder.follow(state.text, next.text);
  binder.chosen = null;
  corrections.forget();
  state = next;
  voice.show();
  box.value = state.text;
  sayHint();
  fitBox(box);
  refresh();
  schedule();
}

// ---- drawing ----

new Hand(drawing, {
  begin(event) {
    replay.stop();
    // Typing goes on while the mouse draws; a finger must not open the screen keyboard.
    if (event.pointerType !== "touch") box.focus({ preventScroll: true });
    stroke = { points: [], drawn: 0 };
    find("hint").hidden = true;
    say(HINT);
    extendStroke(event);
  },
  move(events) {
    events.forEach(extendStroke);
  },
  end() {
    const { points } = stroke;
    stroke = null;
    if (!points.length) return refresh();
    binder.drawn(points);
  },
  drop() {
    stroke = null;
    refresh();
  },
});

drawing.addEventListener("pointermove", (event) => {
  if (!stroke && event.pointerType === "mouse") binder.point(sheet.locate(event));
});

function extendStroke(event) {
  const t = clock.read(event.timeStamp);
  const { points } = stroke;
  if (points.length && t - points.at(-1)[2] < 0.008) return;
  if (state.strokes.reduce((sum, other) => sum + other.length, points.length) >= limits.points) {
    return say(texts("trace.full", { most: limits.points.toLocaleString(LANGUAGE) }), true);
  }
  points.push([...sheet.locate(event), t]);
  sheet.extend(points, stroke.drawn, timeInk(1));
  stroke.drawn = points.length;
  lastEvent = t;
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

// ---- typing ----

box.addEventListener("input", (event) => {
  replay.stop();
  const now = clock.read(event.timeStamp);
  if (event.timeStamp - typing > TYPING_PAUSE) remember();
  typing = event.timeStamp;
  const times = corrections.times(state.text, state.times, box.value, lastEvent, now, covers);
  const followed = binder.follow(state.text, box.value);
  state = { ...state, text: box.value, times, ...followedMarks(state, followed) };
  lastEvent = now;
  sayHint();
  fitBox(box);
  refresh();
  schedule();
});
box.addEventListener("blur", publish);

function step(there) {
  replay.stop();
  typing = -Infinity;
  if (there) adopt(there);
}
const undo = () => step(history.undo(state));
const redo = () => step(history.redo(state));
const press = (event) => event.target !== box && binder.press(event);
onSheetKeys(element, { press, undo, redo, submit: () => (publish(), trigger("submit")) });

function clear() {
  replay.stop();
  remember();
  voice.stop();
  clock.reset(0);
  lastEvent = 0;
  typing = -Infinity;
  binder.matches.clear();
  adopt(blank());
  publish();
  drafts.clear();
  say(texts("trace.cleared"));
}

// ---- speaking ----

const voice = new Voice(find, server, {
  press: () => replay.stop(),
  clock: (milliseconds) => clock.read(milliseconds),
  tape: () => state.tape,
  heard,
  recorded() {
    refresh();
    drafts.changed();
  },
  say: (message, isError) => say(message || HINT, isError),
});

// Words were recognised; what was typed stays, and so does the place where somebody types.
function heard(spoken) {
  const atEnd = box.selectionEnd === state.text.length && performance.now() - typing > TYPING_PAUSE;
  remember();
  typing = -Infinity;
  const next = withAllSpoken(state, [box.selectionStart, box.selectionEnd], spoken, (...both) => binder.follow(...both));
  lastEvent = Math.max(lastEvent, spoken.at(-1).end);
  adopt((state = next.state));
  if (!atEnd) box.setSelectionRange(...next.places);
}

// ---- loading, import, export ----

// `typed`: the {text, times} that the narrative's words were read from, and its tape, where there is one.
function load(json, message, typed = {}) {
  replay.stop();
  voice.stop();
  const { end, ...next } = { ...blank(), ...(json ? parseNarrative(json) : { end: 0 }), ...typed };
  if (next.text !== state.text || next.strokes.length || state.strokes.length) remember();
  clock.reset(Math.max(end + (json ? 0.5 : 0), next.tape.end));
  lastEvent = end;
  typing = -Infinity;
  binder.matches.clear();
  adopt(next);
  if (message) say(message);
}

new NarrativeFiles(find, {
  read: server.read_narrative,
  narrative(narrative, message, sound) {
    load(narrative, message);
    if (sound) voice.load(sound, true);
    publish();
  },
  sound(sound) {
    const [file, heard] = [sound.name, Boolean(told())]; // then its words are here already
    remember();
    adopt({ ...state, tape: new Tape() });
    say(heard ? texts("narrative.imported_sound", { file }) : texts("narrative.hearing", { file }));
    voice.load(sound, heard);
  },
  picture(content) {
    say(texts("narrative.opening"));
    trigger("picture", { content });
  },
  refused: (message) => say(message, true),
  exported: () => exportedFiles(told() ? json() : null, state.tape, say),
});

drafts.part("trace", {
  read() {
    const underWay = stroke?.points.length ? [stroke.points] : [];
    return draftOf({ ...state, strokes: [...state.strokes, ...underWay] });
  },
  async restore({ text, times, narrative, tape }, { canvas }) {
    load(narrative, texts("trace.restored"), { text, times, ...(tape ? { tape: await voice.store.find(tape) } : {}) });
    publish();
    if (canvas) clearTimeout(timers.live); // which would compose over what was painted
  },
});

find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("clear").addEventListener("click", clear);
find("replay").addEventListener("click", () => {
  if (replay.running) replay.stop();
  else replay.start(words(), state.strokes, story, state.tape);
});
new ExampleTray(find("examples"), find("example"), props.examples ?? [], (name) =>
  trigger("example", { name }),
);

say(HINT);
whenSeenAnew(drawing, refresh);
watch("value", () => load(props.value));
if (props.value) load(props.value);
refresh();
const untouched = () => !state.text && !state.strokes.length && !stroke;
demonstrate(view, find("sheet"), untouched, refresh);
