// The slider between two pictures, the choice of these two, the word whose attention is shown, and
// the step that is shown of a picture that grew.

const STEP = 200; // milliseconds
let playing = null;
let seen = { of: "", sides: {} }; // what was chosen of the pictures of some words and a seed

// The gallery comes anew as each system is ready; what was chosen in it stays.
function keep() {
  const slider = element.querySelector(".slider");
  const of = element.querySelector(".beside > p")?.textContent ?? "";
  if (!slider || slider.kept) return;
  slider.kept = true;
  if (of !== seen.of) seen = { of, sides: {} };
  if (seen.at !== undefined) {
    slider.style.setProperty("--at", `${seen.at}%`);
    slider.querySelector("input").value = seen.at;
  }
  for (const [side, name] of Object.entries(seen.sides)) {
    element.querySelector(`[data-side="${side}"]`).value = name;
    showSide(side, name);
  }
}

function showSide(side, name) {
  const from = element.querySelector(`[data-system="${CSS.escape(name)}"] img`);
  const shown = element.querySelector(`.slider .${side}`);
  shown.src = from.src;
  const system = name;
  shown.alt = side === "left" ? texts("comparison.left_shows", { system }) : texts("comparison.right_shows", { system });
}

function choose(word) {
  const attention = word.closest(".attention");
  attention.style.setProperty("--row", word.dataset.row);
  for (const other of attention.querySelectorAll("[data-row]")) {
    other.setAttribute("aria-pressed", String(other === word));
  }
}

function showStep(growth, number) {
  const windows = JSON.parse(growth.dataset.windows);
  const at = windows[number];
  const mark = growth.querySelector("i");
  growth.style.setProperty("--frame", number);
  growth.querySelector("input").value = number;
  growth.querySelector("output").textContent = texts("comparison.step_of", { number: number + 1, most: windows.length });
  mark.hidden = !at;
  if (!at) return;
  const [left, top, right, bottom] = at;
  const place = { left, top, width: right - left, height: bottom - top };
  for (const [side, share] of Object.entries(place)) mark.style[side] = `${share}%`;
}

function stop() {
  if (!playing) return;
  clearInterval(playing.timer);
  playing.button.textContent = texts("comparison.play");
  playing = null;
}

function play(button) {
  const growth = button.closest(".growth");
  const last = JSON.parse(growth.dataset.windows).length - 1;
  let number = 0;
  showStep(growth, number);
  const timer = setInterval(() => {
    if (number >= last || !growth.isConnected) return stop();
    number += 1;
    showStep(growth, number);
  }, STEP);
  button.textContent = texts("comparison.stop");
  playing = { button, timer };
}

element.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const growth = event.target.closest(".growth");
  if (growth) {
    stop();
    showStep(growth, Number(event.target.value));
    return;
  }
  seen.at = event.target.value;
  event.target.parentElement.style.setProperty("--at", `${seen.at}%`);
});
element.addEventListener("change", (event) => {
  const side = event.target.dataset.side;
  if (!side) return;
  seen.sides[side] = event.target.value;
  showSide(side, event.target.value);
});
new MutationObserver(keep).observe(element, { childList: true, subtree: true });
element.addEventListener("click", (event) => {
  const word = event.target.closest("[data-row]");
  if (word) choose(word);
  const button = event.target.closest(".play");
  if (!button) return;
  const other = playing?.button !== button;
  stop();
  if (other) play(button);
});
