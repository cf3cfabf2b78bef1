// Taking the picture, or all that it is made of, elsewhere: the clipboard, and a link that carries it.
// In scope: element (from Gradio) and the files storage.js, draft.js and scene_link.js.

const status = element.querySelector("[role=status]");
const say = (message, wrong = false) => {
  status.textContent = message;
  status.classList.toggle("wrong", wrong);
};

async function copyPicture() {
  const shown = document.querySelector(".picture img");
  if (!shown) throw new Error(texts("picture.no_picture"));
  const picture = (await fetch(shown.src)).blob();
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  return texts("picture.copied");
}

async function copyLink() {
  const parts = drafts.read();
  if (parts === null) throw new Error(texts("picture.no_link"));
  await navigator.clipboard.writeText(await sceneLink(parts));
  return texts("picture.linked");
}

for (const [act, copy] of [["picture", copyPicture], ["link", copyLink]]) {
  element.querySelector(`[data-copy=${act}]`).addEventListener("click", async () => {
    say("");
    try {
      say(await copy());
    } catch (error) {
      // A clipboard is denied to pages without https, and to some in frames.
      const denied = error instanceof TypeError || error.name === "NotAllowedError";
      say(denied ? texts("picture.denied") : error.message, true);
    }
  });
}
