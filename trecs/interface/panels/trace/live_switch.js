// The switch that lets words, regions and canvas follow; the browser remembers how it stands.

const LIVE_KEY = "trecs-live";

class LiveSwitch {
  // `turned(on)` is called when somebody turns it.
  constructor(button, turned) {
    this.button = button;
    this.set(kept.get(LIVE_KEY) !== "off");
    button.addEventListener("click", () => {
      this.set(!this.on);
      kept.set(LIVE_KEY, this.on ? "on" : "off");
      turned(this.on);
    });
  }
  set(on) {
    this.on = on;
    this.button.setAttribute("aria-checked", String(on));
  }
}
