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

let map = null; // {height, width, labels}
let before = null; // the labels when the stroke under way began
let last = null; // where that stroke's last disc lies, in pixels of the map
let pointer = null; // where the brush hovers, in pixels of the map
let tool = "brush";
let label = props.start_label;
let frame = 0;
const beneath = new Beneath(find("over"), () => show());

const rgb = colours.map((colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
const palette = new LabelPalette(element, props, (chosen) => {
  label = chosen;
  if (tool === "pick") setTool("brush");
});
const nameOf = (value) => names[value] ?? "unlabeled";

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
  paint();
  beneath.draw(pen, view.width, view.height);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0, view.width, view.height);
  pen.globalAlpha = 1;
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
  const items = map ? shares(map) : [];
  legend.replaceChildren(
    ...items.map(({ label: value, share }) => {
      const item = document.createElement("button");
      item.type = "button";
      item.dataset.label = value;
      const colour = document.createElement("i");
      colour.style.background = colours[value];
      const percent = document.createElement("small");
      percent.textContent = share < 0.005 ? "<1%" : `${Math.round(share * 100)}%`;
      item.append(colour, nameOf(value), percent);
      item.title = `Paint with ${nameOf(value)}`;
      return item;
    }),
  );
  find("empty").hidden = Boolean(map);
  find("undo").disabled = !history.past.length;
  find("redo").disabled = !history.future.length;
}

function publish() {
  const value = map ? encodeLabels(map) : "";
  if (value !== (props.value ?? "")) props.value = value;
  drafts.changed();
}

function adopt(next) {
  map = next;
  show();
  describe();
  publish();
}

const copied = () => map && { ...map, labels: map.labels.slice() };

function undo() {
  const past = history.undo(copied());
  if (past !== null) adopt(past);
}
function redo() {
  const next = history.redo(copied());
  if (next !== null) adopt(next);
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
  const was = copied();
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
  show();
}

const hand = new Hand(view, {
  begin(event) {
    if (!map) return;
    view.focus({ preventScroll: true });
    pointer = locate(event);
    begin(pointer);
    show();
  },
  move(events) {
    if (last) {
      for (const event of events) {
        const place = locate(event);
        paintLine(map, last, place, brushSize() / 2, label);
        last = place;
      }
    }
    if (map) hover(events.at(-1));
  },
  end: finish,
  drop() {
    if (before) map = before;
    before = last = null;
    show();
  },
});
view.addEventListener("pointermove", (event) => {
  if (map && !hand.held) hover(event);
});
view.addEventListener("pointerleave", () => {
  pointer = null;
  readout.textContent = "";
  show();
});

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

element.addEventListener("keydown", (event) => {
  const [key, command] = [shortcutKey(event), isCommand(event)];
  const writing = event.target.matches("input:not([type=range])");
  if (command && key === "z") event.shiftKey ? redo() : undo();
  else if (command && key === "y") redo();
  else if (command || writing) return;
  else if (key === "[" || key === "]") {
    sizes.value = brushSize() + (key === "]" ? 1 : -1) * Math.max(1, Math.round(brushSize() / 8));
    sizes.dispatchEvent(new Event("input"));
  } else if (key === "b") setTool("brush");
  else if (key === "f") setTool("fill");
  else if (key === "i") setTool("pick");
  else if (map && event.target === view && STEPS[event.key]) {
    const step = event.shiftKey ? 16 : 4;
    const [x, y] = pointer ?? [map.width / 2, map.height / 2];
    const [right, down] = STEPS[event.key];
    pointer = [
      Math.min(Math.max(x + right * step, 0), map.width),
      Math.min(Math.max(y + down * step, 0), map.height),
    ];
    readout.textContent = nameOf(map.labels[pixel(pointer)[1] * map.width + pixel(pointer)[0]]);
    show();
  } else if (map && event.target === view && (key === " " || key === "enter")) {
    pointer ??= [map.width / 2, map.height / 2];
    begin(pointer);
    finish();
  } else return;
  event.preventDefault();
});

function setTool(name) {
  tool = name;
  for (const button of element.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }
  show();
}

for (const button of element.querySelectorAll("[data-tool]")) {
  button.addEventListener("click", () => setTool(button.dataset.tool));
}
legend.addEventListener("click", (event) => {
  const item = event.target.closest("[data-label]");
  if (item && Number(item.dataset.label) !== UNLABELED) choose(Number(item.dataset.label));
});
sizes.addEventListener("input", () => {
  find("pixels").textContent = `${sizes.value} px`;
  show();
});
find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("blank").addEventListener("click", () => {
  const labels = new Uint8Array(256 * 256).fill(label);
  history.remember(copied());
  adopt({ height: 256, width: 256, labels });
  view.focus({ preventScroll: true });
});

function load(json) {
  if (beneath.take(json)) {
    map = last = null; // what was painted before is another photo's
    history.forget();
  }
  if (props.over_photo) element.querySelector(".le").hidden = !json;
  const next = json ? decodeLabels(json) : null;
  if (map) history.remember(copied());
  map = next;
  if (map && last) before = copied(); // the stroke under the hand goes on
  else before = last = null;
  show();
  describe();
  drafts.changed();
}

const draft = {
  read: () => map && { what: ["a canvas"], labels: encodeLabels(map) },
  restore({ labels }) {
    load(labels);
    publish();
  },
};
if (props.draft) drafts.part(props.draft, draft);

palette.set(label);
setTool("brush");
sizes.dispatchEvent(new Event("input"));
whenSeenAnew(view, show);
watch("value", () => load(props.value));
if (props.value || props.over_photo) load(props.value);
describe();
