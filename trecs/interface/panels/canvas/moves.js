// Masks that were placed, and what was done to them by hand. Pure functions, as the server has them
// (segmentation/moves.py); places and sizes are in pixels of the canvas, shifts in fractions of it.

const UNMOVED = { shift: [0, 0], scale: [1, 1], turn: 0, mirrored: false, order: null, label: null, deleted: false };
const LARGEST_MASK = 3; // sides of the canvas
const SMALLEST_MASK = 3; // pixels

function decodePiece(piece) {
  const bitmap = new Uint8Array(piece.width * piece.height);
  let place = 0;
  piece.runs.forEach((run, i) => {
    if (i % 2) bitmap.fill(1, place, place + run);
    place += run;
  });
  return { ...piece, bitmap };
}

const wholeMove = (told) => ({ part: 0, copy: 0, ...UNMOVED, ...told });
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// What is sent: moves that change something, in one order, without what is as it was.
function toldMoves(moves) {
  return moves
    .map(wholeMove)
    .sort((a, b) => a.region - b.region || a.part - b.part || a.copy - b.copy)
    .map((move) => {
      const changed = Object.keys(UNMOVED).filter((name) => !same(move[name], UNMOVED[name]));
      const told = { region: move.region };
      for (const name of ["part", "copy"]) if (move[name]) told[name] = move[name];
      for (const name of changed) told[name] = move[name];
      return told;
    })
    .filter((told) => Object.keys(told).some((name) => name !== "region" && name !== "part"));
}

// Every mask on the canvas, duplicates among them, back to front: {piece, move, order, label}.
function laidOut(pieces, moves, valueOf) {
  const laid = [];
  for (const piece of pieces) {
    const own = moves.map(wholeMove).filter((m) => m.region === piece.region && m.part === piece.part);
    if (!own.some((move) => !move.copy)) own.push(wholeMove({ region: piece.region, part: piece.part }));
    for (const move of own) {
      if (move.deleted) continue;
      const label = move.label === null ? piece.label : valueOf(move.label);
      laid.push({ piece, move, label, order: move.order ?? piece.order + move.copy / 1000 });
    }
  }
  return laid.sort((a, b) => a.order - b.order);
}

const isOf = (move, other) =>
  move.region === other.region && move.part === other.part && (move.copy ?? 0) === (other.copy ?? 0);

// The moves with one of them in place of what was done to that mask before.
function withMove(moves, move) {
  return [...moves.filter((other) => !isOf(wholeMove(other), move)), move];
}

function middleOf({ piece, move }, side) {
  const x = piece.left + piece.width / 2 + move.shift[0] * side;
  return [x, piece.top + piece.height / 2 + move.shift[1] * side];
}

// From a place about the middle of the mask as it was placed, to one on the canvas, and back.
function onCanvas(laid, side, [x, y]) {
  const { scale, turn, mirrored } = laid.move;
  const [across, down] = [(mirrored ? -x : x) * scale[0], y * scale[1]];
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const [left, top] = middleOf(laid, side);
  return [left + across * cos - down * sin, top + across * sin + down * cos];
}
function inPiece(laid, side, [x, y]) {
  const { scale, turn, mirrored } = laid.move;
  const [left, top] = middleOf(laid, side);
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const across = ((x - left) * cos + (y - top) * sin) / scale[0];
  return [mirrored ? -across : across, ((y - top) * cos - (x - left) * sin) / scale[1]];
}

function covers(laid, side, place) {
  const { width, height, bitmap } = laid.piece;
  const [x, y] = inPiece(laid, side, place);
  const [column, row] = [Math.floor(x + width / 2), Math.floor(y + height / 2)];
  return column >= 0 && column < width && row >= 0 && row < height && bitmap[row * width + column] === 1;
}

// The corners of the mask's box on the canvas: as it was placed upper left, then clockwise.
function cornersOf(laid, side) {
  const [x, y] = [laid.piece.width / 2, laid.piece.height / 2];
  return [[-x, -y], [x, -y], [x, y], [-x, y]].map((corner) => onCanvas(laid, side, corner));
}

function boundsOf(laid, side) {
  const corners = cornersOf(laid, side);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function meet(one, other, side) {
  const [a, b] = [boundsOf(one, side), boundsOf(other, side)];
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

// The order that takes one of `all` (back to front) before the next that it meets, or behind; null
// where it meets none there. `step`: 1 forward, -1 back.
function nextOrder(all, one, step, side) {
  let i = all.findIndex(({ move }) => isOf(move, one.move)) + step;
  while (all[i] && !meet(all[i], one, side)) i += step;
  if (!all[i]) return null;
  const beyond = all[i + step];
  return beyond ? (all[i].order + beyond.order) / 2 : all[i].order + step;
}

// A scale that keeps the mask's box within what the server takes.
function keptScale(piece, scale, side) {
  const kept = (factor, size) =>
    Math.min(Math.max(factor, SMALLEST_MASK / size, 0.02), (LARGEST_MASK * side) / size, 50);
  return [kept(scale[0], piece.width), kept(scale[1], piece.height)];
}

// Labels of a canvas whose pixels without one (`known` 0) get that of the nearest with one.
function filledFrom(labels, known, width) {
  const filled = labels.slice();
  const there = known.slice();
  let edge = [];
  for (let i = 0; i < there.length; i++) if (there[i]) edge.push(i);
  if (!edge.length) return filled.fill(UNLABELED);
  while (edge.length) {
    const next = [];
    for (const place of edge) {
      const column = place % width;
      for (const step of [column && -1, column < width - 1 && 1, -width, width]) {
        const beside = place + step;
        if (!step || there[beside] !== 0) continue;
        there[beside] = 1;
        filled[beside] = filled[place];
        next.push(beside);
      }
    }
    edge = next;
  }
  return filled;
}
