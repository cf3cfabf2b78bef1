// The photo that labels are painted on, where there is one, and how much of them is seen over it.

class Beneath {
  // `over`: the row with the slider; `onChange` is called when there is something else to see.
  constructor(over, onChange) {
    this.over = over;
    this.strength = over.querySelector("input");
    this.onChange = onChange;
    this.photo = null;
    this.strength.addEventListener("input", onChange);
  }
  // Takes the photo, a data URI, that came with a label map; whether there came one.
  take(json) {
    const given = json ? JSON.parse(json).photo : null;
    if (!given) return false;
    this.photo = new Image();
    this.photo.onload = this.onChange;
    this.photo.src = given;
    this.over.hidden = false;
    return true;
  }
  // Draws the photo; what is drawn after it is seen through.
  draw(pen, width, height) {
    if (!this.photo) return;
    pen.drawImage(this.photo, 0, 0, width, height);
    pen.globalAlpha = this.strength.value / 100;
  }
}
