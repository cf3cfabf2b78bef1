// Sound as the server hears it: one channel, 16 kHz, 16 bits; cut at pauses, and as WAV.

const RATE = 16000; // samples a second
const FRAME = RATE / 50; // 20 ms
const PAUSE = 25; // frames (0.5 s) without a sound after which a piece is cut
const SHORTEST = 5; // frames that sound and make a piece worth hearing
const LONGEST = 15 * 50; // frames after which a piece is cut anyhow, where it is most quiet
const LATELY = 3 * 50; // frames: where that place is looked for, and what tells how loud the room is
const SILENT = 0.004; // of 1: no room is more quiet
const LOUD = 0.02; // of 1: no room that one speaks in is louder
const MARGIN_SOUND = 0.2 * RATE; // samples before and after what sounds

// Cuts what comes in at pauses. `take({samples, from, to})` gets every piece, an Int16Array, none left
// out; what sounds in it, with a margin, is from `from` up to `to`, which are the same where nothing does.
class PieceCutter {
  constructor(take) {
    this.take = take;
    this.recent = []; // how loud the last frames were
    this.empty();
  }
  empty() {
    Object.assign(this, { frames: [], loud: [], rest: new Int16Array(0) });
  }
  get length() {
    return this.frames.length * FRAME + this.rest.length;
  }
  feed(samples) {
    const all = new Int16Array(this.rest.length + samples.length);
    all.set(this.rest);
    samples.forEach((value, i) => (all[this.rest.length + i] = Math.max(-1, Math.min(1, value)) * 32767));
    let at = 0;
    for (; at + FRAME <= all.length; at += FRAME) this.frame(all.slice(at, at + FRAME));
    this.rest = all.slice(at);
  }
  frame(frame) {
    const level = Math.sqrt(frame.reduce((sum, value) => sum + value * value, 0) / FRAME) / 32768;
    this.recent.push(level);
    if (this.recent.length > LATELY) this.recent.shift();
    this.frames.push(frame);
    this.loud.push({ level, sounds: level > Math.min(Math.max(SILENT, 3 * Math.min(...this.recent)), LOUD) });
    const sounding = this.loud.filter(({ sounds }) => sounds).length;
    const paused = this.loud.length >= PAUSE && this.loud.slice(-PAUSE).every(({ sounds }) => !sounds);
    if (paused && sounding >= SHORTEST) this.cut(this.frames.length);
    else if (this.frames.length >= LONGEST) this.cut(this.quietest());
  }
  quietest() {
    const late = this.loud.slice(-LATELY).map(({ level }) => level);
    return this.loud.length - late.length + late.indexOf(Math.min(...late)) + 1;
  }
  cut(count) {
    this.take(pieceOf(this.frames.splice(0, count), this.loud.splice(0, count)));
  }
  // What there is of the piece under way.
  underWay() {
    return pieceOf(this.frames, this.loud, this.rest);
  }
  flush() {
    if (this.length) this.take(this.underWay());
    this.empty();
  }
}

function pieceOf(frames, loud, rest = []) {
  const samples = new Int16Array(frames.length * FRAME + rest.length);
  frames.forEach((frame, i) => samples.set(frame, i * FRAME));
  samples.set(rest, frames.length * FRAME);
  const sounding = loud.flatMap(({ sounds }, i) => (sounds ? [i] : []));
  if (sounding.length < SHORTEST) return { samples, from: 0, to: 0 };
  const from = Math.max(sounding[0] * FRAME - MARGIN_SOUND, 0);
  return { samples, from, to: Math.min((sounding.at(-1) + 1) * FRAME + MARGIN_SOUND, samples.length) };
}

// Samples at another rate, in the order in which they come; what is above its half was filtered out.
class Resampler {
  constructor(rate) {
    Object.assign(this, { step: rate / RATE, at: 0, last: 0 });
  }
  // Linear between neighbours, one sample late; `at` is the place of the next one in `samples`.
  next(samples) {
    const made = [];
    for (; this.at < samples.length; this.at += this.step) {
      const left = Math.floor(this.at);
      const before = left ? samples[left - 1] : this.last;
      made.push(before + (samples[left] - before) * (this.at - left));
    }
    this.at -= samples.length;
    this.last = samples.at(-1);
    return Float32Array.from(made);
  }
}

// Clips of {start, samples} as one WAV whose first sample is at 0 s.
function wavOf(clips) {
  const places = clips.map(({ start }) => Math.max(Math.round(start * RATE), 0));
  const count = clips.reduce((most, { samples }, i) => Math.max(most, places[i] + samples.length), 0);
  const bytes = new ArrayBuffer(44 + 2 * count);
  const view = new DataView(bytes);
  const text = (at, letters) => [...letters].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  [[16, 16], [24, RATE], [28, 2 * RATE], [40, 2 * count]].forEach(([at, n]) => view.setUint32(at, n, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, n]) => view.setUint16(at, n, true));
  text(36, "data");
  const sound = new Int16Array(bytes, 44); // as all machines of today, little-endian
  clips.forEach(({ samples }, i) => sound.set(samples, places[i]));
  return new Blob([bytes], { type: "audio/wav" });
}

// The clips in a sound file of any format that the browser reads; throws an Error with what is wrong.
async function clipsIn(file) {
  if (file.size > LARGEST_SOUND * 2 ** 20) {
    const size = Math.round(file.size / 2 ** 20);
    throw new Error(texts("narrative.large_sound", { size, most: LARGEST_SOUND }));
  }
  let sound;
  try {
    sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
  } catch {
    throw new Error(texts("narrative.bad_sound", { file: file.name }));
  }
  if (sound.duration > MOST_SECONDS) {
    const minutes = Math.round(sound.duration / 60);
    throw new Error(texts("narrative.long_sound", { minutes, most: MOST_SECONDS / 60 }));
  }
  const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
  const mixed = channels[0].map((_, i) => channels.reduce((sum, one) => sum + one[i], 0) / channels.length);
  const clips = [];
  let start = 0;
  const cutter = new PieceCutter((piece) => {
    clips.push({ ...piece, start });
    start += piece.samples.length / RATE;
  });
  cutter.feed(mixed);
  cutter.flush();
  return clips;
}
const LARGEST_SOUND = 64; // MB
const MOST_SECONDS = 30 * 60; // of a recording, 58 MB
