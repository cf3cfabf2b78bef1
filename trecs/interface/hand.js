// The one pointer that draws on a surface, from its press to its end, whatever ends it: the button,
// the browser, or a window that comes before the page.

const STILL = 10; // pixels: a touch that has moved no farther may be the palm of a hand with a pen

class Hand {
  // `on`: {begin(event), move(events), end(event), drop()}; `end` has an event only where the button
  // was let go, and `drop`, in its place, takes back what was begun.
  constructor(surface, on) {
    Object.assign(this, { surface, on, held: null }); // held: {id, type, x, y, moved}
    surface.addEventListener("pointerdown", (event) => this.press(event));
    surface.addEventListener("pointermove", (event) => this.move(event));
    surface.addEventListener("pointerup", (event) => this.holds(event) && this.release(event));
    for (const end of ["pointercancel", "lostpointercapture"]) {
      surface.addEventListener(end, (event) => this.holds(event) && this.release());
    }
    this.blurred = () => this.release();
  }
  holds(event) {
    return this.held?.id === event.pointerId;
  }
  press(event) {
    if (event.button !== 0) return;
    const { held } = this;
    const pen = event.pointerType === "pen" && held?.type === "touch";
    if (held && !pen && !this.holds(event)) return;
    if (pen && !held.moved) this.drop();
    else this.release();
    event.preventDefault();
    const { pointerId: id, pointerType: type, clientX: x, clientY: y } = event;
    this.held = { id, type, x, y, moved: false };
    this.surface.setPointerCapture(id);
    window.addEventListener("blur", this.blurred);
    this.on.begin(event);
  }
  move(event) {
    if (!this.holds(event)) return;
    const { held } = this;
    if (!(event.buttons & 1)) return this.release(event);
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > STILL;
    const events = event.getCoalescedEvents?.() ?? [];
    this.on.move(events.length ? events : [event]);
  }
  release(event) {
    if (!this.held) return;
    this.letGo();
    this.on.end(event);
  }
  drop() {
    this.letGo();
    this.on.drop();
  }
  letGo() {
    this.held = null;
    window.removeEventListener("blur", this.blurred);
  }
}
