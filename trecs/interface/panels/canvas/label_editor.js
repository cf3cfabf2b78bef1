// The segmentation canvas under a brush. In scope: element, props, trigger, watch (from Gradio)
// and the files that LabelEditor puts before this one.

const find = (name) => element.querySelector(`.le-${name}`);
const view = find("canvas");
const legend = find("legend");
const sizes = find("size");
const readout = find("readout");
const history = new History(60);
const picture = document.createElement("canvas"); // one pixel a label, scaled up when shown
const colours = props.colours;
const names = props.names;

let map = null; // a scene, see scene.js
let before = null; // the scene when the stroke or the move under way began
let last = null; // where that stroke's last disc lies, in pixels of the map
let pointer = null; // where the brush hovers, in pixels of the map
let tool = "brush";
let label = props.start_label;
let frame = 0;
const beneath = new Beneath(find("over"), () => show());
const asker = new Asker((asked) => trigger("moves", asked), takeBack);
const letGo = holdingBack(() => {
  mover.flush();
  return asker.waiting;
});

const rgb = colours.map((colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
const palette = new LabelPalette(element, props, (chosen) => choose(chosen));
const nameOf = (value) => names[value] ?? texts("canvas.unlabelled");
const stage = new Stage(rgb, props.first_stuff);
const tools = new MovingTools(element, nameOf);
const laidOf = ({ pieces, moves }) => laidOut(pieces, moves, (name) => names.indexOf(name));
const moving = () => tool === "move";
const mover = new Mover(view, {
  state: () => ({ moves: map.moves, side: map.width, laid: laidOf(map) }),
  set(moves) {
    map = { ...map, moves: toldMoves(moves), settled: false };
    show();
  },
  begin: () => (before = copiedScene(map)),
  end: moved,
  tell(laid) {
    const all = laid ? laidOf(map) : [];
    tools.show(moving(), laid, all.length - all.findIndex(({ move }) => laid && isOf(move, laid.move)), all.length);
    palette.set(moving() && laid ? laid.label : label);
    show();
  },
  swap: (region) => tools.swap(region),
});

function paint() {
  picture.width = map.width;
  picture.height = map.height;
  const pen = picture.getContext("2d");
  const image = pen.createImageData(map.width, map.height);
  const ready = new Uint32Array(image.data.buffer);
  const inks = rgb.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
  if (beneath.photo) inks[UNLABELED] = 0;
  for (let i = 0; i < ready.length; i++) ready[i] = inks[map.labels[i]];
  pen.putImageData(image, 0, 0);
}

// Redraws at most once a frame.
function show() {
  if (frame) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    draw();
  });
}

function draw() {
  const scale = window.devicePixelRatio || 1;
  view.width = Math.round(view.clientWidth * scale);
  view.height = Math.round(view.clientHeight * scale);
  const pen = view.getContext("2d");
  if (!map) return;
  const previews = !map.settled && asker.knows(map);
  if (!previews) paint();
  beneath.draw(pen, view.width, view.height);
  pen.imageSmoothingEnabled = false;
  const shown = previews ? stage.drawn(laidOf(map), map.painted, map.width, map.height) : picture;
  pen.drawImage(shown, 0, 0, view.width, view.height);
  pen.globalAlpha = 1;
  if (moving()) mover.drawChosen(pen, scale);
  if (!pointer || tool !== "brush") return;
  const zoom = view.width / map.width;
  pen.beginPath();
  pen.arc(pointer[0] * zoom, pointer[1] * zoom, (brushSize() / 2) * zoom, 0, 2 * Math.PI);
  pen.lineWidth = 3 * scale;
  pen.strokeStyle = "#0b1116";
  pen.stroke();
  pen.lineWidth = 1.5 * scale;
  pen.strokeStyle = "#ffffff";
  pen.stroke();
}

function describe() {
  legend.replaceChildren(...(map ? legendItems(map, colours, nameOf) : []));
  find("empty").hidden = Boolean(map);
  find("undo").disabled = !history.past.length;
  find("redo").disabled = !history.future.length;
  const movable = asker.knows(map);
  element.querySelector("[data-tool=move]").disabled = !movable;
  if (moving() && !movable) setTool("brush");
}

function publish() {
  const value = map ? encodeLabels(map) : "";
  if (value !== (props.value ?? "")) props.value = value;
  drafts.changed();
}

function adopt(next) {
  map = next && asker.settled(next);
  mover.choose(mover.laid && mover.chosen);
  asker.ask(map);
  show();
  describe();
  publish();
}

// Ends what began with `before`: moves are sent, and are a step of the history.
function moved() {
  const [from, changed] = [before, before && wants(before) !== wants(map)];
  before = null;
  if (!from) return;
  if (!changed) map = from;
  else {
    history.remember(from);
    asker.ask(map);
    drafts.changed();
  }
  describe();
  show();
}

function undo() {
  mover.flush();
  const past = history.undo(copiedScene(map));
  if (past !== null) adopt(past);
}
function redo() {
  mover.flush();
  const next = history.redo(copiedScene(map));
  if (next !== null) adopt(next);
}

// Cancel goes to what the server has composed, back in the history or on; the rest can be done again.
function takeBack() {
  mover.flush();
  if (mover.gesture) mover.drop();
  else if (before) map = before;
  before = last = null;
  if (!map || asker.composed(map)) return;
  const at = (scenes) => scenes.findLastIndex((scene) => asker.composed(scene));
  const [back, on] = [at(history.past), at(history.future)];
  let scene = copiedScene(map);
  if (back >= 0) while (history.past.length > back) scene = history.undo(scene);
  else if (on >= 0) while (history.future.length > on) scene = history.redo(scene);
  adopt(scene);
}

function locate(event) {
  const box = view.getBoundingClientRect();
  return [
    ((event.clientX - box.left) / box.width) * map.width,
    ((event.clientY - box.top) / box.height) * map.height,
  ];
}

function pixel([x, y]) {
  const inside = (value, size) => Math.min(Math.max(Math.floor(value), 0), size - 1);
  return [inside(x, map.width), inside(y, map.height)];
}

const brushSize = () => Number(sizes.value);

function choose(value) {
  if (moving() && mover.laid) return mover.label(nameOf(value));
  label = value;
  palette.set(value);
  if (tool === "pick") setTool("brush");
}

// Uses the tool at one place, for pointers and for the keyboard alike.
function begin(place) {
  const [x, y] = pixel(place);
  if (tool === "pick") {
    const picked = map.labels[y * map.width + x];
    if (picked !== UNLABELED) choose(picked);
    return;
  }
  const was = copiedScene(map);
  if (tool === "fill") {
    if (fillArea(map, x, y, label)) before = was;
    return;
  }
  before = was;
  paintDisc(map, ...place, brushSize() / 2, label);
  last = place;
}

function finish() {
  if (before) {
    map = repaintedScene(map, before);
    history.remember(before);
    before = last = null;
    describe();
    publish();
  }
  show();
}

function hover(event) {
  pointer = locate(event);
  const [x, y] = pixel(pointer);
  readout.textContent = nameOf(map.labels[y * map.width + x]);
  const over = moving() && (mover.hit(pointer, event.pointerType) ?? (mover.topmost(pointer) ? "drag" : "none"));
  view.dataset.over = over || "";
  show();
}

function load(json) {
  if (beneath.take(json)) {
    map = last = null; // what was painted before is another photo's
    history.forget();
  }
  if (props.over_photo) element.querySelector(".le").hidden = !json;
  const next = json ? sceneOf(json) : null;
  const placed = json ? JSON.parse(json).placed : null;
  asker.took(next);
  if (next?.root) stage.compose(next.composed, laidOf(next));
  if (map && asker.answers(placed)) answered(next, placed);
  else {
    mover.gesture = null;
    if (map) history.remember(copiedScene(map));
    map = next;
    if (map && last) before = copiedScene(map); // the stroke under the hand goes on
    else before = last = null;
    mover.choose(null);
  }
  show();
  describe();
  drafts.changed();
}

// The server has composed what was asked, or has not; by now something else may be wanted.
function answered(next, { failed }) {
  if (failed) map = settledScene({ ...next, painted: map.painted }, next.composed);
  else if (last) map = repaintedScene(map, before); // the stroke under the hand goes on
  map = asker.settled(map);
  before &&= asker.settled(before);
  if (!mover.gesture && !mover.burst) asker.ask(map);
  if (map.settled && !last) publish();
  if (!asker.waiting) letGo();
}

const draft = {
  read: () => map && { what: [texts("canvas.kept")], labels: encodeLabels(map) },
  restore({ labels }) {
    load(labels);
    publish();
  },
};
if (props.draft) drafts.part(props.draft, draft);
