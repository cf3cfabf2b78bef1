// Paper is white: the page is printed in its light colours, also its canvases.

let wasDark = null; // null: on the screen

function onPaper(printing) {
  const { classList, style } = document.body;
  if (printing && wasDark === null) {
    wasDark = classList.contains("dark");
    classList.remove("dark");
    style.setProperty("--film", "#ffffff");
  } else if (!printing) {
    if (wasDark) classList.add("dark");
    style.removeProperty("--film");
    wasDark = null;
  }
}

window.addEventListener("beforeprint", () => onPaper(true));
window.addEventListener("afterprint", () => onPaper(false));
matchMedia("print").addEventListener("change", ({ matches }) => onPaper(matches));
