// Pictures that the browser keeps; where it denies that, they last as long as the page. See kept_items.js.

const MOST_PICTURES = 60; // about 10 MB

class ShelfStore extends KeptItems {
  constructor(name = "trecs-pictures") {
    super(name, "pictures", "saved");
  }
  // Items are {saved, uri, starred}; `saved`, ms, is another one for each.
  all() {
    return this.attempt("readonly", (store) => store.getAll());
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
