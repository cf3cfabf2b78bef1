// A tape has all that was recorded of one narrative, in clips on the narrative's clock:
// {start, samples, from, to, heard}, seconds, an Int16Array, what sounds of it (see sound.js), and whether
// its words were recognised. It only ever grows, so that Undo never takes sound away.

class Tape {
  constructor(id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`) {
    Object.assign(this, { id, clips: [] });
  }
  get seconds() {
    return this.clips.reduce((sum, { samples }) => sum + samples.length / RATE, 0);
  }
  get end() {
    return this.clips.reduce((end, { start, samples }) => Math.max(end, start + samples.length / RATE), 0);
  }
  // The stretches in which something sounds, [from, to] in seconds.
  get spans() {
    const sounding = this.clips.filter(({ from, to }) => to > from);
    return sounding.map(({ start, from, to }) => [start + from / RATE, start + to / RATE]);
  }
  get unheard() {
    return this.clips.filter(({ heard, from, to }) => !heard && to > from);
  }
  covers(seconds) {
    return this.clips.some(({ start, samples }) => seconds >= start && seconds <= start + samples.length / RATE);
  }
}

// A sheet with nothing on it.
function blank() {
  const marks = { bindings: new Map(), labels: new Map(), colours: new Map(), seeds: new Map() };
  return { text: "", times: [], strokes: [], ...marks, tape: new Tape() };
}

const A_DAY = 24 * 3600 * 1000; // ms

// Tapes that the browser keeps; those that no draft names go after a day.
class TapeStore extends KeptItems {
  constructor(name = "trecs-voice") {
    super(name, "clips", "id");
  }
  keep(tape, clip, number = tape.clips.indexOf(clip)) {
    return this.put({ ...clip, id: `${tape.id}/${String(number).padStart(6, "0")}` });
  }
  async find(id) {
    const tape = new Tape(id);
    const own = IDBKeyRange.bound(`${id}/`, `${id}/\uffff`);
    const found = (await this.attempt("readonly", (store) => store.getAll(own))) ?? [];
    tape.clips.push(...found.map(({ id: _, ...clip }) => clip));
    return tape;
  }
  // `drafts`: the texts of all drafts.
  async sweep(drafts) {
    const ids = (await this.attempt("readonly", (store) => store.getAllKeys())) ?? [];
    const tapes = new Set(ids.map((id) => id.split("/")[0]));
    for (const tape of tapes) {
      const old = Date.now() - parseInt(tape.split("-")[0], 36) > A_DAY;
      if (!old || drafts.some((text) => text.includes(tape))) continue;
      await this.attempt("readwrite", (store) => store.delete(IDBKeyRange.bound(`${tape}/`, `${tape}/\uffff`)));
    }
  }
}

// Plays a tape on the shortened clock of a replay; returns what ends it.
function playTape(tape, story) {
  if (!tape.spans.length) return () => {};
  const context = new AudioContext();
  for (const { start, samples, from, to } of tape.clips) {
    if (to <= from) continue;
    const buffer = context.createBuffer(1, to - from, RATE);
    buffer.copyToChannel(Float32Array.from(samples.subarray(from, to), (value) => value / 32768), 0);
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(context.destination);
    node.start(context.currentTime + story.at(start + from / RATE));
  }
  return () => context.close();
}
