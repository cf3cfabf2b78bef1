// A click on a mask that is not on the canvas puts it there.

element.addEventListener("click", (event) => {
  const card = event.target.closest("[data-rank]");
  if (!card || card.getAttribute("aria-pressed") === "true") return;
  trigger("swap", { choice: Number(card.dataset.choice), rank: Number(card.dataset.rank) });
});
