// Passes on which strokes belong to which words, whenever the server has told, and for which noun
// somebody wants to pick a label.

watch("value", () => {
  const told = element.querySelector("[data-matched]");
  if (!told) return;
  const detail = JSON.parse(told.dataset.matched);
  document.dispatchEvent(new CustomEvent("trecs-matched", { detail }));
});

element.addEventListener("click", (event) => {
  const noun = event.target.closest?.("[data-pick]")?.dataset.pick;
  if (noun) document.dispatchEvent(new CustomEvent("trecs-pick", { detail: noun }));
});
