// Shortcuts go by the letter; where the keyboard writes no Latin ones (Cyrillic, Greek, ...), by the
// place of the key, as it is on a Latin keyboard.

const BRACKETS = { BracketLeft: "[", BracketRight: "]" };

function shortcutKey({ key = "", code = "" }) {
  const elsewhere = /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
  const latin = elsewhere && (BRACKETS[code] ?? /^Key([A-Z])$/.exec(code)?.[1]);
  return (latin || key).toLowerCase();
}

// Whether it is a command. AltGr, which some keyboards need for brackets, looks like Ctrl and Alt.
function isCommand(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey;
}
