// Pictures that the browser keeps in IndexedDB; where it denies that, they last as long as the page.

const MOST_PICTURES = 60; // about 10 MB

class ShelfStore {
  constructor(name = "trecs-pictures") {
    this.lasting = true;
    this.opened = new Promise((resolve) => {
      try {
        const asked = indexedDB.open(name, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("pictures", { keyPath: "saved" });
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
        const transaction = base.transaction("pictures", mode);
        const asked = act(transaction.objectStore("pictures"));
        transaction.oncomplete = () => resolve({ result: asked.result });
        transaction.onerror = transaction.onabort = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
    this.lasting &&= done !== null;
    return done?.result;
  }
  // Items are {saved, uri, starred}; `saved`, ms, is another one for each.
  all() {
    return this.attempt("readonly", (store) => store.getAll());
  }
  put(item) {
    return this.attempt("readwrite", (store) => store.put(item));
  }
  remove(item) {
    return this.attempt("readwrite", (store) => store.delete(item.saved));
  }
}

// What has to go of so many items: the oldest, starred ones last.
function surplus(items, most = MOST_PICTURES) {
  const order = [...items].sort((a, b) => a.starred - b.starred || a.saved - b.saved);
  return order.slice(0, Math.max(items.length - most, 0));
}
