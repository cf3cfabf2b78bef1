// Files of layers: what an image editor or an annotation tool has made of a picture that was saved here.

const LARGEST_LAYERS = 8; // MB, which the server takes in base64

// A file's bytes, for the server, which reads it in whatever encoding it was saved.
const inBase64 = async (file) => base64Of(new Uint8Array(await file.arrayBuffer()));

function base64Of(bytes) {
  const pieces = [];
  for (let i = 0; i < bytes.length; i += 32768) {
    pieces.push(String.fromCharCode(...bytes.subarray(i, i + 32768)));
  }
  return btoa(pieces.join(""));
}

// Whether files that came together are for the canvas: a PSD, OpenRaster, a zip, COCO's or panoptic JSON, or a
// PNG that carries its segments. Anything else is a narrative or a picture.
async function areLayers(files) {
  for (const file of files) {
    if (/\.(psd|psb|ora|zip)$/i.test(file.name)) return true;
    if (file.size > 2 * LARGEST_LAYERS * 2 ** 20) continue;
    if (/\.png$/i.test(file.name)) {
      const text = new TextDecoder("latin1").decode(await file.arrayBuffer());
      if (text.includes("iTXtpanoptic\0")) return true;
    } else if (isAnnotation(await file.text())) return true;
  }
  return false;
}

function isAnnotation(text) {
  if (!text.includes('"annotations"')) return false;
  try {
    return Array.isArray(JSON.parse(text).annotations);
  } catch {
    return false; // lines of JSON, or damaged: the narratives' reader says so
  }
}

// The files as the server takes them: their names and bytes.
async function packedLayers(files) {
  const size = files.reduce((sum, file) => sum + file.size, 0) / 2 ** 20;
  if (size > LARGEST_LAYERS) {
    throw new Error(texts("layers.large", { size: Math.round(size), most: LARGEST_LAYERS }));
  }
  return Promise.all(files.map(async (file) => ({ name: file.name, content: await inBase64(file) })));
}
