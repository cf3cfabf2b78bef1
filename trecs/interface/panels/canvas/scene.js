// What is on the canvas: its labels, the masks below them, and what was painted above. A scene is
// {height, width, labels, painted, composed, moves, picks, pieces, root, settled}: `labels` are the
// `composed` ones with those `painted` above (UNLABELED where nobody painted), all Uint8Arrays;
// `root` is null where no masks are known; `settled` is false until the server has composed `moves`.

function sceneOf(json) {
  const map = decodeLabels(json);
  const { placed } = JSON.parse(json);
  const nothing = new Uint8Array(map.labels.length).fill(UNLABELED);
  if (!placed) return { ...map, painted: nothing, composed: map.labels.slice(), moves: [], picks: [], pieces: [], root: null, settled: true };
  const composed = decodeLabels(JSON.stringify({ height: map.height, width: map.width, runs: placed.composed })).labels;
  const painted = nothing.map((none, i) => (map.labels[i] === composed[i] ? none : map.labels[i]));
  const { moves, picks, root } = placed;
  return { ...map, painted, composed, moves: toldMoves(moves), picks, pieces: placed.pieces.map(decodePiece), root, settled: true };
}

const copiedScene = (scene) => scene && { ...scene, labels: scene.labels.slice(), painted: scene.painted.slice() };

// The scene with what a hand has just painted, where its labels are other ones than `before`.
function repaintedScene(scene, before) {
  const painted = scene.painted.map((label, i) => (scene.labels[i] === before.labels[i] ? label : scene.labels[i]));
  return { ...scene, painted };
}

// The scene on the canvas that was composed of its moves.
function settledScene(scene, composed) {
  const labels = composed.map((label, i) => (scene.painted[i] === UNLABELED ? label : scene.painted[i]));
  return { ...scene, labels, composed, settled: true };
}

const wants = ({ root, picks, moves }) => JSON.stringify([root, picks, toldMoves(moves)]);

const PATIENCE = 90_000; // ms; after that nobody waits for an answer that has not come

// Asks the server for the canvas of a scene, one at a time; the last one asked for counts.
class Asker {
  // `cancelled` is called before Cancel ends the wait.
  constructor(trigger, cancelled) {
    Object.assign(this, { trigger, turn: 0, since: null, has: null });
    document.addEventListener("click", ({ target }) => {
      if (!target.closest?.("#cancel")) return;
      if (this.waiting) cancelled();
      this.since = null;
    });
  }
  get waiting() {
    return this.since !== null && performance.now() - this.since < PATIENCE;
  }
  // Takes what the server has now; `scene` as `sceneOf` makes it.
  took(scene) {
    if (scene?.root) this.has = { root: scene.root, wants: wants(scene), composed: scene.composed };
  }
  knows(scene) {
    return Boolean(scene?.root) && scene.root === this.has?.root;
  }
  // Whether that is what the server composed last.
  composed(scene) {
    return this.knows(scene) && this.has.wants === wants(scene);
  }
  // The scene as the server has composed it already, where it has.
  settled(scene) {
    return !scene.settled && this.composed(scene) ? settledScene(scene, this.has.composed) : scene;
  }
  ask(scene) {
    if (!this.knows(scene) || this.waiting) return;
    if (this.composed(scene)) return;
    this.since = performance.now();
    const { height, width, painted, root, picks } = scene;
    const above = painted.some((label) => label !== UNLABELED) ? encodeLabels({ height, width, labels: painted }) : "";
    this.turn += 1;
    this.trigger({ turn: this.turn, root, picks, moves: toldMoves(scene.moves), painted: above });
  }
  // Whether `placed` answers what was asked here; the last answer to the last question ends the wait.
  answers(placed) {
    if (!placed?.turn) return false;
    if (placed.done && placed.turn === this.turn) this.since = null;
    return true;
  }
}
