// The menu of formats in which the picture's layers are saved. In scope: element, trigger (from Gradio).

const menu = element.querySelector(".layer-menu");
const close = (focus) => {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
};

menu.addEventListener("click", ({ target }) => {
  const format = target.closest("[data-format]")?.dataset.format;
  if (!format) return;
  close(true);
  trigger("layers", { format });
});
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  close(true);
  event.stopPropagation();
});
document.addEventListener("pointerdown", ({ target }) => {
  if (menu.open && !menu.contains(target)) close(false);
});
