// A narrative under the hand: text with a time for every character, strokes of [x, y, t], one clock.
// Pure functions and small classes; nothing here touches the page.

// Seconds on one clock for pointer and keyboard: event.timeStamp and performance.now() share their
// origin. After loading a narrative the clock goes on where the narrative ended. Who goes away and
// comes back a day later has paused for half a minute, since times have an end.
const LONGEST_PAUSE = 30; // seconds

class NarrativeClock {
  constructor() {
    this.reset(0);
  }
  reset(seconds) {
    this.base = seconds;
    this.origin = null;
  }
  read(milliseconds) {
    this.origin ??= this.latest = milliseconds;
    this.origin += Math.max(milliseconds - this.latest - 1000 * LONGEST_PAUSE, 0);
    this.latest = Math.max(milliseconds, this.latest);
    return Math.max(0, this.base + (milliseconds - this.origin) / 1000);
  }
}

// How many characters two texts share at their beginning and, of the rest, at their end.
function shared(before, after) {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return { head, tail };
}

// The times of the characters of `after`, given those of `before`: what both texts share at their
// beginning and end keeps its times; what was typed between gets `now`. Many characters at once
// (pasted, dictated) are spread over the time since the last event.
function retime(before, times, after, last, now) {
  const { head, tail } = shared(before, after);
  const count = after.length - head - tail;
  const start = count > 1 ? Math.min(last, now) : now;
  const fresh = Array.from({ length: count }, (_, i) =>
    count > 1 ? start + ((now - start) * (i + 1)) / count : now,
  );
  return [...times.slice(0, head), ...fresh, ...times.slice(times.length - tail)];
}

// The words with their times: from a word's earliest to its latest character. A word that was
// corrected later than its successor was typed must not overtake it, since the format wants start
// times in order: such a word takes the place of its successor.
function timedWords(text, times) {
  const words = [...text.matchAll(/\S+/g)].map((match) => {
    const own = times.slice(match.index, match.index + match[0].length);
    const [start, end] = [(a, b) => Math.min(a, b), (a, b) => Math.max(a, b)].map((of) => own.reduce(of));
    return { text: match[0], start, end };
  });
  for (let i = words.length - 2; i >= 0; i--) {
    const next = words[i + 1].start;
    words[i].start = Math.min(words[i].start, next);
    words[i].end = Math.max(words[i].start, Math.min(words[i].end, next));
  }
  return words;
}

// What of the words is more than can be used, in a sentence, or nothing. `limits`: {words, letters, most}:
// longer words than `letters` are cut, longer ones than `most` refused.
function beyond(words, limits) {
  const many = (number) => number.toLocaleString(LANGUAGE);
  const longest = words.reduce((most, { text }) => Math.max(most, text.length), 0);
  if (words.length > limits.words) {
    return texts("trace.too_many_words", { number: many(words.length), most: many(limits.words) });
  }
  if (longest > limits.most) {
    return texts("trace.too_long_word", { number: many(longest), most: many(limits.most) });
  }
  if (longest <= limits.letters) return "";
  return texts("trace.long_word", { number: many(longest), most: limits.letters });
}

const round = (value, digits) => Number(value.toFixed(digits));

// Localized Narratives JSON, the format that the server reads. `bindings`: a Map from strokes to
// the number of the word that they were bound to by hand; `labels`: from the numbers of words to the
// names of labels that they were given by hand; `colours` and `seeds`: see colours.js and seeds.js.
function narrativeJson(
  text, times, strokes, bindings = new Map(), labels = new Map(), colours = new Map(), seeds = new Map(),
) {
  const words = timedWords(text, times);
  const bound = strokes.flatMap((stroke, i) =>
    bindings.has(stroke) ? [{ stroke: i, word: bindings.get(stroke) }] : [],
  );
  const given = [...labels].map(([word, label]) => ({ word, label }));
  const told = [...bound, ...given.sort((a, b) => a.word - b.word)];
  return JSON.stringify({
    caption: words.map((word) => word.text).join(" "),
    timed_caption: words.map((word) => ({
      utterance: word.text,
      start_time: round(word.start, 3),
      end_time: round(word.end, 3),
    })),
    traces: strokes.map((stroke) =>
      stroke.map(([x, y, t]) => ({ x: round(x, 4), y: round(y, 4), t: round(t, 3) })),
    ),
    ...(told.length ? { trecs_bindings: told } : {}),
    ...(colours.size ? { trecs_colours: coloursJson(colours) } : {}),
    ...(seeds.size ? { trecs_seeds: seedsJson(seeds) } : {}),
  });
}

// The inverse: {text, times, strokes, bindings, labels, colours, seeds, end}. Throws an Error that says what is
// wrong. The server checks a narrative, and more strictly, when it is imported and whenever it is used.
function parseNarrative(json) {
  let record;
  try {
    record = JSON.parse(json);
  } catch {
    try {
      record = JSON.parse(json.trim().split("\n", 1)[0]);
    } catch {
      throw new Error(texts("narrative.no_json"));
    }
  }
  const timed = record?.timed_caption ?? [];
  const traces = record?.traces ?? [];
  const caption = record?.caption ?? "";
  const known = record && typeof record === "object" && ("caption" in record || "timed_caption" in record);
  const lists = [timed, traces, ...(Array.isArray(traces) ? traces : [])].every(Array.isArray);
  if (!known || !lists || typeof caption !== "string") {
    throw new Error(texts("narrative.no_narrative"));
  }
  const finite = (value) => typeof value === "number" && Number.isFinite(value);
  const words = timed.length ? timed : untimedWords(caption);
  let text = "";
  const times = [];
  for (const word of words) {
    const { utterance, start_time: start, end_time: end } = word ?? {};
    if (typeof utterance !== "string" || !finite(start) || !finite(end)) {
      throw new Error(texts("narrative.bad_word"));
    }
    if (text) {
      text += " ";
      times.push(start);
    }
    const spread = Math.max(utterance.length - 1, 1);
    for (let i = 0; i < utterance.length; i++) times.push(start + ((end - start) * i) / spread);
    text += utterance;
  }
  const all = traces.map((trace) =>
    trace.map((point) => {
      const { x, y, t } = point ?? {};
      if (![x, y, t].every(finite)) throw new Error(texts("narrative.bad_point"));
      return [x, y, t];
    }),
  );
  const strokes = all.filter((stroke) => stroke.length);
  const bound = parseBindings(record.trecs_bindings ?? [], all, timedWords(text, times).length);
  const colours = parseColours(record.trecs_colours ?? [], timedWords(text, times).length);
  const seeds = parseSeeds(record.trecs_seeds ?? [], timedWords(text, times).length);
  return { text, times, strokes, ...bound, colours, seeds, end: endTime(times, strokes) };
}

function parseBindings(told, strokes, words) {
  const [bindings, labels] = [new Map(), new Map()];
  for (const item of Array.isArray(told) ? told : [null]) {
    const { stroke, word, label } = item ?? {};
    const named = typeof label === "string";
    const known = strokes[stroke] || (named && (stroke ?? null) === null);
    if (!known || !Number.isInteger(word) || word < 0 || word >= words) {
      throw new Error(texts("narrative.bad_binding"));
    }
    if (strokes[stroke]?.length) bindings.set(strokes[stroke], word);
    if (named) labels.set(word, label);
  }
  return { bindings, labels };
}

function untimedWords(caption) {
  return caption.split(/\s+/).filter(Boolean).map((utterance, i) => ({
    utterance,
    start_time: i * 0.4,
    end_time: i * 0.4 + 0.4,
  }));
}

function endTime(times, strokes) {
  const latest = times.reduce((a, b) => Math.max(a, b), 0);
  return strokes.reduce((end, stroke) => Math.max(end, stroke.at(-1)[2]), latest);
}

// Idle time is no part of a narrative's story: gaps in which nothing was typed or drawn shrink to
// half a second. Returns {at(t) -> seconds on the shortened clock, length}.
const LONGEST_GAP = 0.5;

// `voice`: stretches [start, end] in which somebody speaks.
function storyClock(words, strokes, voice = []) {
  const spans = [
    ...voice,
    ...words.map((word) => [word.start, word.end]),
    ...strokes.map((stroke) => [stroke[0][2], stroke.at(-1)[2]]),
  ].sort((a, b) => a[0] - b[0]);
  const knots = []; // [true time, story time], both ascending, linear in between
  let reached = null;
  let story = 0;
  for (const [start, end] of spans) {
    if (reached === null) knots.push([start, 0]);
    else if (start > reached) {
      story += Math.min(start - reached, LONGEST_GAP);
      knots.push([start, story]);
    }
    const from = reached === null ? start : Math.max(start, reached);
    if (end > from) {
      story += end - from;
      knots.push([end, story]);
    }
    reached = Math.max(reached ?? end, end);
  }
  return { length: story, at: (t) => interpolate(knots, t) };
}

function interpolate(knots, t) {
  if (!knots.length) return 0;
  let low = 0;
  let high = knots.length - 1;
  if (t <= knots[0][0]) return knots[0][1];
  if (t >= knots[high][0]) return knots[high][1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle][0] <= t) low = middle;
    else high = middle;
  }
  const [t0, s0] = knots[low];
  const [t1, s1] = knots[high];
  return t1 > t0 ? s0 + ((s1 - s0) * (t - t0)) / (t1 - t0) : s1;
}
