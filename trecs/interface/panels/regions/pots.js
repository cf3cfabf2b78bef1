// Pots of colour beside the regions: what is chosen there is told to the tracing sheet, which keeps it.

function potOf(event) {
  const pot = event.target.closest?.(".pot");
  return pot && { region: Number(pot.dataset.of), noun: pot.dataset.noun };
}

function tellColour(pot, colour) {
  document.dispatchEvent(new CustomEvent("trecs-colour", { detail: { ...pot, colour } }));
}

element.addEventListener("change", (event) => {
  if (event.target.matches?.(".pot input")) tellColour(potOf(event), event.target.value);
});
element.addEventListener("input", (event) => {
  if (event.target.matches?.(".pot input")) {
    event.target.closest(".pot").classList.remove("empty");
    event.target.closest(".pot").style.setProperty("--pot", event.target.value);
  }
});
element.addEventListener("click", (event) => {
  const act = event.target.closest?.(".pot button")?.dataset.act;
  if (act) tellColour(potOf(event), act === "none" ? "" : undefined);
});
