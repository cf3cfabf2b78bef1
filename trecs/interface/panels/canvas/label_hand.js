// What the hand does on the segmentation canvas: pointers, keys and buttons. In scope: what
// label_editor.js and the files before it define.

const hand = new Hand(view, {
  begin(event) {
    if (!map) return;
    view.focus({ preventScroll: true });
    pointer = locate(event);
    if (moving()) mover.press(pointer, event);
    else begin(pointer);
    show();
  },
  move(events) {
    if (mover.gesture) return mover.drag(locate(events.at(-1)), events.at(-1));
    if (last) {
      for (const event of events) {
        const place = locate(event);
        paintLine(map, last, place, brushSize() / 2, label);
        last = place;
      }
    }
    if (map) hover(events.at(-1));
  },
  end: () => (mover.gesture ? mover.release() : finish()),
  drop() {
    if (mover.gesture) return mover.drop();
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
  else if (moving() && map && !mover.gesture && (event.target === view || event.target.closest(".le-moving")) && mover.key(key, event));
  else if (moving() && mover.laid && key === "l") palette.input.focus();
  else if (key === "[" || key === "]") {
    sizes.value = brushSize() + (key === "]" ? 1 : -1) * Math.max(1, Math.round(brushSize() / 8));
    sizes.dispatchEvent(new Event("input"));
  } else if (key === "v" && asker.knows(map)) setTool("move");
  else if (key === "b") setTool("brush");
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
    if (moving()) mover.choose(mover.topmost(pointer)?.move ?? null);
    else begin(pointer);
    finish();
  } else return;
  event.preventDefault();
});

function setTool(name) {
  if (moving()) mover.flush();
  mover.release();
  tool = name;
  for (const button of element.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }
  view.dataset.over = "";
  mover.choose(null);
}

for (const button of element.querySelectorAll("[data-tool]")) {
  button.addEventListener("click", () => setTool(button.dataset.tool));
}
find("moving").addEventListener("click", ({ target }) => {
  const act = target.closest("[data-act]")?.dataset.act;
  if (act) mover.step(act);
});
legend.addEventListener("click", (event) => {
  const item = event.target.closest("[data-label]");
  if (item && Number(item.dataset.label) !== UNLABELED) choose(Number(item.dataset.label));
});
sizes.addEventListener("input", () => {
  find("pixels").textContent = texts("canvas.pixels", { number: sizes.value });
  show();
});
find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("blank").addEventListener("click", () => {
  history.remember(copiedScene(map));
  adopt(sceneOf(JSON.stringify({ height: 256, width: 256, runs: [label, 256 * 256] })));
  view.focus({ preventScroll: true });
});

if (props.over_photo) element.querySelector("[data-tool=move]").hidden = true; // there are no masks
palette.set(label);
setTool("brush");
sizes.dispatchEvent(new Event("input"));
whenSeenAnew(view, show);
watch("value", () => load(props.value));
if (props.value || props.over_photo) load(props.value);
describe();
