// `?` opens the list of shortcuts, where nobody is typing. In scope: element (from Gradio).

const list = element.querySelector("dialog");
const typing = ({ target }) => target.closest?.("input:not([type=range]), textarea, [contenteditable=true]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || typing(event) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (list.open) list.close();
  else list.showModal();
});
element.addEventListener("click", ({ target }) => {
  const act = target.closest("[data-keys]")?.dataset.keys;
  if (act === "open") list.showModal();
  else if (act === "close" || target === list) list.close(); // beside the list lies its backdrop
});
