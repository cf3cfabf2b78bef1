// Buttons beside the regions that draw one of them by another seed: the tracing sheet keeps it. The list
// is shown anew then, and the focus stays where it was.

let pressed = null; // what was pressed last: {of, label, act}

const seedRow = (event) => event.target.closest?.(".reseed");

function tellSeed(row, act, control) {
  const { of, noun, label } = row.dataset;
  pressed = { of, label, act: control };
  const picture = Number(document.querySelector("#seed input")?.value);
  const region = of === undefined ? NaN : Number(of); // which no word's is
  document.dispatchEvent(new CustomEvent("trecs-seed", { detail: { region, noun, label, act, picture } }));
}

element.addEventListener("click", (event) => {
  const act = event.target.closest?.(".reseed button")?.dataset.act;
  if (act) tellSeed(seedRow(event), act, "another");
});
element.addEventListener("change", (event) => {
  if (!event.target.matches?.(".reseed input")) return;
  if (event.target.value === "") tellSeed(seedRow(event), "back", "another");
  else if (event.target.checkValidity()) tellSeed(seedRow(event), Number(event.target.value), "seed");
  else event.target.reportValidity();
});
element.addEventListener("focusout", () => {
  // What is taken out of the page loses the focus without another having it.
  setTimeout(() => {
    if (document.activeElement !== document.body) pressed = null;
  });
});
new MutationObserver(() => {
  if (!pressed || document.activeElement !== document.body) return;
  const of = pressed.of === undefined ? ":not([data-of])" : `[data-of="${pressed.of}"]`;
  const row = element.querySelector(`.reseed${of}[data-label="${CSS.escape(pressed.label)}"]`);
  row?.querySelector(`[data-act="${pressed.act}"]`)?.focus({ preventScroll: true });
}).observe(element, { childList: true, subtree: true });
