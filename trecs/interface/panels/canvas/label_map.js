// Label maps: run-length code, hard-edged brush and fill. Pure functions on Uint8Arrays.

const UNLABELED = 255;
const LARGEST_SIDE = 2048; // pixels, as the server takes them

// JSON {height, width, runs: [label, count, label, count, ...]}, rows from top to bottom.
function encodeLabels(map) {
  const { height, width, labels } = map;
  const runs = [];
  for (let i = 0; i < labels.length; ) {
    let end = i + 1;
    while (end < labels.length && labels[end] === labels[i]) end++;
    runs.push(labels[i], end - i);
    i = end;
  }
  return JSON.stringify({ height, width, runs });
}

function decodeLabels(json) {
  const { height, width, runs } = JSON.parse(json);
  if (![height, width].every((side) => Number.isInteger(side) && side > 0 && side <= LARGEST_SIDE)) {
    throw new Error("no label map");
  }
  const labels = new Uint8Array(height * width);
  let place = 0;
  for (let i = 0; i < runs.length; i += 2) {
    labels.fill(runs[i], place, place + runs[i + 1]);
    place += runs[i + 1];
  }
  return { height, width, labels };
}

// Sets every pixel whose centre lies within `radius` of (x, y), all in pixels.
function paintDisc(map, x, y, radius, label) {
  const { height, width, labels } = map;
  const reach = Math.max(radius, 0.71); // the smallest brush still covers the pixel under it
  const top = Math.max(Math.floor(y - reach), 0);
  const bottom = Math.min(Math.ceil(y + reach), height - 1);
  for (let row = top; row <= bottom; row++) {
    const span = reach * reach - (row + 0.5 - y) ** 2;
    if (span < 0) continue;
    const half = Math.sqrt(span);
    const left = Math.max(Math.ceil(x - half - 0.5), 0);
    const right = Math.min(Math.floor(x + half - 0.5), width - 1);
    if (right >= left) labels.fill(label, row * width + left, row * width + right + 1);
  }
}

// Discs along a line, close enough to leave no gaps.
function paintLine(map, from, to, radius, label) {
  const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / Math.max(radius / 2, 0.5));
  for (let i = 0; i <= steps; i++) {
    const share = steps ? i / steps : 1;
    const x = from[0] + (to[0] - from[0]) * share;
    const y = from[1] + (to[1] - from[1]) * share;
    paintDisc(map, x, y, radius, label);
  }
}

// Gives the connected area of one label around a pixel another one; false where nothing changes.
function fillArea(map, x, y, label) {
  const { height, width, labels } = map;
  const first = y * width + x;
  const old = labels[first];
  if (old === label) return false;
  const open = [first];
  labels[first] = label;
  const visit = (place) => {
    if (labels[place] !== old) return;
    labels[place] = label;
    open.push(place);
  };
  while (open.length) {
    const place = open.pop();
    const column = place % width;
    if (column > 0) visit(place - 1);
    if (column < width - 1) visit(place + 1);
    if (place >= width) visit(place - width);
    if (place < width * (height - 1)) visit(place + width);
  }
  return true;
}

// The labels present with their share of the map, largest first.
function shares(map) {
  const counts = new Map();
  for (const label of map.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .map(([label, count]) => ({ label, share: count / map.labels.length }))
    .sort((a, b) => b.share - a.share);
}
