// The tray of examples: a card each, with its trace in small.

class ExampleTray {
  // `examples`: [{name, title, lines}], lines as SVG point lists in percent of the picture;
  // `button` opens and closes the tray, and has the focus again once a card is chosen.
  constructor(tray, button, examples, onChoose) {
    Object.assign(this, { tray, button, onChoose });
    tray.append(...examples.map((example) => this.card(example)));
    button.addEventListener("click", () => this.open(tray.hidden));
    tray.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }
  open(open) {
    this.tray.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.tray.querySelector("button")?.focus();
  }
  close() {
    this.open(false);
    this.button.focus();
  }
  card({ name, title, lines }) {
    const card = document.createElement("button");
    card.type = "button";
    card.className = "tc-card";
    const view = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    view.setAttribute("viewBox", "-5 -5 110 110");
    view.setAttribute("aria-hidden", "true");
    lines.forEach((points, i) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
      line.setAttribute("points", points);
      line.style.stroke = timeInk(i / Math.max(lines.length - 1, 1));
      view.append(line);
    });
    const caption = document.createElement("span");
    caption.textContent = title;
    card.append(view, caption);
    card.addEventListener("click", () => {
      this.close();
      this.onChoose(name);
    });
    return card;
  }
}
