// What belongs together lights up together: words, region and masks that share a data-region,
// in whichever stage the pointer or the focus is. Also: a word's other labels, and mask swaps.

function light(region) {
  for (const item of document.querySelectorAll("[data-region]")) {
    item.classList.toggle("lit", region !== null && item.dataset.region === region);
  }
}

function pointedAt(event) {
  const item = event.target.closest?.("[data-region]");
  light(item ? item.dataset.region : null);
  const word = event.target.closest?.("[data-top]");
  const detail = element.querySelector(".word-detail");
  if (!word || !detail) return;
  const name = document.createElement("b");
  name.textContent = word.textContent;
  detail.replaceChildren(name, ` ${word.dataset.top}`);
}

element.addEventListener("pointerover", pointedAt);
element.addEventListener("focusin", pointedAt);
element.addEventListener("pointerleave", () => light(null));
element.addEventListener("focusout", () => light(null));
element.addEventListener("click", (event) => {
  const card = event.target.closest("[data-rank]");
  if (!card || card.getAttribute("aria-pressed") === "true") return;
  trigger("swap", { choice: Number(card.dataset.choice), rank: Number(card.dataset.rank) });
});
