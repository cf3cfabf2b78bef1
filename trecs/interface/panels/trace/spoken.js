// Recognised words in the text, each at its place on the clock, and their times through corrections.

// The text with one more word, {text, start, end}, after all that began before it. Returns the new text
// and times, where the word was put and how many characters came in.
function withSpoken(text, times, word) {
  const spans = wordSpans(text);
  const known = timedWords(text, times);
  const next = known.findIndex(({ start }) => start > word.start);
  const at = next < 0 ? text.length : spans[next][0];
  const letters = Array.from({ length: word.text.length }, (_, i) =>
    word.start + ((word.end - word.start) * i) / Math.max(word.text.length - 1, 1),
  );
  const gap = next < 0 && at > 0 && !/\s$/.test(text);
  const added = next < 0 ? (gap ? " " : "") + word.text : `${word.text} `;
  const fresh = next < 0 ? [...(gap ? [word.start] : []), ...letters] : [...letters, word.end];
  return {
    text: text.slice(0, at) + added + text.slice(at),
    times: [...times.slice(0, at), ...fresh, ...times.slice(at)],
    at,
    count: added.length,
  };
}

// The state of a sheet with all these words, and its caret's `places` as they stand then; `follow` tells the
// binder of each step, see bindings.js.
function withAllSpoken(state, places, words, follow) {
  for (const word of words) {
    const { text, times, at, count } = withSpoken(state.text, state.times, word);
    const marks = followedMarks(state, follow(state.text, text));
    state = { ...state, text, times, ...marks };
    places = places.map((place) => (at <= place && at < text.length - count ? place + count : place));
  }
  return { state, places };
}

// Who corrects what was said does not say it again: what is typed in the place of spoken characters has
// their times. `covers(seconds)`: whether the recording has that moment.
class Corrections {
  constructor() {
    this.forget();
  }
  forget() {
    this.erased = null; // {at, start, end, begun}: what was taken out, and where
  }
  // The times of the characters of `after`, see `retime`, which has the other arguments.
  times(before, times, after, last, now, covers) {
    const { head, tail } = shared(before, after);
    const kept = before.length - tail;
    const count = after.length - head - tail;
    if (kept > head) this.erase(head, times.slice(head, kept), covers);
    if (!count) return retime(before, times, after, last, now);
    const span = this.erased?.at === head ? this.erased : this.around(before, times, head, kept, covers);
    this.forget();
    if (!span) return retime(before, times, after, last, now);
    const { start, end, begun = false, lasting } = span;
    const spread = (i) => (count > 1 ? start + ((end - start) * i) / (count - 1) : begun ? end : start);
    if (!lasting) this.erased = { at: head + count, start, end, begun: true };
    const fresh = Array.from({ length: count }, (_, i) => spread(i));
    return [...times.slice(0, head), ...fresh, ...times.slice(kept)];
  }
  erase(at, times, covers) {
    const { erased } = this;
    this.forget();
    if (!covers(times[0])) return;
    const beside = erased && (erased.at === at + times.length || erased.at === at) ? erased : null;
    const all = [...times, ...(beside ? [beside.start, beside.end] : [])];
    this.erased = { at, start: Math.min(...all), end: Math.max(...all) };
  }
  // What is put into a spoken word, or between two, has its time from them.
  around(before, times, head, kept, covers) {
    const left = head > 0 && covers(times[head - 1]) ? times[head - 1] : null;
    const right = kept < before.length && covers(times[kept]) ? times[kept] : null;
    const within = (place) => /\S/.test(before[place] ?? "");
    if (left !== null && within(head - 1)) return { start: left, end: left, lasting: true };
    if (right !== null && within(kept) && (head === 0 || left === null)) return { start: right, end: right, lasting: true };
    if (left !== null && right !== null) return { start: left, end: Math.max(left, right), lasting: true };
    return null;
  }
}
