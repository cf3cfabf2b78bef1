// Offers what was left here, or brings it back at once where it was the page that loaded itself anew.
// In scope: element (from Gradio) and the files storage.js, draft.js and scene_link.js.

const bar = element.querySelector(".draft");
const left = drafts.found();
const AND = new Intl.ListFormat(LANGUAGE);

function seedField() {
  return document.querySelector("#seed input");
}

function tell(message, acts) {
  bar.querySelector("p").textContent = message;
  for (const button of bar.querySelectorAll("button")) {
    button.hidden = !acts.includes(button.dataset.act);
  }
  bar.hidden = false;
}

function restore() {
  drafts.restore(left, () => tell(texts("page.unreadable"), ["close"]));
}

drafts.part("seed", {
  read() {
    const seed = seedField()?.value ?? "";
    return ["", "0"].includes(seed) ? null : { seed };
  },
  restore({ seed }) {
    const field = seedField();
    if (!field) return requestAnimationFrame(() => this.restore({ seed }));
    field.value = seed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  },
});

bar.addEventListener("click", (event) => {
  const act = event.target.closest("button")?.dataset.act;
  if (!act) return;
  bar.hidden = true;
  if (act === "restore") restore();
  if (act === "discard") drafts.discard(left);
});

// A link brings what it carries; the draft of this tab stays where it is.
async function openLink() {
  const { hash } = location;
  history.replaceState(null, "", location.pathname + location.search);
  const unreadable = () => tell(texts("page.bad_link"), ["close"]);
  try {
    const parts = await linkedScene(hash);
    tell(texts("page.linked"), ["close"]);
    drafts.restore({ key: "", parts }, unreadable);
  } catch {
    unreadable();
  }
}

window.addEventListener("hashchange", () => location.hash.startsWith(SCENE) && openLink());

if (location.hash.startsWith(SCENE)) openLink();
else if (left && drafts.loadedAnew) {
  tell(texts("page.reloaded"), ["close"]);
  restore();
} else if (left) {
  const what = AND.format(Object.values(left.parts).flatMap((part) => part?.what ?? []));
  const when = new Date(left.saved).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });
  tell(texts("page.left", { when, what }), ["restore", "discard"]);
}
