// A link with all that is on the page behind its #, which no server sees: deflated, in base64url.

const SCENE = "#scene=";
const LONGEST_LINK = 60_000; // characters; more is cut by what links are pasted into
const LARGEST_SCENE = 4_500_000; // characters once unpacked

async function through(bytes, transform, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  const pieces = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(pieces).arrayBuffer());
    size += value.length;
    if (size > most) throw new Error("too large");
    pieces.push(value);
  }
}

// `parts`: JSON of what the drafts keep.
async function sceneLink(parts) {
  const packed = await through(new TextEncoder().encode(parts), new CompressionStream("deflate-raw"), Infinity);
  const letters = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
  const code = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  if (code.length > LONGEST_LINK) {
    throw new Error(texts("picture.long_link"));
  }
  return `${location.origin}${location.pathname}${location.search}${SCENE}${code}`;
}

// What a link carries; throws an Error where that cannot be read. Nothing else than what belongs there.
async function linkedScene(hash) {
  const code = hash.slice(SCENE.length).replaceAll("-", "+").replaceAll("_", "/");
  const packed = Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0));
  const unpacked = await through(packed, new DecompressionStream("deflate-raw"), LARGEST_SCENE);
  const { trace, canvas, seed } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unpacked));
  const parts = Object.entries({ trace, canvas, seed }).filter(([, part]) => part && typeof part === "object");
  if (!parts.length) throw new Error("empty");
  return Object.fromEntries(parts);
}
