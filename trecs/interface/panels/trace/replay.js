// Draws a narrative again at its own speed; its words light up as they were said, and a
// voice that was recorded is heard.

class Replay {
  // `view`: {sheet, ribbon, box, spoken, button}, of which `spoken` stands in the box's place
  // meanwhile. `onEnd` is called when it is over or was stopped.
  constructor(view, onEnd) {
    Object.assign(this, { view, onEnd, frame: null });
  }
  get running() {
    return this.frame !== null;
  }
  start(words, strokes, story, tape) {
    const spans = this.spell(words, story);
    const starts = words.map((word) => story.at(word.start));
    this.swap(texts("trace.stop"), true);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.silence = playTape(tape, story);
    const began = performance.now();
    const step = () => {
      let moment = (performance.now() - began) / 1000;
      if (calm) moment = Math.floor(moment); // once a second instead of a moving line
      this.view.sheet.draw(strokes, story, moment);
      drawRibbon(this.view.ribbon, words, strokes, story, moment);
      spans.forEach((span, i) => span.classList.toggle("tc-lit", starts[i] <= moment));
      if (moment > story.length + 0.6) this.stop();
      else this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }
  stop() {
    if (!this.running) return;
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.silence();
    this.swap(texts("trace.replay"), false);
    this.onEnd();
  }
  spell(words, story) {
    const spans = words.map((word) => {
      const span = document.createElement("span");
      span.textContent = word.text;
      span.style.setProperty("--ink-of-word", timeInk(story.at(word.start) / (story.length || 1)));
      return span;
    });
    this.view.spoken.replaceChildren();
    for (const span of spans) this.view.spoken.append(span, " ");
    return spans;
  }
  swap(act, spoken) {
    this.view.box.hidden = spoken;
    this.view.spoken.hidden = !spoken;
    this.view.button.querySelector("span").textContent = act;
  }
}
