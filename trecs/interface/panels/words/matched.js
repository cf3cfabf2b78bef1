// Passes on which strokes belong to which words, whenever the server has told.

watch("value", () => {
  const told = element.querySelector("[data-matched]");
  if (!told) return;
  const detail = JSON.parse(told.dataset.matched);
  document.dispatchEvent(new CustomEvent("trecs-matched", { detail }));
});
