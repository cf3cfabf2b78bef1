// Choosing strokes and words, and binding the ones to the others.

const NEAR = 0.025; // of the sheet's side, between the pointer and the stroke that it is on
const LOOKED_AT = 100; // points of a stroke

class Binder {
  // `trace`: {state() -> {text, strokes, bindings}, words(), change(state), refresh(), say(message)}
  constructor({ layer, list, bin }, trace) {
    Object.assign(this, { trace, bin, chosen: null, lit: null, matches: new Matches() });
    this.marks = new StrokeMarks(layer, {
      choose: (points, byKey) => this.chooseStroke(points, byKey),
      drop: (points, word) => this.bind(points, word),
    });
    this.strip = new WordStrip(list, (word, byKey) => this.chooseWord(word, byKey));
    document.addEventListener("trecs-matched", ({ detail }) => {
      this.matches.accept(detail, trace.state());
      trace.refresh();
    });
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
    if (this.chosen?.word !== undefined) this.chosen = { word: followed[this.chosen.word] };
    if (this.chosen?.word < 0) this.chosen = null;
    return followed;
  }
  // The bindings after a stroke was drawn: it is that of the chosen word, if one is.
  drawn(points) {
    const bindings = new Map(this.trace.state().bindings);
    const word = this.chosen?.word;
    if (word === undefined) return bindings;
    this.trace.say(`Bound to ${this.quoted(word)}.`);
    return bindings.set(points, word);
  }
  chooseStroke(points, byKey) {
    if (this.chosen?.word !== undefined) return this.bind(points, this.chosen.word);
    if (this.chosen?.stroke === points) return this.choose(null);
    this.choose({ stroke: points }, "Now choose the word that it is.");
    if (!byKey) return;
    const { region, word } = this.shown.marks.find((mark) => mark.points === points);
    this.strip.focus(word ?? Math.max(this.matches.words.indexOf(region), 0));
  }
  chooseWord(word, byKey) {
    const points = this.chosen?.stroke;
    if (points) {
      this.bind(points, word);
      if (byKey) this.marks.focusAt(this.marks.place(points));
    } else if (this.chosen?.word === word) this.choose(null);
    else this.choose({ word }, `Now draw ${this.quoted(word)}, or choose its stroke.`);
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
    trace.say(bindings.has(points) ? `Bound to ${this.quoted(word)}.`
      : "Unbound: its words are found by where and when it was drawn.");
  }
  remove(points) {
    const { strokes, bindings, ...others } = this.trace.state();
    const left = new Map([...bindings].filter(([stroke]) => stroke !== points));
    this.trace.change({
      ...others, strokes: strokes.filter((other) => other !== points), bindings: left,
    });
    this.trace.say("Removed. Undo brings it back.");
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
  quoted(word) {
    return `\u201c${this.trace.words()[word].text}\u201d`;
  }
}
