// Speak while you trace: the button, the recording, and its way to the words and back.

const KEEPING = 2000; // ms between two looks of the browser's memory at the piece under way

class Voice {
  // `find(name)` gives the elements, `server` {speech_ready, recognise}; `on`: {press(), clock(ms), tape(),
  // heard(words, tape), recorded(), say(message, wrong)}, where `heard` gets words with seconds of the clock.
  constructor(find, server, on) {
    Object.assign(this, { server, on, store: new TapeStore() });
    Object.assign(this, { button: find("speak"), again: find("again"), level: find("level") });
    Object.assign(this, { microphone: null, busy: false, hearing: false, failed: "" });
    this.button.addEventListener("click", () => (this.microphone ? this.stop() : this.start()));
    this.again.addEventListener("click", () => this.hear());
    this.store.sweep(kept.keys().map((key) => kept.get(key) ?? ""));
  }
  async start() {
    if (this.busy) return;
    this.busy = true;
    this.on.press();
    try {
      const told = await this.ask("speech_ready", "");
      if (told.refused) throw new Error(told.refused);
      this.begin();
      const microphone = await Microphone.open((samples, at) => this.took(samples, at), () => this.stop());
      this.microphone = microphone;
      this.on.say(texts("voice.go_on"));
    } catch (error) {
      this.on.say(error.message, true);
    }
    this.busy = false;
    this.show();
  }
  // What the server answers; Gradio gives nothing where it does not answer.
  async ask(act, content) {
    const nobody = { refused: texts("voice.no_answer") };
    return (await this.server[act](content).catch(() => nobody)) ?? nobody;
  }
  begin() {
    const tape = this.on.tape();
    this.on.clock(performance.now()); // which begins now at the latest
    this.tape = tape;
    this.reached = null; // seconds on the clock of the next piece
    this.keptAt = performance.now();
    this.cutter = new PieceCutter((piece) => this.piece(tape, piece));
  }
  took(samples, at) {
    const now = this.on.clock(at); // also tells the clock that there is no pause
    this.reached ??= now;
    this.cutter.feed(samples);
    this.meter();
    if (this.tape.seconds + this.cutter.length / RATE > MOST_SECONDS || now > MOST_SECONDS) {
      this.stop(texts("voice.longest", { minutes: MOST_SECONDS / 60 }));
    } else if (performance.now() - this.keptAt > KEEPING) {
      this.keptAt = performance.now();
      const { tape, cutter } = this;
      this.store.keep(tape, { ...cutter.underWay(), start: this.reached, heard: false }, tape.clips.length);
    }
  }
  async piece(tape, piece) {
    const clip = { ...piece, start: this.reached, heard: false };
    this.reached += piece.samples.length / RATE;
    tape.clips.push(clip);
    this.on.recorded();
    if (clip.to > clip.from) this.hear();
    await this.store.keep(tape, clip);
    if (!this.store.lasting && !this.toldUnkept) this.on.say((this.toldUnkept = texts("voice.unkept")), true);
  }
  stop(message) {
    if (!this.microphone) return;
    this.microphone.close();
    this.microphone = null;
    this.cutter.flush();
    this.show();
    if (message) this.on.say(message, true);
    else if (!this.failed) this.on.say(this.hearing ? texts("voice.last_words") : "");
  }
  // Has what is recorded recognised, piece by piece in its order; what fails stays to be heard again.
  async hear() {
    if (this.hearing) return;
    this.hearing = true;
    this.failed = "";
    this.show();
    const tape = this.on.tape();
    while (!this.failed && tape.unheard.length && tape === this.on.tape()) {
      const [clip] = tape.unheard;
      const piece = base64Of(new Uint8Array(clip.samples.slice(clip.from, clip.to).buffer));
      const told = await this.ask("recognise", piece);
      if (told.refused) this.failed = told.refused;
      else {
        clip.heard = true;
        this.store.keep(tape, clip);
        this.merge(tape, clip, told.words);
      }
    }
    this.hearing = false;
    this.show();
    if (this.failed) this.on.say(texts("voice.unheard", { why: this.failed }), true);
    else if (!this.microphone) this.on.say("");
    if (this.on.tape() !== tape && this.on.tape().unheard.length) this.hear();
  }
  merge(tape, clip, words) {
    const first = clip.start + clip.from / RATE;
    const timed = words.map(([text, start, end]) => ({ text, start: first + start, end: first + end }));
    if (timed.length && tape === this.on.tape()) this.on.heard(timed);
  }
  meter() {
    const loudest = Math.max(0, ...this.cutter.recent.slice(-10));
    this.level.style.transform = `scaleX(${Math.min(4 * loudest, 1)})`;
    const seconds = Math.floor(this.tape.seconds + this.cutter.length / RATE);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const told = texts("voice.stop", { time });
    const label = this.button.querySelector("span");
    if (this.microphone && label.textContent !== told) label.textContent = told;
  }
  show() {
    const recording = this.microphone !== null;
    this.button.setAttribute("aria-pressed", String(recording));
    if (!recording) {
      this.button.querySelector("span").textContent = texts("voice.speak");
      this.level.style.transform = "scaleX(0)";
    }
    this.again.hidden = this.hearing || recording || !this.on.tape().unheard.length;
  }
  // A recording from a file, {name, clips}; `heard`: its words are there already.
  load({ clips }, heard) {
    const tape = this.on.tape();
    tape.clips.push(...clips.map((clip) => ({ ...clip, heard })));
    for (const clip of tape.clips) this.store.keep(tape, clip);
    this.on.recorded();
    if (!heard) this.hear();
  }
}
