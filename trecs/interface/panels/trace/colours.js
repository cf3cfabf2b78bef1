// The colours that things of words were given by hand: by a word's number "#rrggbb", or "" for none,
// whatever the words say.

// Under the words' new numbers, `followed` as of `followedWords`.
function followedColours(colours, followed) {
  return new Map([...colours].map(([word, colour]) => [followed[word] ?? -1, colour])
    .filter(([word]) => word >= 0));
}

function coloursJson(colours) {
  return [...colours].sort((a, b) => a[0] - b[0])
    .map(([word, colour]) => ({ word, colour: colour || null }));
}

function parseColours(told, words) {
  const colours = new Map();
  for (const item of Array.isArray(told) ? told : [null]) {
    const { word, colour } = item ?? {};
    const known = Number.isInteger(word) && word >= 0 && word < words;
    if (!known || !(colour === null || /^#[0-9a-f]{6}$/i.test(colour))) {
      throw new Error(texts("narrative.bad_colour"));
    }
    colours.set(word, colour ?? "");
  }
  return colours;
}

// With a region's colour changed, whose words are `region`; undefined is as its words say. The
// colour stands with its noun, the word number `noun`.
function recoloured(colours, region, noun, colour) {
  const changed = new Map([...colours].filter(([word]) => !region.includes(word)));
  if (colour !== undefined) changed.set(noun, colour);
  return changed;
}
