// A label: a combobox that searches the COCO-Stuff names, as an editable list.

class LabelPalette {
  // `names`: 182 names by value; `colours`: 256 CSS colours; `offered`: the values to choose from.
  // `onClose` is called after a choice, and where there was none.
  constructor(root, { names, colours, offered }, onChoose, onClose = () => {}) {
    this.input = root.querySelector(".lp-search");
    this.list = root.querySelector(".lp-list");
    this.swatch = root.querySelector(".lp-swatch");
    Object.assign(this, { names, colours, offered, onChoose, onClose, hits: [], active: -1 });
    this.input.addEventListener("focus", () => {
      this.input.select();
      this.show("");
    });
    this.input.addEventListener("input", () => this.show(this.input.value));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    // pointerdown would blur the input, which closes the list before the click arrives
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[data-label]");
      if (option) this.choose(Number(option.dataset.label));
    });
  }
  search(text) {
    const parts = text.toLowerCase().replaceAll("-", " ").split(/\s+/).filter(Boolean);
    const start = parts.join("-");
    return this.offered
      .filter((value) => parts.every((part) => this.names[value].includes(part)))
      .sort(
        (a, b) =>
          this.names[b].startsWith(start) - this.names[a].startsWith(start) ||
          this.names[a].localeCompare(this.names[b]),
      );
  }
  show(text) {
    this.hits = this.search(text);
    this.list.replaceChildren(
      ...this.hits.map((value, i) => {
        const option = document.createElement("li");
        option.role = "option";
        option.id = `${this.list.id}-${i}`;
        option.dataset.label = value;
        const colour = document.createElement("i");
        colour.style.background = this.colours[value];
        option.append(colour, this.names[value]);
        return option;
      }),
    );
    if (!this.hits.length) {
      const nothing = document.createElement("li");
      nothing.textContent = texts("labels.nothing");
      this.list.append(nothing);
    }
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(text ? 0 : this.hits.indexOf(this.label));
  }
  mark(index) {
    this.active = Math.min(Math.max(index, -1), this.hits.length - 1);
    [...this.list.children].forEach((option, i) => {
      option.ariaSelected = String(i === this.active);
      if (i === this.active) option.scrollIntoView({ block: "nearest" });
    });
    const id = this.active >= 0 ? `${this.list.id}-${this.active}` : "";
    this.input.setAttribute("aria-activedescendant", id);
  }
  key(event) {
    if (event.key === "ArrowDown") this.mark(this.active + 1);
    else if (event.key === "ArrowUp") this.mark(Math.max(this.active - 1, 0));
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.hits[this.active]);
    else if (event.key === "Escape") this.input.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  choose(label) {
    this.set(label);
    this.onChoose(label);
    this.input.blur();
  }
  set(label) {
    this.label = label;
    this.input.value = this.names[label] ?? "unlabeled";
    this.swatch.style.background = this.colours[label];
  }
  // Forgets the label and what was searched.
  clear() {
    this.label = undefined;
    this.input.value = "";
    this.swatch.style.background = "none";
  }
  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    if (this.label !== undefined) this.set(this.label);
    this.onClose();
  }
}
