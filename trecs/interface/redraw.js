// Calls `redraw` whenever a canvas must be drawn anew: another size, other colours, or another pixel
// ratio, by zooming or on another screen.
function whenSeenAnew(canvas, redraw) {
  const sizes = new ResizeObserver(redraw);
  try {
    sizes.observe(canvas, { box: "device-pixel-content-box" });
  } catch {
    sizes.observe(canvas); // Safari, which knows no such box, tells the ratio below
    watchRatio(redraw);
  }
  new MutationObserver(redraw).observe(document.body, { attributeFilter: ["class"] });
}

function watchRatio(redraw) {
  const ratio = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  const changed = () => {
    redraw();
    watchRatio(redraw);
  };
  ratio.addEventListener("change", changed, { once: true });
}
