// Asks for labels of nouns that the tagger has none for, and lets what was picked be changed.

class LabelAsker {
  // `rows`: the list of what is asked and was picked; `root`: the palette; `palette`: its names,
  // colours and offered values; `trace` as for Binder.
  constructor(rows, root, palette, trace) {
    Object.assign(this, { rows, root, trace, shown: "", word: null, bound: null });
    this.title = root.querySelector("label");
    this.names = palette.names;
    this.colours = palette.colours;
    this.palette = new LabelPalette(root, palette, (label) => this.pick(label), () => this.closed());
    rows.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.act === "pick") this.open(Number(button.dataset.word));
      else if (button) this.forget(Number(button.dataset.word));
    });
    document.addEventListener("trecs-pick", ({ detail }) => {
      const row = this.asked.find(({ noun }) => noun === detail);
      if (row) this.open(row.word);
    });
  }
  // Shows what lacks a label and what was given one.
  draw(words, matches) {
    const { labels } = this.trace.state();
    this.asked = matches.lacking(labels);
    const [rows, given] = [this.asked, [...labels].sort((a, b) => a[0] - b[0])].map((some) =>
      some.filter((row) => (row.word ?? row[0]) !== this.word)); // the palette asks for that one
    const next = JSON.stringify([rows, given, words.map((word) => word.text)]);
    if (next === this.shown) return;
    this.shown = next;
    this.rows.hidden = !rows.length && !given.length;
    const focused = this.rows.contains(document.activeElement) ? document.activeElement.dataset : null;
    this.rows.replaceChildren(
      ...rows.map(({ noun, word, standsIn }) => {
        const told = { noun, pick: this.button(word, "pick", texts("binding.pick")) };
        if (!standsIn) return this.row(...textParts("binding.no_label", told));
        return this.row(...textParts("binding.no_label_yet", { ...told, label: standsIn }));
      }),
      ...given.map(([word, label]) => {
        const noun = plain(words[word].text);
        const swatch = document.createElement("i");
        swatch.style.background = this.colours[this.names.indexOf(label)];
        const change = this.button(word, "pick", texts("binding.change"), texts("binding.change_title", { noun }));
        const forget = this.button(word, "forget", texts("binding.forget"), texts("binding.forget_title", { noun }));
        return this.row(...textParts("binding.is_label", { noun, label: [swatch, label], change, forget }));
      }),
    );
    if (focused) this.buttonOf(focused.word, focused.act)?.focus();
  }
  row(...parts) {
    const row = document.createElement("li");
    row.append(...parts);
    return row;
  }
  button(word, act, text, label = "") {
    const button = document.createElement("button");
    button.type = "button";
    Object.assign(button.dataset, { word, act });
    button.textContent = text;
    if (label) button.ariaLabel = label;
    return button;
  }
  buttonOf(word, act) {
    return this.rows.querySelector(`[data-word="${word}"][data-act="${act}"]`)
      ?? this.rows.querySelector(`[data-word="${word}"]`);
  }
  // A stroke was bound to a word: asks now, or as soon as the server says that it lacks a label.
  wonder(word, matches) {
    const row = matches.lacking(this.trace.state().labels).find(({ words }) => words.includes(word));
    this.bound = row ? null : word;
    if (row) this.open(row.word);
  }
  answered(matches) {
    if (this.bound !== null && this.root.hidden) this.wonder(this.bound, matches);
  }
  // The text was edited: `followed` as of `followedWords`. Who types is not asked.
  follow(followed, edited) {
    if (edited) this.bound = null;
    if (this.word !== null) this.word = followed[this.word] ?? -1;
    if (this.word === -1) this.palette.input.blur();
  }
  open(word) {
    const row = this.asked.find((one) => one.word === word);
    const label = this.trace.state().labels.get(word);
    this.word = word;
    this.title.textContent = row ? texts("binding.pick_for", { noun: row.noun })
      : texts("binding.label_for", { noun: plain(this.trace.words()[word].text) });
    if (label) this.palette.set(this.names.indexOf(label));
    else this.palette.clear();
    this.root.hidden = false;
    this.trace.refresh();
    this.palette.input.focus();
    this.palette.list.scrollIntoView({ block: "nearest" });
  }
  pick(label) {
    const { trace, word } = this;
    const labels = new Map(trace.state().labels).set(word, this.names[label]);
    trace.change({ ...trace.state(), labels });
    const noun = plain(trace.words()[word].text);
    trace.say(texts("binding.given", { noun, label: this.names[label] }));
  }
  forget(word) {
    const { trace } = this;
    const labels = new Map([...trace.state().labels].filter(([other]) => other !== word));
    trace.change({ ...trace.state(), labels });
    trace.say(texts("binding.forgotten"));
  }
  closed() {
    const word = this.word;
    this.root.hidden = true;
    this.word = null;
    this.trace.refresh();
    setTimeout(() => {
      if (document.activeElement === document.body) this.buttonOf(word, "pick")?.focus();
    });
  }
}

// A word without the punctuation around it.
function plain(word) {
  return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || word;
}
