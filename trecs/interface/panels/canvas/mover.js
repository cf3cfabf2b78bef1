// The hand that moves masks on the canvas: it chooses one, drags it, pulls it larger at its corners,
// turns it at its knob, and has a key and a button for everything.

const HANDLE = { mouse: 11, pen: 14, touch: 24 }; // CSS pixels that still hit a handle
const KNOB = 26; // CSS pixels from the box's upper edge to the knob that turns
const TURN_STEP = 5; // degrees
const SCALE_STEP = 1.05;
const NUDGE = [1, 10]; // pixels of an arrow key, and with Shift
const BURST = 450; // ms without a key until what the keys did is sent

class Mover {
  // `state()` gives {moves, laid, side}, `set(moves)` shows others, `begin()` and `end()` stand
  // around what is one step of the history, `tell(chosen)` is called when another mask is chosen, and
  // `swap(region)` puts another one in its place.
  constructor(view, { state, set, begin, end, tell, swap }) {
    Object.assign(this, { view, state, set, begin, end, tell, swap, chosen: null, gesture: null, burst: 0 });
  }
  // The chosen mask among those on the canvas, or null.
  get laid() {
    return (this.chosen && this.state().laid.find(({ move }) => isOf(move, this.chosen))) || null;
  }
  choose(move) {
    this.chosen = move && { region: move.region, part: move.part, copy: move.copy };
    this.tell(this.laid);
  }
  // In CSS pixels, as the handles are.
  zoom() {
    return this.view.clientWidth / this.state().side;
  }
  handles(laid) {
    const { side } = this.state();
    const corners = cornersOf(laid, side);
    const middle = middleOf(laid, side);
    const upper = [(corners[0][0] + corners[1][0]) / 2, (corners[0][1] + corners[1][1]) / 2];
    const length = Math.hypot(upper[0] - middle[0], upper[1] - middle[1]) || 1;
    const reach = (length + KNOB / this.zoom()) / length;
    let knob = [middle[0] + (upper[0] - middle[0]) * reach, middle[1] + (upper[1] - middle[1]) * reach];
    if (!this.inside(knob)) knob = knob.map((one, i) => 2 * middle[i] - one); // below, then
    return { corners: corners.map((corner) => corner.map((one) => this.kept(one))), knob: knob.map((one) => this.kept(one)), middle };
  }
  // Handles stay where they can be reached.
  kept(value) {
    const margin = 5 / this.zoom();
    return Math.min(Math.max(value, margin), this.state().side - margin);
  }
  inside([x, y]) {
    const { side } = this.state();
    return x >= 0 && y >= 0 && x <= side && y <= side;
  }
  hit(place, pointer) {
    const { laid } = this;
    if (!laid) return null;
    const { corners, knob } = this.handles(laid);
    const near = ([x, y]) => Math.hypot(x - place[0], y - place[1]) * this.zoom() <= (HANDLE[pointer] ?? HANDLE.mouse);
    return near(knob) ? "turn" : corners.some(near) ? "scale" : null;
  }
  topmost(place) {
    const { laid, side } = this.state();
    return laid.findLast((one) => covers(one, side, place)) ?? null;
  }
  press(place, event) {
    this.flush();
    let kind = this.hit(place, event.pointerType);
    if (!kind) {
      const chosen = this.laid;
      const top = this.topmost(place);
      // The chosen one is dragged also where another lies on it.
      if (!chosen || !covers(chosen, this.state().side, place) || event.altKey) this.choose(top?.move ?? null);
      kind = this.laid ? "drag" : null;
    }
    if (!kind) return;
    this.begin();
    this.gesture = { kind, from: place, move: this.laid.move, middle: middleOf(this.laid, this.state().side) };
  }
  drag(place, event) {
    if (!this.gesture || !this.laid) return;
    const { kind, from, move, middle } = this.gesture;
    const { side } = this.state();
    const [before, now] = [from, place].map(([x, y]) => [x - middle[0], y - middle[1]]);
    if (kind === "drag") {
      const shift = [0, 1].map((i) => move.shift[i] + Math.round(place[i] - from[i]) / side);
      this.change({ ...move, shift: shift.map((one) => Math.min(Math.max(one, -2), 2)) });
    } else if (kind === "turn") {
      const degrees = ((Math.atan2(now[1], now[0]) - Math.atan2(before[1], before[0])) * 180) / Math.PI;
      const turn = event.shiftKey ? Math.round((move.turn + degrees) / 15) * 15 : Math.round((move.turn + degrees) * 10) / 10;
      this.change({ ...move, turn: ((turn % 360) + 360) % 360 });
    } else {
      const [one, other] = [from, place].map((at) => inPiece({ piece: this.laid.piece, move }, side, at));
      const whole = Math.hypot(...now) / Math.max(Math.hypot(...before), 1);
      const factors = event.shiftKey ? [0, 1].map((i) => Math.abs(other[i]) / Math.max(Math.abs(one[i]), 1)) : [whole, whole];
      this.scale(move, factors);
    }
  }
  release() {
    if (!this.gesture) return;
    this.gesture = null;
    this.end();
  }
  drop() {
    if (this.gesture) this.set(withMove(this.state().moves, this.gesture.move));
    this.release();
  }
  change(move) {
    this.set(withMove(this.state().moves, move));
  }
  scale(move, factors) {
    const { side } = this.state();
    const [across, down] = move.scale;
    const wanted = keptScale(this.laid.piece, [across * factors[0], down * factors[1]], side);
    this.change({ ...move, scale: wanted.map((one) => Math.round(one * 1000) / 1000) });
  }
  // One step of the history, by a key or a button.
  step(act) {
    const { laid } = this;
    if (!laid || !(act in ACTS)) return;
    this.flush();
    this.begin();
    ACTS[act](this, laid);
    this.end();
    this.tell(this.laid);
  }
  label(name) {
    this.flush();
    this.begin();
    this.change({ ...this.laid.move, label: name });
    this.end();
    this.tell(this.laid);
  }
  // Steps that come in a row, as long as a key is pressed, are one of the history.
  nudge(change) {
    if (!this.laid) return;
    if (!this.burst) this.begin();
    clearTimeout(this.burst);
    this.burst = setTimeout(() => this.flush(), BURST);
    change(this.laid.move);
  }
  flush() {
    if (!this.burst) return;
    clearTimeout(this.burst);
    this.burst = 0;
    this.end();
  }
  // Whether it was a key for the chosen mask.
  key(key, event) {
    const far = Number(event.shiftKey);
    const { laid, side } = this.state();
    if (key === "n" && laid.length) {
      const at = laid.findIndex(({ move }) => this.chosen && isOf(move, this.chosen));
      const next = at < 0 ? (far ? 0 : laid.length - 1) : at + (far ? 1 : -1);
      this.flush();
      this.choose(laid[(next + laid.length) % laid.length].move);
    } else if (!this.laid) return false;
    else if (STEPS[event.key]) {
      const by = STEPS[event.key].map((one) => (one * NUDGE[far]) / side);
      this.nudge((move) => this.change({ ...move, shift: move.shift.map((one, i) => Math.min(Math.max(one + by[i], -2), 2)) }));
    } else if (key === "+" || key === "=" || key === "-") {
      const factor = key === "-" ? 1 / SCALE_STEP : SCALE_STEP;
      this.nudge((move) => this.scale(move, [factor, factor]));
    } else if (key === "r") {
      const turn = far ? -TURN_STEP : TURN_STEP;
      this.nudge((move) => this.change({ ...move, turn: (move.turn + turn + 360) % 360 }));
    } else if (key === "escape") {
      this.flush();
      this.choose(null);
    } else if (KEYS[key]) this.step(KEYS[key]);
    else return false;
    return true;
  }
  // Draws the chosen mask's box and handles, on a canvas of `scale` pixels a CSS pixel.
  drawChosen(pen, scale) {
    const { laid } = this;
    if (!laid) return;
    const zoom = this.zoom() * scale;
    const at = (place) => place.map((one) => one * zoom);
    const { corners, knob, middle } = this.handles(laid);
    const box = new Path2D();
    cornersOf(laid, this.state().side).forEach((corner, i) => (i ? box.lineTo(...at(corner)) : box.moveTo(...at(corner))));
    box.closePath();
    const line = new Path2D();
    line.moveTo(...at(middle));
    line.lineTo(...at(knob));
    for (const [width, colour] of [[4, "#0b1116"], [1.75, "#ffffff"]]) {
      pen.lineWidth = width * scale;
      pen.strokeStyle = colour;
      pen.stroke(box);
      pen.setLineDash([3 * scale, 3 * scale]);
      pen.stroke(line);
      pen.setLineDash([]);
    }
    for (const place of [...corners, knob]) {
      const [x, y] = at(place);
      pen.beginPath();
      if (place === knob) pen.arc(x, y, 6 * scale, 0, 2 * Math.PI);
      else pen.rect(x - 5 * scale, y - 5 * scale, 10 * scale, 10 * scale);
      pen.fillStyle = "#ffffff";
      pen.fill();
      pen.lineWidth = 2 * scale;
      pen.strokeStyle = "#0b1116";
      pen.stroke();
    }
  }
}

const KEYS = { m: "mirror", d: "duplicate", delete: "delete", backspace: "delete", pageup: "forward", pagedown: "back", a: "swap" };

const ACTS = {
  mirror: (mover, { move }) => mover.change({ ...move, mirrored: !move.mirrored, turn: (360 - move.turn) % 360 }),
  duplicate(mover, { move }) {
    const copies = mover.state().moves.map(wholeMove).filter((m) => m.region === move.region && m.part === move.part);
    const copy = 1 + Math.max(0, ...copies.map((other) => other.copy));
    const shift = move.shift.map((one) => one + (one > 1 ? -0.0625 : 0.0625));
    const order = move.order === null ? null : move.order + 1e-3;
    mover.change({ ...move, copy, shift, order });
    mover.choose({ ...move, copy });
  },
  delete(mover, { move }) {
    const others = mover.state().moves.filter((other) => !isOf(wholeMove(other), move));
    mover.set(move.copy ? others : [...others, { ...move, deleted: true }]);
    mover.choose(null);
  },
  forward: (mover, laid) => put(mover, laid, 1),
  back: (mover, laid) => put(mover, laid, -1),
  swap: (mover, { move }) => mover.swap(move.region),
};

function put(mover, laid, step) {
  const { laid: all, side } = mover.state();
  const order = nextOrder(all, laid, step, side);
  if (order !== null) mover.change({ ...laid.move, order });
}
