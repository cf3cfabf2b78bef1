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
  const words = new Int32Array(after.length).fill(-1); // that of each character
  wordSpans(after).forEach(([start, stop], word) => words.fill(word, start, stop));
  const at = (place) => words[place] ?? -1;
  return wordSpans(before).map(([start, stop]) => {
    if (start < head) return at(start);
    return stop > kept ? at(stop - 1 + shift) : -1;
  });
}

function followedBindings(bindings, followed) {
  return new Map([...bindings].map(([stroke, word]) => [stroke, followed[word] ?? -1])
    .filter(([, word]) => word >= 0));
}

// The labels that words were given by hand, under the words' new numbers.
function followedLabels(labels, followed) {
  return new Map([...labels].map(([word, label]) => [followed[word] ?? -1, label])
    .filter(([word]) => word >= 0));
}

// All that was told of words by hand, under their new numbers.
function followedMarks({ bindings, labels, colours, seeds }, followed) {
  return {
    bindings: followedBindings(bindings, followed),
    labels: followedLabels(labels, followed),
    colours: followedColours(colours, followed),
    seeds: followedSeeds(seeds, followed),
  };
}

// With a stroke bound to a word; the model decides on it again where it was bound to it already.
function rebound(bindings, stroke, word) {
  const changed = new Map(bindings);
  if (changed.get(stroke) === word) changed.delete(stroke);
  else changed.set(stroke, word);
  return changed;
}
