// Narratives in files that the person chooses, and in the draft that the browser keeps.

const LARGEST_FILE = 16; // MB
const LARGEST_PICTURE = 8; // MB, which the server takes in base64

// The narrative in a file and what was mended in it, {narrative, notes}, as `read`, the server's reader, has it;
// throws an Error that says what is wrong with the file.
async function narrativeIn(file, read) {
  const size = Math.round(file.size / 2 ** 20);
  if (size > LARGEST_FILE) {
    throw new Error(texts("narrative.large_file", { size, most: LARGEST_FILE }));
  }
  const told = await read(await inBase64(file));
  if (told.refused) throw new Error(told.refused);
  return told;
}

// Import, by its button or by dropping a file anywhere on the page, and Export.
class NarrativeFiles {
  // `find(name)` gives the elements; `on`: {read, narrative(json, message, sound), sound(sound), picture(content),
  // refused(message), exported()}, where `read` is the server's reader, `content` a PNG in base64, a sound
  // {name, clips}, and `exported` gives {json, sound}, either of which may be null.
  constructor(find, on) {
    const pile = new NarrativePile(find, (file) => this.refusing(() => this.one(file)));
    Object.assign(this, { on, pile });
    const input = find("file");
    find("import").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.take([...input.files]);
      input.value = "";
    });
    find("export").addEventListener("click", () => {
      const { json, sound } = on.exported();
      if (json) saveAsFile(new Blob([json], { type: "application/json" }), NARRATIVE_FILE);
      if (sound) saveAsFile(sound, SOUND_FILE);
    });
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
  // A narrative, its sound, both at once, several narratives, a picture, or layers, which the canvas opens.
  take(files) {
    return this.refusing(async () => {
      const recording = files.find(isSound);
      const others = files.filter((one) => !isSound(one));
      const sound = recording && { name: recording.name, clips: await clipsIn(recording) };
      if (!others.length) return sound && this.on.sound(sound);
      this.pile.hide();
      if (await areLayers(files)) return document.dispatchEvent(new CustomEvent("trecs-layers", { detail: files }));
      const picture = others.find(({ name }) => /\.png$/i.test(name));
      if (picture) return this.picture(picture);
      return sound ? this.one(others[0], sound) : this.pile.show(await piecesOf(others));
    });
  }
  async one(file, sound) {
    const { narrative, notes } = await narrativeIn(file, this.on.read);
    const names = { file: file.name, sound: sound?.name };
    const told = sound ? [texts("narrative.imported_with", names)]
      : [texts("narrative.imported", names), ...recordingOf(narrative)];
    this.on.narrative(narrative, [...told, ...notes].join(" "), sound);
  }
  async picture(file) {
    if (file.size > LARGEST_PICTURE * 2 ** 20) {
      const size = Math.round(file.size / 2 ** 20);
      throw new Error(texts("narrative.large_picture", { size, most: LARGEST_PICTURE }));
    }
    this.on.picture(await inBase64(file));
  }
  async refusing(act) {
    try {
      return await act();
    } catch (error) {
      this.on.refused(error.message);
    }
  }
}

function saveAsFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Localized Narratives have the path of the narrator's recording, relative to the annotations.
const NARRATIVE_FILE = "narrative.json";
const SOUND_FILE = "narrative.wav";
const isSound = ({ type, name }) => type.startsWith("audio/") || /\.(wav|ogg|oga|opus|mp3|m4a|flac|webm)$/i.test(name);

// What to say of a recording that was not chosen with its narrative.
function recordingOf(json) {
  const path = JSON.parse(json).voice_recording;
  return path ? [texts("narrative.voice_in", { path })] : [];
}

// The files of a narrative, `json` or null, and of its tape: {json, sound}, either of which may be null.
function exportedFiles(json, tape, say) {
  if (!tape.seconds) {
    say(texts("narrative.exported", { file: NARRATIVE_FILE }));
    return { json, sound: null };
  }
  const sound = wavOf(tape.clips);
  if (!json) {
    say(texts("narrative.exported_sound", { sound: SOUND_FILE }));
    return { json, sound };
  }
  say(texts("narrative.exported_with", { file: NARRATIVE_FILE, sound: SOUND_FILE }));
  return { json: JSON.stringify({ ...JSON.parse(json), voice_recording: SOUND_FILE }), sound };
}

const jsonOf = ({ text, times, strokes, bindings, labels, colours, seeds }) =>
  narrativeJson(text, times, strokes, bindings, labels, colours, seeds);

// What is kept of a narrative: with its text and times to the character, which the format has not.
function draftOf(state) {
  const { text, times, strokes, tape } = state;
  const words = wordSpans(text).length;
  const seconds = Math.ceil(tape.seconds);
  if (!words && !strokes.length && !seconds) return null;
  const what = [
    words ? texts("trace.kept_words", { count: words }) : "",
    strokes.length ? texts("trace.kept_strokes", { count: strokes.length }) : "",
    seconds ? texts("trace.kept_voice", { seconds }) : "",
  ];
  return {
    what: what.filter(Boolean),
    ...(seconds ? { tape: tape.id } : {}),
    text,
    times: times.map((t) => round(t, 3)),
    narrative: jsonOf(state),
  };
}
