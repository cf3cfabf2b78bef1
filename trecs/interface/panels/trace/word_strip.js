// The words, each a button: what a stroke can be bound to, with the number of the strokes it has.
// One stop of Tab; the arrow keys go from word to word.

const MOST_WORDS = 1000; // what the server takes of a text

class WordStrip {
  // `choose(word, byKey)` is called with the number of a word.
  constructor(list, choose) {
    Object.assign(this, { list, shown: "", current: 0, held: false });
    list.addEventListener("click", (event) => {
      const button = event.target.closest(".tc-word");
      if (button) choose(Number(button.dataset.word), event.detail === 0);
    });
    // A word that is pressed must be the same when it is let go.
    list.addEventListener("pointerdown", () => (this.held = true));
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => setTimeout(() => this.release()));
    }
    list.addEventListener("keydown", (event) => this.step(event));
    list.addEventListener("focusin", (event) => this.stop(event.target));
  }
  release() {
    if (!this.held) return;
    this.held = false;
    this.draw(...this.latest);
  }
  draw(words, ...others) {
    this.latest = [words.slice(0, MOST_WORDS), ...others];
    if (!this.held) this.redraw(...this.latest);
  }
  redraw(words, { marks, drawn, lacking }, matches, chosen) {
    const bound = new Set(marks.map((mark) => mark.word));
    const next = JSON.stringify([words.map((w) => w.text), matches.words, matches.regions,
      [...drawn], [...bound], [...lacking], chosen]);
    if (next === this.shown) return;
    this.shown = next;
    const focused = this.list.contains(document.activeElement);
    this.list.hidden = !words.length;
    this.list.replaceChildren(...this.runs(words, drawn, matches));
    for (const [i, button] of this.buttons().entries()) {
      button.classList.toggle("tc-bound", bound.has(i));
      button.classList.toggle("tc-lacks", lacking.has(i));
      if (lacking.has(i)) button.title += ` ${texts("binding.lacking")}`;
      button.setAttribute("aria-pressed", String(i === chosen));
    }
    this.current = Math.min(this.current, Math.max(words.length - 1, 0));
    this.stop(this.buttons()[this.current]);
    if (focused) this.focus(this.current);
  }
  // Words of one region in a row stand together, its number behind them.
  runs(words, drawn, matches) {
    const spans = [];
    words.forEach(({ text }, i) => {
      const region = matches.words[i] ?? null;
      const goesOn = i && region !== null && (matches.words[i - 1] ?? null) === region;
      if (!goesOn) spans.push(this.run(region, drawn, matches));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "tc-word";
      button.dataset.word = i;
      button.tabIndex = -1;
      button.textContent = text;
      const guessed = region !== null && !drawn.has(region) ? ` ${texts("binding.predicted")}` : "";
      button.title = texts("binding.word") + guessed;
      const span = spans.at(-1);
      span.insertBefore(button, span.querySelector("i"));
    });
    return spans;
  }
  run(region, drawn, matches) {
    const span = document.createElement("span");
    span.className = "tc-run";
    dress(span, region, matches);
    if (span.dataset.region === undefined) return span;
    const number = document.createElement("i");
    number.textContent = region + 1;
    span.append(number);
    span.classList.toggle("tc-guessed", !drawn.has(region));
    return span;
  }
  buttons() {
    return [...this.list.querySelectorAll(".tc-word")];
  }
  focus(word) {
    this.buttons()[word]?.focus();
  }
  stop(button) {
    if (!button?.classList.contains("tc-word")) return;
    for (const other of this.list.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    button.tabIndex = 0;
    this.current = Number(button.dataset.word);
  }
  step(event) {
    const count = this.buttons().length;
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -count, End: count };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.focus(Math.min(Math.max(this.current + steps[event.key], 0), count - 1));
  }
}
