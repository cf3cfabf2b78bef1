// The numbers at the beginnings of strokes: to choose a stroke, or to drag it onto its word.

const MOST_MARKS = 150; // a trace of more strokes is none that somebody would bind by hand
const DRAG = 6; // pixels from which a press is a drag
const APART = 0.045; // of the sheet's side, between two marks

class StrokeMarks {
  // `on`: {choose(points, byKey), drop(points, word)}.
  constructor(layer, on) {
    Object.assign(this, { layer, on, marks: [] });
  }
  draw(marks, words, matches, chosen) {
    this.marks = marks.slice(0, MOST_MARKS);
    while (this.layer.children.length > this.marks.length) this.layer.lastChild.remove();
    while (this.layer.children.length < this.marks.length) this.layer.append(this.button());
    const taken = [];
    this.marks.forEach((mark, i) => this.dress(this.layer.children[i], mark, words, matches, chosen, taken));
  }
  dress(button, mark, words, matches, chosen, taken) {
    const { points, region, word, from, stroke, lacks } = mark;
    dress(button, region, matches);
    const known = matches.colour(region) !== "";
    const bound = word !== undefined;
    button.textContent = known ? region + 1 : lacks ? "?" : bound ? "\u2022" : "";
    button.classList.toggle("tc-bound", bound);
    button.classList.toggle("tc-unmatched", !known && !lacks);
    button.classList.toggle("tc-lacks", !known && lacks);
    button.setAttribute("aria-pressed", String(points === chosen));
    const told = { number: stroke + 1, means: this.means(mark, words, matches) };
    button.setAttribute("aria-label", texts("binding.stroke", told));
    button.title = texts("binding.stroke_title", told);
    const first = points.find((point) => point[2] >= from - 0.001) ?? points[0];
    const spot = this.free(first, taken);
    button.style.left = `${spot[0] * 100}%`;
    button.style.top = `${spot[1] * 100}%`;
  }
  means({ region, word: place, lacks }, words, matches) {
    if (place !== undefined) {
      const word = words[place].text;
      return lacks ? texts("binding.means_unlabelled_word", { word }) : texts("binding.means_word", { word });
    }
    if (lacks) return texts("binding.means_unlabelled");
    if (matches.colour(region) === "") return texts("binding.means_nothing");
    return texts("binding.means_region", { number: region + 1, label: matches.regions[region].label });
  }
  // Beside the marks that are there already.
  free([x, y], taken) {
    const spot = [x, y].map((place) => (place + SHEET_MARGIN) / (1 + 2 * SHEET_MARGIN));
    const near = ([left, top]) => Math.hypot(left - spot[0], top - spot[1]) < APART;
    for (let i = 0; i < 12 && taken.some(near); i++) {
      spot[0] += spot[0] > 1 - APART ? -3 * APART : APART;
    }
    taken.push(spot);
    return spot;
  }
  place(points) {
    return this.marks.findIndex((mark) => mark.points === points);
  }
  // Gives the focus to the mark at a place, or else to the last one; returns whether there is one.
  focusAt(place) {
    (this.layer.children[place] ?? this.layer.lastChild)?.focus();
    return this.marks.length > 0;
  }
  // The stroke whose mark has the focus.
  focused() {
    return this.of(document.activeElement)?.points;
  }
  of(button) {
    return this.marks[[...this.layer.children].indexOf(button)];
  }
  button() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tc-mark";
    let drag = null; // {x, y, ghost} while it is pressed
    const dropped = (event) =>
      document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".tc-word");
    const light = (word) => {
      for (const item of document.querySelectorAll(".tc-word.tc-over")) item.classList.remove("tc-over");
      word?.classList.add("tc-over");
    };
    const end = () => {
      drag?.ghost?.remove();
      light(null);
      drag = null;
    };
    const choose = (byKey) => {
      button.focus();
      this.on.choose(this.of(button).points, byKey);
    };
    new Hand(button, {
      begin({ clientX: x, clientY: y }) {
        drag = { x, y, ghost: null };
      },
      move: (events) => {
        const event = events.at(-1);
        if (!drag.ghost) {
          if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DRAG) return;
          drag.ghost = button.cloneNode(true);
          drag.ghost.classList.add("tc-ghost");
          drag.ghost.ariaHidden = "true";
          this.layer.after(drag.ghost);
        }
        drag.ghost.style.left = `${event.clientX}px`;
        drag.ghost.style.top = `${event.clientY}px`;
        light(dropped(event));
      },
      end: (event) => {
        const moved = drag.ghost;
        const word = moved && event && dropped(event);
        end();
        if (word) this.on.drop(this.of(button).points, Number(word.dataset.word));
        else if (event && !moved) choose(false);
      },
      drop: end,
    });
    // A pointer's click is told as the end of its press: on a busy page it may not come by itself.
    button.addEventListener("click", (event) => event.detail === 0 && choose(true));
    return button;
  }
}
