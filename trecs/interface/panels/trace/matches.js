// Which strokes and words the server has matched, followed through edits until it tells again.

const ASKED = 40; // narratives under way whose answer may still come

class Matches {
  constructor() {
    this.asked = [];
    this.clear();
  }
  clear() {
    this.regions = []; // {label, colour}: number i is shown as i + 1
    this.words = []; // the region of each word, or null
    this.pieces = new Map(); // stroke -> [{region, from, to}], in seconds
    this.unlabelled = []; // {noun, words: [numbers]}: nouns that no label fits
    this.left = new Set(); // strokes that were left out, since what they mean has no label
  }
  // The server is asked about {text, strokes}.
  ask(state) {
    if (this.asked.at(-1) !== state) this.asked = [...this.asked.slice(1 - ASKED), state];
  }
  // Takes an answer, see trecs/interface/panels/words/matched.py; of an unknown question, it is
  // left alone.
  accept({ caption, strokes, regions, unlabelled = [] }, state) {
    const spoken = (text) => text.split(/\s+/).filter(Boolean).join(" ");
    const asked = [...this.asked, state].findLast(
      (one) => one.strokes.length === strokes && spoken(one.text) === caption,
    );
    if (!asked) return;
    this.clear();
    this.regions = regions;
    this.words = wordSpans(asked.text).map(() => null);
    regions.forEach(({ words: [start, stop], pieces }, region) => {
      this.words.fill(region, start, stop);
      for (const [number, from, to] of pieces) {
        const stroke = asked.strokes[number];
        this.pieces.set(stroke, [...(this.pieces.get(stroke) ?? []), { region, from, to }]);
      }
    });
    this.unlabelled = unlabelled.map(({ noun, words: [start, stop] }) => {
      return { noun, words: Array.from({ length: stop - start }, (_, i) => start + i) };
    });
    if (unlabelled.length) this.left = new Set(asked.strokes.filter((one) => !this.pieces.has(one)));
    this.follow(followedWords(asked.text, state.text), wordSpans(state.text).length);
  }
  // The text was edited: `followed` as of `followedWords`, `count` words are there now.
  follow(followed, count) {
    const words = Array(count).fill(null);
    this.words.forEach((region, i) => {
      if (followed[i] >= 0) words[followed[i]] = region;
    });
    this.words = words;
    this.unlabelled = this.unlabelled.map(({ noun, words: some }) => {
      return { noun, words: some.map((word) => followed[word] ?? -1).filter((word) => word >= 0) };
    }).filter((one) => one.words.length);
  }
  // The nouns without a label, each once: {noun, word, words, standsIn}, of which `word` can be given
  // one; `standsIn` is the label that is drawn until then, if any. `labels`: those given by hand.
  lacking(labels) {
    const nouns = new Map();
    for (const { noun, words } of this.unlabelled) {
      const row = nouns.get(noun);
      if (row) row.words.push(...words);
      else nouns.set(noun, { noun, word: words.at(-1), words: [...words] });
    }
    return [...nouns.values()].filter(({ words }) => !words.some((word) => labels.has(word)))
      .map((row) => ({ ...row, standsIn: this.regions[this.words[row.word]]?.label ?? "" }));
  }
  // What is shown of strokes and words: `marks` of {stroke, points, region, from, to, word}, one
  // for each piece of a stroke, `word` where it was bound by hand; `drawn`, the regions that have a
  // stroke, all others being placed by prediction; and `lacking`, the words that lack a label.
  shown({ strokes, bindings, labels = new Map() }) {
    const lacking = new Set(this.lacking(labels).flatMap((row) => row.words));
    const whole = { region: null, from: -Infinity, to: Infinity };
    const marks = strokes.flatMap((points, stroke) => {
      const word = bindings.get(points);
      const pieces = word === undefined
        ? this.pieces.get(points) ?? [whole]
        : [{ ...whole, region: this.words[word] ?? null }];
      const lacks = word === undefined ? lacking.size > 0 && this.left.has(points) : lacking.has(word);
      return pieces.map((piece) => ({ ...piece, stroke, points, word, lacks }));
    });
    return { marks, drawn: new Set(marks.map((mark) => mark.region)), lacking };
  }
  colour(region) {
    return this.regions[region]?.colour ?? "";
  }
}

// The ink that can be read on a colour such as "#7cb9e8".
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  return 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 ? "#10202c" : "#ffffff";
}

// Marks an element as part of a region, in its colour; `null` for none.
function dress(item, region, matches) {
  const colour = matches.colour(region);
  if (colour) {
    item.dataset.region = region;
    item.style.setProperty("--label", colour);
    item.style.setProperty("--on-label", inkOn(colour));
  } else {
    delete item.dataset.region;
    item.style.removeProperty("--label");
    item.style.removeProperty("--on-label");
  }
}
