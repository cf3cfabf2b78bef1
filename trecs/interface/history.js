// Undo and redo over immutable states.
class History {
  constructor(limit) {
    this.limit = limit;
    this.past = [];
    this.future = [];
  }
  forget() {
    this.past = [];
    this.future = [];
  }
  remember(state) {
    this.past.push(state);
    if (this.past.length > this.limit) this.past.shift();
    this.future = [];
  }
  undo(current) {
    if (!this.past.length) return null;
    this.future.push(current);
    return this.past.pop();
  }
  redo(current) {
    if (!this.future.length) return null;
    this.past.push(current);
    return this.future.pop();
  }
}
