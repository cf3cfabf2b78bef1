// Items that the browser keeps in IndexedDB; where it denies that, nothing is found, and `lasting` is
// false from then on.

class KeptItems {
  // `key`: the property by which items of `store` differ.
  constructor(name, store, key) {
    this.store = store;
    this.lasting = true;
    this.opened = new Promise((resolve) => {
      try {
        const asked = indexedDB.open(name, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore(store, { keyPath: key });
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = asked.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }
  async attempt(mode, act) {
    const base = await this.opened;
    const done = await new Promise((resolve) => {
      try {
        const transaction = base.transaction(this.store, mode);
        const asked = act(transaction.objectStore(this.store));
        transaction.oncomplete = () => resolve({ result: asked.result });
        transaction.onerror = transaction.onabort = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
    this.lasting &&= done !== null;
    return done?.result;
  }
  put(item) {
    return this.attempt("readwrite", (store) => store.put(item));
  }
}
