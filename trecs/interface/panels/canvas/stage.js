// How the canvas looks while masks are moved: what lies beneath, the masks in their order, what was
// painted. The server composes the same for good once they are let go.

class Stage {
  // `rgb`: a colour, [r, g, b], for each label; `firstStuff`: labels below it are things.
  constructor(rgb, firstStuff) {
    Object.assign(this, { firstStuff, sprites: new WeakMap(), ground: null });
    this.inks = rgb.map(([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
    this.canvas = document.createElement("canvas");
    this.above = document.createElement("canvas");
  }
  // Takes what the server composed: `labels` (Uint8Array) of `laid` masks. What lies beneath those
  // that are moved is found from it.
  compose(labels, laid) {
    this.settled = { labels, laid };
    this.ground = null;
  }
  // What lies beneath things, and beneath the stuff that is elsewhere now.
  beneath(laid, width, height) {
    const stuff = this.settled.laid.filter(({ label }) => label >= this.firstStuff);
    const stays = (one) => laid.some((other) => other.piece === one.piece && same(other.move, one.move));
    const gone = stuff.filter((one) => !stays(one));
    const key = gone.map(({ move }) => `${move.region} ${move.part} ${move.copy}`).join();
    if (this.ground?.key === key) return this.ground.canvas;
    const { labels } = this.settled;
    // All of its label, which was filled in around it, too, unless another mask has it.
    const left = new Set(stuff.filter(stays).map(({ label }) => label));
    const whole = new Set(gone.map(({ label }) => label).filter((label) => !left.has(label)));
    const known = Uint8Array.from(labels, (label) => Number(label >= this.firstStuff && !whole.has(label)));
    for (const one of gone.filter(({ label }) => left.has(label))) {
      const [west, top, east, bottom] = boundsOf(one, width);
      for (let y = Math.max(Math.floor(top), 0); y < Math.min(bottom, height); y++) {
        for (let x = Math.max(Math.floor(west), 0); x < Math.min(east, width); x++) {
          const place = y * width + x;
          if (labels[place] === one.label && covers(one, width, [x + 0.5, y + 0.5])) known[place] = 0;
        }
      }
    }
    const canvas = this.inked(document.createElement("canvas"), filledFrom(labels, known, width), width, height);
    this.ground = { key, canvas };
    return canvas;
  }
  inked(canvas, labels, width, height) {
    Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(width, height);
    const ready = new Uint32Array(image.data.buffer);
    for (let i = 0; i < ready.length; i++) ready[i] = this.inks[labels[i]];
    pen.putImageData(image, 0, 0);
    return canvas;
  }
  sprite({ piece, label }) {
    if (!this.sprites.has(piece)) this.sprites.set(piece, new Map());
    const known = this.sprites.get(piece);
    if (!known.has(label)) {
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: piece.width, height: piece.height });
      const pen = canvas.getContext("2d");
      const image = pen.createImageData(piece.width, piece.height);
      const ready = new Uint32Array(image.data.buffer);
      for (let i = 0; i < ready.length; i++) if (piece.bitmap[i]) ready[i] = this.inks[label];
      pen.putImageData(image, 0, 0);
      known.set(label, canvas);
    }
    return known.get(label);
  }
  // The canvas with the masks as they are `laid` now and what was `painted` above them.
  drawn(laid, painted, width, height) {
    Object.assign(this.canvas, { width, height });
    const pen = this.canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.beneath(laid, width, height), 0, 0);
    for (const one of laid) {
      const { scale, turn, mirrored } = one.move;
      pen.save();
      pen.translate(...middleOf(one, width));
      pen.rotate((turn * Math.PI) / 180);
      pen.scale(mirrored ? -scale[0] : scale[0], scale[1]);
      pen.drawImage(this.sprite(one), -one.piece.width / 2, -one.piece.height / 2);
      pen.restore();
    }
    if (painted !== this.painted) {
      const ink = this.inks[UNLABELED];
      this.inks[UNLABELED] = 0;
      this.inked(this.above, painted, width, height);
      this.inks[UNLABELED] = ink;
      this.painted = painted;
    }
    pen.drawImage(this.above, 0, 0);
    return this.canvas;
  }
}
