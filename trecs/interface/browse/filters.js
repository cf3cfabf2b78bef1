// The filters are told when somebody has paused in typing, or chosen a label.

const PAUSE = 200; // ms
let waiting = 0;

element.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const word = element.querySelector("input").value;
    trigger("filter", { word, label: element.querySelector("select").value });
  }, PAUSE);
});
