// What the browser keeps for the page. It may deny that (a private window, a frame, no room): then
// nothing is found, and writing tells that it failed.

class Kept {
  // `kind`: localStorage or sessionStorage; even to name one may throw.
  constructor(kind) {
    this.kind = kind;
  }
  attempt(act, failed) {
    try {
      return act(window[this.kind]);
    } catch {
      return failed;
    }
  }
  get(key) {
    return this.attempt((store) => store.getItem(key), null);
  }
  set(key, value) {
    return this.attempt((store) => (store.setItem(key, value), true), false);
  }
  remove(key) {
    this.attempt((store) => store.removeItem(key));
  }
  keys() {
    return this.attempt((store) => Object.keys(store), []);
  }
}

const kept = new Kept("localStorage");
const keptInTab = new Kept("sessionStorage");
