// Narratives that were chosen together, as files or as lines of one: one is on the page, two buttons go through them.

const LARGEST_PILE = 64; // MB of lines

class NarrativePile {
  // `find(name)` gives the elements; `take(file)` brings one to the page.
  constructor(find, take) {
    const [before, next] = [find("pile-before"), find("pile-next")];
    Object.assign(this, { bar: find("pile"), told: find("pile-told"), before, next, take, pieces: [], at: 0 });
    before.addEventListener("click", () => this.go(this.at - 1));
    next.addEventListener("click", () => this.go(this.at + 1));
  }
  show(pieces) {
    this.pieces = pieces;
    this.bar.hidden = pieces.length < 2;
    return this.go(0);
  }
  hide() {
    this.bar.hidden = true;
  }
  // Until one is on the page, no other is asked for: of two answers the older might come last.
  async go(at) {
    this.at = at;
    const all = this.pieces.length;
    this.told.textContent = texts("narrative.pile", { number: at + 1, all });
    this.before.disabled = this.next.disabled = true;
    await this.take(this.pieces[at]);
    this.before.disabled = at === 0;
    this.next.disabled = at >= all - 1;
  }
}

// The narratives in files: a file of several lines of JSON has one in each. Throws an Error for one that is too large.
async function piecesOf(files) {
  return (await Promise.all(files.map(linesOf))).flat();
}

async function linesOf(file) {
  const size = Math.round(file.size / 2 ** 20);
  if (size > LARGEST_PILE) throw new Error(texts("narrative.large_pile", { size, most: LARGEST_PILE }));
  const lines = (await file.text()).split("\n").map((line, i) => ({ line, number: i + 1 }));
  const told = lines.filter(({ line }) => line.trim());
  if (told.length < 2 || !isJson(told[0].line)) return [file];
  return told.map(({ line, number }) => new File([line], texts("narrative.line", { file: file.name, number })));
}

function isJson(text) {
  try {
    return Boolean(JSON.parse(text));
  } catch {
    return false;
  }
}
