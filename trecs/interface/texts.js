// The texts that a script shows. Before this come LANGUAGE and TEXTS, those of texts.toml that the script
// names: a text, or {one, other}, of which `count` chooses.

// Pieces of a text, from its first to its last: strings, and what `values` has for its placeholders, which may
// be nodes, or lists of nodes. Throws an Error where a text or a value is missing.
function textParts(key, values = {}) {
  const entry = TEXTS[key];
  const told = typeof entry === "string" ? entry : values.count === 1 ? entry.one : entry.other;
  return told.split(/\{(\w+)\}/).flatMap((piece, i) => {
    if (i % 2 === 0) return piece ? [piece] : [];
    if (values[piece] === undefined) throw new Error(`${key} lacks its ${piece}`);
    return values[piece];
  });
}

function texts(key, values) {
  return textParts(key, values).join("");
}
