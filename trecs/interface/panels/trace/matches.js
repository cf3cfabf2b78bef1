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
  }
  // The server is asked about {text, strokes}.
  ask(state) {
    if (this.asked.at(-1) !== state) this.asked = [...this.asked.slice(1 - ASKED), state];
  }
  // Takes an answer, see trecs/interface/panels/words/matched.py; of an unknown question, it is
  // left alone.
  accept({ caption, strokes, regions }, state) {
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
    this.follow(followedWords(asked.text, state.text), wordSpans(state.text).length);
  }
  // The text was edited: `followed` as of `followedWords`, `count` words are there now.
  follow(followed, count) {
    const words = Array(count).fill(null);
    this.words.forEach((region, i) => {
      if (followed[i] >= 0) words[followed[i]] = region;
    });
    this.words = words;
  }
  // What is shown of strokes and words: `marks` of {stroke, points, region, from, to, word}, one
  // for each piece of a stroke, `word` where it was bound by hand; and `drawn`, the regions that
  // have a stroke. All others are placed by prediction.
  shown({ strokes, bindings }) {
    const whole = { region: null, from: -Infinity, to: Infinity };
    const marks = strokes.flatMap((points, stroke) => {
      const word = bindings.get(points);
      const pieces = word === undefined
        ? this.pieces.get(points) ?? [whole]
        : [{ ...whole, region: this.words[word] ?? null }];
      return pieces.map((piece) => ({ ...piece, stroke, points, word }));
    });
    return { marks, drawn: new Set(marks.map((mark) => mark.region)) };
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
