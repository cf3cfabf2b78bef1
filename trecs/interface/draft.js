// What is on the page, kept in the browser until it is there again. The components' scripts are
// scopes of their own, so that what they share hangs on the window.

const DRAFT = "trecs-draft-"; // and an id, another one each time the page is loaded
const OF_TAB = "trecs-draft-of-tab"; // the id of what this tab kept last
const NOT_ASKED = "trecs-loads-anew"; // set when it is the page, not the person, that reloads
const MOST_DRAFTS = 3; // of other tabs and other days; the oldest go first
const LARGEST_DRAFT = 4_500_000; // characters; browsers keep some five million
const DRAFT_PAUSE = 1000; // ms from a change until it is kept

class Drafts {
  constructor() {
    this.id = Math.random().toString(36).slice(2);
    this.parts = new Map(); // name -> {read, restore}
    this.coming = new Map(); // what is restored to parts that are not there yet
    this.cleared = null;
    this.loadedAnew = keptInTab.get(NOT_ASKED) !== null;
    keptInTab.remove(NOT_ASKED);
    // Gradio reloads the page once a lost server answers again. A person's own reload is no such event.
    window.navigation?.addEventListener("navigate", ({ navigationType }) => {
      if (navigationType === "reload") keptInTab.set(NOT_ASKED, "yes");
    });
    window.addEventListener("beforeunload", (event) => {
      if (!this.save()) event.preventDefault();
    });
    window.addEventListener("pagehide", () => this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
  }
  // A part of the page: `read()` gives what is kept of it, with `what` it is in words, or null;
  // `restore(value, all)` gets that back, and all parts that are restored with it.
  part(name, part) {
    this.parts.set(name, part);
    this.pass(name);
  }
  // Gives a part what comes to it. Later, since Gradio undoes what a component's script sets while the
  // component is being made.
  pass(name) {
    if (this.parts.has(name) && this.coming.has(name)) setTimeout(() => this.hand(name));
  }
  hand(name) {
    const value = this.coming.get(name);
    this.coming.delete(name);
    try {
      this.parts.get(name).restore(value, this.all);
    } catch {
      this.unreadable();
    }
  }
  changed() {
    this.timer ??= setTimeout(() => this.save(), DRAFT_PAUSE);
  }
  read() {
    const there = [...this.parts].map(([name, part]) => [name, part.read()]);
    const some = [...there, ...this.coming].filter(([, value]) => value !== null);
    some.sort(([a], [b]) => a.localeCompare(b)); // whichever component was first
    return some.some(([, value]) => value.what) ? JSON.stringify(Object.fromEntries(some)) : null;
  }
  // Returns false where there is something that could not be kept.
  save() {
    clearTimeout(this.timer);
    this.timer = null;
    const parts = this.read();
    if (parts === null || parts === this.cleared) {
      kept.remove(DRAFT + this.id);
      return true;
    }
    const text = `{"saved": ${Date.now()}, "parts": ${parts}}`;
    if (text.length > LARGEST_DRAFT || !this.write(text)) return false;
    keptInTab.set(OF_TAB, this.id);
    return true;
  }
  write(text) {
    const others = this.others();
    while (others.length >= MOST_DRAFTS) kept.remove(others.pop().key);
    while (!kept.set(DRAFT + this.id, text)) {
      if (!others.length) return false;
      kept.remove(others.pop().key);
    }
    return true;
  }
  // The drafts but this page's own, the newest first: {key, saved, parts}.
  others() {
    const keys = kept.keys().filter((key) => key.startsWith(DRAFT) && key !== DRAFT + this.id);
    return keys.map((key) => this.parsed(key)).sort((a, b) => b.saved - a.saved);
  }
  parsed(key) {
    try {
      const { saved, parts } = JSON.parse(kept.get(key));
      return { key, saved: Number(saved) || 0, parts: Object(parts) };
    } catch {
      return { key, saved: 0, parts: {} };
    }
  }
  // What was left here: in this tab, or else what is newest.
  found() {
    const others = this.others().filter(({ parts }) => Object.values(parts).some((one) => one?.what));
    const own = DRAFT + keptInTab.get(OF_TAB);
    return others.find(({ key }) => key === own) ?? others[0];
  }
  // `unreadable` is called where a part cannot make anything of what was kept of it.
  restore({ key, parts }, unreadable) {
    this.all = parts;
    this.unreadable = unreadable;
    this.coming = new Map(Object.entries(parts));
    for (const name of this.coming.keys()) this.pass(name);
    if (this.save()) this.discard({ key });
  }
  discard({ key }) {
    kept.remove(key);
  }
  // The person has emptied the page: nothing is kept until something is changed.
  clear() {
    this.cleared = this.read();
    this.save();
  }
}

const drafts = (window.trecsDrafts ??= new Drafts());
