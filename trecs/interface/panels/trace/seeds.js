// The seeds of their own that things were given by hand: by a word's number, or by a label's name, for
// what no region of words is.

const LARGEST_SEED = 2 ** 32 - 1;
const isSeed = (value) => Number.isInteger(value) && value >= 0 && value <= LARGEST_SEED;

// Under the words' new numbers, `followed` as of `followedWords`.
function followedSeeds(seeds, followed) {
  return new Map([...seeds].map(([key, seed]) => [typeof key === "string" ? key : followed[key] ?? -1, seed])
    .filter(([key]) => key !== -1));
}

function seedsJson(seeds) {
  const keys = [...seeds.keys()];
  const words = keys.filter((key) => typeof key === "number").sort((a, b) => a - b);
  const labels = keys.filter((key) => typeof key === "string").sort();
  return [
    ...words.map((word) => ({ word, seed: seeds.get(word) })),
    ...labels.map((label) => ({ label, seed: seeds.get(label) })),
  ];
}

function parseSeeds(told, words) {
  const seeds = new Map();
  for (const item of Array.isArray(told) ? told : [null]) {
    const { word, label, seed } = item ?? {};
    const known = label === undefined ? Number.isInteger(word) && word >= 0 && word < words : typeof label === "string";
    if (!known || !isSeed(seed)) {
      throw new Error(texts("narrative.bad_seed"));
    }
    seeds.set(label ?? word, seed);
  }
  return seeds;
}

// The seed that a region has, whose words are `region`, undefined for the picture's.
function seedOf(seeds, region, label) {
  return seeds.get(region.findLast((word) => seeds.has(word))) ?? seeds.get(label);
}

// With a region's seed changed, undefined for the picture's. It stands with its noun, the word number
// `noun`, or with its label where that is undefined. A label's seed stays for others of the label.
function reseeded(seeds, region, noun, label, seed) {
  const labels = noun === undefined || seed === undefined;
  const changed = new Map([...seeds].filter(([key]) => !(labels && key === label) && !region.includes(key)));
  if (seed !== undefined) changed.set(noun ?? label, seed);
  return changed;
}

// The seed after another; the picture's own would change nothing.
function nextSeed(seed, picture) {
  const next = ((seed ?? 0) + 1) % (LARGEST_SEED + 1);
  return next === picture ? (next + 1) % (LARGEST_SEED + 1) : next;
}
