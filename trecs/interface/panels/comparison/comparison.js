// The slider between two pictures, the choice of these two, and the word whose attention is shown.

function choose(word) {
  const attention = word.closest(".attention");
  attention.style.setProperty("--row", word.dataset.row);
  for (const other of attention.querySelectorAll("[data-row]")) {
    other.setAttribute("aria-pressed", String(other === word));
  }
}

element.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  event.target.parentElement.style.setProperty("--at", `${event.target.value}%`);
});
element.addEventListener("change", (event) => {
  const side = event.target.dataset.side;
  if (!side) return;
  const name = event.target.value;
  const from = element.querySelector(`[data-system="${CSS.escape(name)}"] img`);
  const shown = element.querySelector(`.slider .${side}`);
  shown.src = from.src;
  shown.alt = `${side === "left" ? "Left" : "Right"}: ${name}`;
});
element.addEventListener("click", (event) => {
  const word = event.target.closest("[data-row]");
  if (word) choose(word);
});
