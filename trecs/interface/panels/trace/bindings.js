// Which words strokes were bound to by hand, followed through edits of the text. A binding leads
// from a stroke (its array of points, which no edit changes) to the number of a word.

function wordSpans(text) {
  return [...text.matchAll(/\S+/g)].map(({ index, 0: word }) => [index, index + word.length]);
}

// Of each word of `before`, its number in `after`; -1 where nothing of it is left.
function followedWords(before, after) {
  const { head, tail } = shared(before, after);
  const kept = before.length - tail;
  const shift = after.length - before.length;
  const now = wordSpans(after);
  const at = (place) => now.findIndex(([start, stop]) => start <= place && place < stop);
  return wordSpans(before).map(([start, stop]) => {
    if (start < head) return at(start);
    return stop > kept ? at(stop - 1 + shift) : -1;
  });
}

function followedBindings(bindings, followed) {
  return new Map([...bindings].map(([stroke, word]) => [stroke, followed[word] ?? -1])
    .filter(([, word]) => word >= 0));
}

// With a stroke bound to a word; the model decides on it again where it was bound to it already.
function rebound(bindings, stroke, word) {
  const changed = new Map(bindings);
  if (changed.get(stroke) === word) changed.delete(stroke);
  else changed.set(stroke, word);
  return changed;
}
