// The keys of the tracing sheet and its narration box.

// `on`: {press(event), undo(), redo(), submit()}; `press` gets all keys first.
function onSheetKeys(element, on) {
  const acts = { y: on.redo, enter: on.submit };
  element.addEventListener("keydown", (event) => {
    on.press(event);
    if (!isCommand(event)) return;
    const key = shortcutKey(event);
    const act = key === "z" ? (event.shiftKey ? on.redo : on.undo) : acts[key];
    if (!act) return;
    act();
    event.preventDefault();
  });
}

// A box as high as its text.
function fitBox(box) {
  box.style.height = "auto";
  box.style.height = `${Math.max(box.scrollHeight, 76)}px`;
}
