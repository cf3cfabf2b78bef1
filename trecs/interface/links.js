// What belongs together lights up together: words, region and masks that share a data-region,
// in whichever panel the pointer or the focus is. The event tells those that draw on a canvas.

function light(region) {
  for (const item of document.querySelectorAll("[data-region]")) {
    item.classList.toggle("lit", region !== null && item.dataset.region === region);
  }
  document.dispatchEvent(new CustomEvent("trecs-lit", { detail: region }));
}

function pointedAt(event) {
  const item = event.target.closest?.("[data-region]");
  light(item ? item.dataset.region : null);
}

element.addEventListener("pointerover", pointedAt);
element.addEventListener("focusin", pointedAt);
element.addEventListener("pointerleave", () => light(null));
element.addEventListener("focusout", () => light(null));
