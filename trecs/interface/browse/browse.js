// Rows are chosen with the mouse, everything with keys; and as long as something that is shown has
// no labels yet, the tagger is asked for more.

const PRESSES = {
  j: "after", arrowdown: "after", k: "before", arrowup: "before",
  n: "page-on", p: "page-back", d: "draw",
};
let asked = "";

element.addEventListener("click", (event) => {
  const row = event.target.closest("[data-number]");
  if (!row) return;
  trigger("pick", { number: Number(row.dataset.number) });
  // On a phone the chosen one stands below the table, with what steps through them above it.
  const detail = document.querySelector("#detail-panel");
  if (detail.getBoundingClientRect().top > innerHeight - 100) document.querySelector("#before").scrollIntoView();
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, [role=listbox]")) return;
  if (isCommand(event) || event.altKey) return;
  const name = PRESSES[shortcutKey(event)];
  if (!name) return;
  event.preventDefault();
  document.querySelector(`#${name}`)?.click();
});

// The same lack is asked about once: else an error would be asked about for ever.
function askForMore() {
  const lacking = element.querySelector("[data-more]")?.dataset.more ?? "";
  if (lacking && lacking !== asked) trigger("more", {});
  asked = lacking;
  element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
}
watch("value", () => requestAnimationFrame(askForMore));
requestAnimationFrame(askForMore);
