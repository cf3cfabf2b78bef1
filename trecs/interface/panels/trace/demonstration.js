// The first minute: an empty sheet shows once what to do by doing it. Any press or key ends it.

const DEMONSTRATED_KEY = "trecs-demonstrated";
const DEMONSTRATION = 6; // seconds
const REST = 1.2; // seconds that all of it stays
// What is said, and around which ellipse [x, y, width, height] the hand goes meanwhile.
const SHOWN = [
  [texts("trace.shown_dog"), [0.32, 0.66, 0.26, 0.3]],
  [texts("trace.shown_grass"), [0.5, 0.8, 0.94, 0.32]],
  [texts("trace.shown_sky"), [0.5, 0.24, 0.94, 0.4]],
];

// Its words with times, and its strokes of [x, y, t].
function demonstration() {
  const each = DEMONSTRATION / SHOWN.length;
  const words = SHOWN.flatMap(([said], i) => {
    const spoken = said.split(" ");
    const time = (n) => each * (i + (0.85 * n) / spoken.length);
    return spoken.map((text, n) => ({ text, start: time(n), end: time(n + 1) }));
  });
  const strokes = SHOWN.map(([, [x, y, width, height]], i) =>
    Array.from({ length: 49 }, (_, n) => {
      const turn = (2 * Math.PI * n) / 48;
      const wobble = 1 + 0.04 * Math.sin(5 * turn + i);
      const [across, down] = [Math.sin(turn) * wobble * width, -Math.cos(turn) * wobble * height];
      return [x + across / 2, y + down / 2, each * (i + 0.1 + (0.75 * n) / 48)];
    }),
  );
  return { words, strokes };
}

// Plays it where the visitor is new, may see things move, and `untouched()`: on the sheet, on the ribbon
// and in the empty box, all of the `view`. `place` gets the button that ends it; then comes `over()`.
function demonstrate({ sheet, ribbon, box }, place, untouched, over) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm || location.hash || kept.get(DEMONSTRATED_KEY) || !untouched()) return;
  kept.set(DEMONSTRATED_KEY, "yes");
  const { words, strokes } = demonstration();
  const story = storyClock(words, strokes);
  const usual = box.placeholder;
  const skip = document.createElement("button");
  Object.assign(skip, { type: "button", className: "tc-skip tool", textContent: texts("trace.skip") });
  place.append(skip);
  let began = null;
  let frame = requestAnimationFrame(function step(now) {
    began ??= now;
    const moment = (now - began) / 1000;
    if (!untouched() || moment > DEMONSTRATION + REST) return end();
    sheet.draw(strokes, story, story.at(moment));
    drawRibbon(ribbon, words, strokes, story, story.at(moment));
    const said = words.filter(({ start }) => start <= moment);
    box.placeholder = said.map(({ text }) => text).join(" ");
    frame = requestAnimationFrame(step);
  });
  const ENDING = ["pointerdown", "keydown"];
  function end() {
    cancelAnimationFrame(frame);
    for (const event of ENDING) document.removeEventListener(event, end, true);
    box.placeholder = usual;
    skip.remove();
    over();
  }
  for (const event of ENDING) document.addEventListener(event, end, true);
}
