// Narratives in files that the person chooses, and in the draft that the browser keeps.

const LARGEST_FILE = 16; // MB
const LARGEST_PICTURE = 8; // MB, which the server takes in base64

// The narrative in a file and what was mended in it, {narrative, notes}, as `read`, the server's reader, has it;
// throws an Error that says what is wrong with the file.
async function narrativeIn(file, read) {
  const size = Math.round(file.size / 2 ** 20);
  if (size > LARGEST_FILE) {
    throw new Error(`This file has ${size} MB; at most ${LARGEST_FILE} MB are read.`);
  }
  const told = await read(await inBase64(file));
  if (told.refused) throw new Error(told.refused);
  return told;
}

// Import, by its button or by dropping a file anywhere on the page, and Export.
class NarrativeFiles {
  // `find(name)` gives the elements; `on`: {read, narrative(told, name), picture(content), refused(message),
  // json()}, where `read` is the server's reader and `content` a PNG in base64.
  constructor(find, on) {
    Object.assign(this, { on });
    const input = find("file");
    find("import").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.take([...input.files]);
      input.value = "";
    });
    find("export").addEventListener("click", () => saveAsFile(on.json(), "narrative.json"));
    document.addEventListener("trecs-picture", ({ detail }) => on.picture(detail));
    document.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault(); // else the browser leaves the page for the file
      this.take([...event.dataTransfer.files]);
    });
  }
  // One file; of several the first, unless they are layers, which the canvas opens.
  async take(files) {
    const [file] = files;
    if (!file) return;
    try {
      if (await areLayers(files)) return document.dispatchEvent(new CustomEvent("trecs-layers", { detail: files }));
      if (!/\.png$/i.test(file.name)) return this.on.narrative(await narrativeIn(file, this.on.read), file.name);
      if (file.size > LARGEST_PICTURE * 2 ** 20) {
        throw new Error(`This picture has ${Math.round(file.size / 2 ** 20)} MB; at most ${LARGEST_PICTURE} MB are read.`);
      }
      this.on.picture(await inBase64(file));
    } catch (error) {
      this.on.refused(error.message);
    }
  }
}

function saveAsFile(json, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const counted = (number, thing) => (number ? [`${number} ${thing}${number > 1 ? "s" : ""}`] : []);

// What is kept of a narrative: with its text and times to the character, which the format has not.
function draftOf({ text, times, strokes, bindings, labels, colours, seeds }) {
  const words = wordSpans(text).length;
  if (!words && !strokes.length) return null;
  return {
    what: [...counted(words, "word"), ...counted(strokes.length, "stroke")],
    text,
    times: times.map((t) => round(t, 3)),
    narrative: narrativeJson(text, times, strokes, bindings, labels, colours, seeds),
  };
}
