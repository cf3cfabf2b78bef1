// The tools for the chosen mask, and what stands between a mask on the move and the page: buttons that
// use the canvas wait until the server has composed it.

const USE_THE_CANVAS =
  "#render, #download, .layer-menu [data-format], #shelf [data-act=pictures], #masks-panel [data-rank]";

class MovingTools {
  // `root`: the component's element. `nameOf` tells a label's name.
  constructor(root, nameOf) {
    this.row = root.querySelector(".le-moving");
    this.told = root.querySelector(".le-chosen");
    this.paintWith = root.querySelector(".lp label");
    this.nameOf = nameOf;
    this.lit = null;
  }
  // `laid`: the chosen mask, or null; it is the `number`th of `count` from the front.
  show(moving, laid, number, count) {
    this.row.hidden = !moving;
    for (const button of this.row.querySelectorAll("button")) button.disabled = !laid;
    const label = laid && this.nameOf(laid.label);
    this.told.textContent = label ? texts("canvas.chosen", { label, number, most: count }) : texts("canvas.choose");
    this.paintWith.textContent = moving && laid ? texts("canvas.make_it") : texts("canvas.paint_with");
    this.light(moving && laid ? String(laid.move.region) : null);
  }
  // What belongs to the chosen mask lights up in the other panels, as in links.js.
  light(region) {
    if (region === this.lit) return;
    this.lit = region;
    for (const item of document.querySelectorAll("[data-region]")) {
      item.classList.toggle("lit", region !== null && item.dataset.region === region);
    }
    document.dispatchEvent(new CustomEvent("trecs-lit", { detail: region }));
  }
  // Another candidate takes the place of a region's mask, as a click in the panel of the masks does.
  swap(region) {
    const cards = [...document.querySelectorAll(`#masks-panel [data-choice="${region}"]`)];
    const at = cards.findIndex((card) => card.getAttribute("aria-pressed") === "true");
    if (cards.length > 1) cards[(at + 1) % cards.length].click();
  }
}

// Holds back clicks that would use the canvas of before; the returned function lets the last one go.
// Cancel forgets it, or the next answer, minutes later, would.
function holdingBack(waits) {
  let held = null;
  document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest?.("#cancel")) held = null;
      const button = event.target.closest?.(USE_THE_CANVAS);
      if (!button || !waits()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      held = button;
    },
    true,
  );
  return () => {
    const button = held;
    held = null;
    button?.click();
  };
}
