// The microphone: its samples at 16 kHz, and when they sounded on the page's clock.

const BATCH = 1024; // samples between two messages, about 20 ms
const SETTLING = 500; // ms after which it is known when the first sample sounded
const LOST = 100; // ms by which all sound of two seconds is late where some was lost
const TAP = `
registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.batch = new Float32Array(${BATCH});
    this.filled = 0;
  }
  process([[channel]]) {
    if (channel) this.batch.set(channel, this.filled);
    this.filled += 128;
    if (this.filled < ${BATCH}) return true;
    this.port.postMessage({ samples: this.batch, wall: Date.now() });
    this.batch = new Float32Array(${BATCH});
    this.filled = 0;
    return true;
  }
});`;
const DENIED = {
  NotAllowedError: texts("voice.denied"),
  NotFoundError: texts("voice.no_microphone"),
  NotReadableError: texts("voice.busy_microphone"),
};

class Microphone {
  // Opens it; throws an Error that says why it cannot be. `take(samples, milliseconds)` gets samples of
  // [-1, 1] in order, none left out, and when the first of them sounded, as performance.now() counts.
  static async open(take, ended) {
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) {
      throw new Error(texts("voice.insecure"));
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
    } catch (error) {
      throw new Error(DENIED[error.name] ?? texts("voice.unusable", { why: error.message }));
    }
    const microphone = new Microphone(stream, take);
    stream.getAudioTracks()[0].addEventListener("ended", ended);
    await microphone.connect();
    return microphone;
  }
  constructor(stream, take) {
    Object.assign(this, { stream, take, context: new AudioContext(), read: 0, waiting: [], began: null, late: [] });
    this.resampler = new Resampler(this.context.sampleRate);
  }
  async connect() {
    const { context } = this;
    const code = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
    await context.audioWorklet.addModule(code);
    URL.revokeObjectURL(code);
    await context.resume();
    const tap = new AudioWorkletNode(context, "tap", { channelCount: 1, channelCountMode: "explicit" });
    tap.port.onmessage = ({ data }) => this.batch(data);
    const nodes = [context.createMediaStreamSource(this.stream), ...this.lowpass(), tap, context.destination];
    nodes.reduce((from, to) => from.connect(to)); // the tap's own sound is silence
  }
  // A Butterworth filter of order six: the samples between are left out afterwards.
  lowpass() {
    return [0.518, 0.707, 1.932].map(
      (q) => new BiquadFilterNode(this.context, { type: "lowpass", frequency: 7000, Q: 20 * Math.log10(q) }),
    );
  }
  // `wall`: when the samples were whole, as Date.now() counts, which the worklet has, too; so that it
  // does not matter how busy the page is.
  batch({ samples, wall }) {
    const whole = performance.now() - (Date.now() - wall);
    this.read += samples.length;
    const first = whole - (1000 * this.read) / this.context.sampleRate;
    this.waiting.push({ samples: this.resampler.next(samples), first });
    if (this.began === null) {
      if (this.read < (SETTLING / 1000) * this.context.sampleRate) return;
      const latency = this.stream.getAudioTracks()[0].getSettings().latency ?? 0; // seconds
      this.earliest = Math.min(...this.waiting.map((one) => one.first));
      this.began = this.earliest - 1000 * latency;
      this.given = 0;
    }
    for (const one of this.waiting) this.give(one);
    this.waiting = [];
  }
  give({ samples, first }) {
    this.late.push(first - this.earliest);
    if (this.late.length * BATCH > 2 * this.context.sampleRate) {
      const lost = Math.min(...this.late);
      this.late = [];
      if (lost > LOST) {
        this.earliest += lost;
        this.pass(new Float32Array(Math.round((lost * RATE) / 1000)));
      }
    }
    this.pass(samples);
  }
  pass(samples) {
    this.take(samples, this.began + (1000 * this.given) / RATE);
    this.given += samples.length;
  }
  close() {
    for (const track of this.stream.getTracks()) track.stop();
    this.context.close();
  }
}
