// Choosing strokes and words, and binding the ones to the others.

const NEAR = 0.025; // of the sheet's side, between the pointer and the stroke that it is on
const LOOKED_AT = 100; // points of a stroke

class Binder {
  // `trace`: {state() -> {text, strokes, bindings, labels, colours, seeds}, words(), change(state), refresh(),
  // say(message)}; `palette`: {names, colours, offered}
  constructor({ layer, list, bin, asks, palette: root }, trace, palette) {
    Object.assign(this, { trace, bin, chosen: null, lit: null, matches: new Matches() });
    this.marks = new StrokeMarks(layer, {
      choose: (points, byKey) => this.chooseStroke(points, byKey),
      drop: (points, word) => this.bind(points, word),
    });
    this.strip = new WordStrip(list, (word, byKey) => this.chooseWord(word, byKey));
    this.asker = new LabelAsker(asks, root, palette, trace);
    document.addEventListener("trecs-matched", ({ detail }) => {
      this.matches.accept(detail, trace.state());
      trace.refresh();
      this.asker.answered(this.matches);
    });
    document.addEventListener("trecs-colour", ({ detail }) => this.colour(detail));
    document.addEventListener("trecs-seed", ({ detail }) => this.reseed(detail));
    document.addEventListener("trecs-lit", ({ detail }) => {
      if (detail === this.lit) return;
      this.lit = detail;
      // Later, since what has the focus may just be on its way out.
      if (this.matches.regions.length) this.frame ??= requestAnimationFrame(() => this.relight());
    });
    bin.addEventListener("click", () => this.remove(this.chosen.stroke));
  }
  relight() {
    this.frame = null;
    this.trace.refresh();
  }
  // Shows numbers and words; returns the stretches of strokes that have a ground, for the sheet.
  draw(words) {
    const shown = (this.shown = this.matches.shown(this.trace.state()));
    this.marks.draw(shown.marks, words, this.matches, this.chosen?.stroke);
    this.strip.draw(words, shown, this.matches, this.chosen?.word);
    this.asker.draw(words, this.matches);
    this.bin.hidden = !this.chosen?.stroke;
    return shown.marks.flatMap((mark) => {
      const chosen = mark.points === this.chosen?.stroke;
      const colour = chosen ? themeColour(this.marks.layer, "--action") : this.matches.colour(mark.region);
      return colour ? [{ ...mark, colour, strong: chosen || String(mark.region) === this.lit }] : [];
    });
  }
  // The pointer is at a place of the sheet: what was drawn there lights up with its words.
  point([x, y]) {
    const near = ({ points }) => {
      const step = Math.ceil(points.length / LOOKED_AT);
      return points.some((p, i) => i % step === 0 && Math.hypot(p[0] - x, p[1] - y) < NEAR);
    };
    const mark = this.shown.marks.find((one) => this.matches.colour(one.region) && near(one));
    const region = mark ? String(mark.region) : null;
    if (region !== this.lit) light(region);
  }
  // The text is another one; returns the words' new numbers, see `followedWords`.
  follow(before, after) {
    const followed = followedWords(before, after);
    this.matches.follow(followed, wordSpans(after).length);
    this.asker.follow(followed, before !== after);
    if (this.chosen?.word !== undefined) this.chosen = { word: followed[this.chosen.word] };
    if (this.chosen?.word < 0) this.chosen = null;
    return followed;
  }
  // A stroke was drawn: it is that of the chosen word, if one is.
  drawn(points) {
    const { trace, chosen } = this;
    const { strokes, bindings, ...others } = trace.state();
    const bound = new Map(bindings);
    if (chosen?.word !== undefined) bound.set(points, chosen.word);
    trace.change({ ...others, strokes: [...strokes, points], bindings: bound });
    if (chosen?.word !== undefined) this.told(chosen.word);
  }
  // A region's colour was chosen or taken back, see panels/regions/pots.js.
  colour({ region, noun, colour }) {
    const { trace } = this;
    const { words, named } = this.named(region, noun);
    if (named === undefined) return;
    const colours = recoloured(trace.state().colours, words, named, colour);
    trace.change({ ...trace.state(), colours });
    if (colour === undefined) trace.say(texts("binding.colour_said", { noun }));
    else trace.say(colour ? texts("binding.colour", { noun, colour }) : texts("binding.colour_none", { noun }));
  }
  // A region, or a label that no region has, is to be drawn by a seed of its own, see
  // panels/regions/another.js: `act` is "another", "back" or a seed. `picture` is the picture's seed.
  reseed({ region, noun, label, act, picture }) {
    const { trace } = this;
    const { words, named } = this.named(region, noun);
    const { seeds } = trace.state();
    const next = act === "another" ? nextSeed(seedOf(seeds, words, label), picture) : act;
    const seed = act === "back" ? undefined : next;
    trace.change({ ...trace.state(), seeds: reseeded(seeds, words, named, label, seed) });
    trace.say(seed === undefined ? texts("binding.seed_picture", { noun }) : texts("binding.seed", { noun, seed }));
  }
  // The numbers of a region's words, and of the one that its noun is.
  named(region, noun) {
    const spoken = this.trace.words();
    const words = this.matches.words.flatMap((one, word) => (one === region ? [word] : []));
    return { words, named: words.findLast((word) => plain(spoken[word].text) === noun) ?? words.at(-1) };
  }
  told(word) {
    this.trace.say(texts("binding.bound", { word: this.spoken(word) }));
    this.asker.wonder(word, this.matches);
  }
  chooseStroke(points, byKey) {
    if (this.chosen?.word !== undefined) return this.bind(points, this.chosen.word);
    if (this.chosen?.stroke === points) return this.choose(null);
    this.choose({ stroke: points }, texts("binding.choose_word"));
    if (!byKey) return;
    const { region, word } = this.shown.marks.find((mark) => mark.points === points);
    this.strip.focus(word ?? Math.max(this.matches.words.indexOf(region), 0));
  }
  chooseWord(word, byKey) {
    const points = this.chosen?.stroke;
    if (points) {
      this.bind(points, word);
      if (byKey && this.asker.word === null) this.marks.focusAt(this.marks.place(points));
    } else if (this.chosen?.word === word) this.choose(null);
    else this.choose({ word }, texts("binding.choose_stroke", { word: this.spoken(word) }));
  }
  choose(chosen, message = "") {
    this.chosen = chosen;
    this.trace.say(message);
    this.trace.refresh();
  }
  bind(points, word) {
    const { trace } = this;
    const bindings = rebound(trace.state().bindings, points, word);
    trace.change({ ...trace.state(), bindings });
    if (bindings.has(points)) this.told(word);
    else trace.say(texts("binding.unbound"));
  }
  remove(points) {
    const { strokes, bindings, ...others } = this.trace.state();
    const left = new Map([...bindings].filter(([stroke]) => stroke !== points));
    this.trace.change({
      ...others, strokes: strokes.filter((other) => other !== points), bindings: left,
    });
    this.trace.say(texts("binding.removed"));
  }
  // A key, pressed anywhere but in the text.
  press(event) {
    const points = this.marks.focused() ?? this.chosen?.stroke;
    if (points && ["Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      const [at, word] = [this.marks.place(points), this.strip.current];
      this.remove(points);
      if (!this.marks.focusAt(at)) this.strip.focus(word);
    } else if (this.chosen && event.key === "Escape") this.choose(null);
  }
  spoken(word) {
    return this.trace.words()[word].text;
  }
}
