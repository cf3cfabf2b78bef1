// How a trace looks: the tracing sheet with the picture's frame, strokes coloured by their time,
// and the ribbon that shows words and strokes on their one clock.

// The sheet is a little larger than the picture, since traces leave it by up to a tenth.
const SHEET_MARGIN = 0.07;
const STROKE_LIMIT = 0.1; // how far outside the picture a point may lie

// Early to late: the same four inks for a stroke and for the words said while it was drawn.
const TIME_INKS = [
  [23, 120, 214],
  [122, 82, 214],
  [214, 58, 132],
  [236, 104, 36],
];

function timeInk(fraction) {
  const place = Math.min(Math.max(fraction, 0), 1) * (TIME_INKS.length - 1);
  const index = Math.min(Math.floor(place), TIME_INKS.length - 2);
  const mixed = TIME_INKS[index].map((channel, i) =>
    Math.round(channel + (TIME_INKS[index + 1][i] - channel) * (place - index)),
  );
  return `rgb(${mixed.join(" ")})`;
}

// Fits a canvas to its box on the screen; returns its drawing context in CSS pixels.
function fitted(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  return pen;
}

function themeColour(element, name) {
  return getComputedStyle(element).getPropertyValue(name).trim() || "#888";
}

class TraceSheet {
  constructor(canvas) {
    this.canvas = canvas;
  }
  // Picture fractions to CSS pixels and back.
  place(x, y) {
    const unit = this.canvas.clientWidth / (1 + 2 * SHEET_MARGIN);
    return [(x + SHEET_MARGIN) * unit, (y + SHEET_MARGIN) * unit];
  }
  locate(event) {
    const box = this.canvas.getBoundingClientRect();
    const fraction = (pixels, size) => {
      const place = (pixels / size) * (1 + 2 * SHEET_MARGIN) - SHEET_MARGIN;
      return Math.min(Math.max(place, -STROKE_LIMIT), 1 + STROKE_LIMIT);
    };
    return [
      fraction(event.clientX - box.left, box.width),
      fraction(event.clientY - box.top, box.height),
    ];
  }
  // `halos`: {points, from, to, colour, strong}, stretches of strokes that have a ground of a colour.
  draw(strokes, story, until = Infinity, halos = []) {
    const pen = fitted(this.canvas);
    this.frame(pen);
    for (const halo of halos) this.halo(pen, halo);
    for (const stroke of strokes) this.stroke(pen, stroke, story, until);
  }
  frame(pen) {
    const [left, top] = this.place(0, 0);
    const [right, bottom] = this.place(1, 1);
    const size = right - left;
    pen.strokeStyle = themeColour(this.canvas, "--repro-faint");
    pen.lineWidth = 1;
    pen.beginPath();
    for (let i = 1; i < 8; i++) {
      const step = Math.round((size * i) / 8) + 0.5;
      pen.moveTo(left + step, top);
      pen.lineTo(left + step, bottom);
      pen.moveTo(left, top + step);
      pen.lineTo(right, top + step);
    }
    pen.stroke();
    pen.strokeStyle = themeColour(this.canvas, "--repro");
    pen.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, Math.round(size), Math.round(size));
    pen.beginPath();
    for (const x of [left, right]) {
      for (const y of [top, bottom]) {
        const outX = x === left ? -1 : 1;
        const outY = y === top ? -1 : 1;
        pen.moveTo(x + outX * left * 0.3, y);
        pen.lineTo(x + outX * left * 0.85, y);
        pen.moveTo(x, y + outY * top * 0.3);
        pen.lineTo(x, y + outY * top * 0.85);
      }
    }
    pen.stroke();
  }
  stroke(pen, points, story, until) {
    const length = story.length || 1;
    pen.lineWidth = 3.2;
    pen.lineCap = pen.lineJoin = "round";
    let ink = null;
    points.every(([x, y, t], i) => {
      const moment = story.at(t);
      if (moment > until) return false;
      const place = this.place(x, y);
      const next = timeInk(Math.round((moment / length) * 48) / 48);
      if (next !== ink) {
        if (ink !== null) {
          pen.lineTo(...place);
          pen.stroke();
        }
        ink = pen.strokeStyle = next;
        pen.beginPath();
        pen.moveTo(...place);
        if (i === 0) pen.lineTo(place[0] + 0.01, place[1]);
      } else pen.lineTo(...place);
      return true;
    });
    if (ink !== null) pen.stroke();
  }
  halo(pen, { points, from, to, colour, strong }) {
    pen.strokeStyle = colour;
    pen.globalAlpha = strong ? 0.85 : 0.4;
    pen.lineWidth = strong ? 15 : 10;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    for (const [x, y, t] of points) {
      if (t >= from - 0.001 && t <= to + 0.001) pen.lineTo(...this.place(x, y));
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }
  // The newest piece of a stroke under way, drawn on top without redrawing the rest.
  extend(points, from, ink) {
    const pen = this.canvas.getContext("2d"); // as `fitted` has set it
    pen.lineWidth = 3.2;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = ink;
    pen.beginPath();
    const first = Math.max(from - 1, 0);
    pen.moveTo(...this.place(...points[first]));
    for (const [x, y] of points.slice(first)) pen.lineTo(...this.place(x + 1e-6, y));
    pen.stroke();
  }
}

// Words above, strokes below, time from left to right.
function drawRibbon(canvas, words, strokes, story, playhead) {
  const pen = fitted(canvas);
  const { clientWidth: width, clientHeight: height } = canvas;
  const length = story.length || 1;
  const across = (t) => 1 + (story.at(t) / length) * (width - 2);
  pen.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  pen.textBaseline = "alphabetic";
  const ground = height - 9;
  if (!words.length && !strokes.length) {
    pen.fillStyle = themeColour(canvas, "--ink-soft");
    pen.font = "13px system-ui, sans-serif";
    pen.fillText(texts("trace.ribbon"), 1, ground - 6);
  }
  let free = 0;
  for (const word of words) {
    const left = across(word.start);
    pen.fillStyle = timeInk(story.at(word.start) / length);
    pen.fillRect(left, ground - 7, Math.max(across(word.end) - left - 1, 1.5), 3);
    const room = pen.measureText(word.text).width;
    if (left >= free && left + room <= width) {
      pen.fillStyle = themeColour(canvas, "--ink-soft");
      pen.fillText(word.text, left, ground - 12);
      free = left + room + 6;
    }
  }
  for (const stroke of strokes) {
    const left = across(stroke[0][2]);
    const right = Math.max(across(stroke.at(-1)[2]), left + 2);
    const ink = pen.createLinearGradient(0, 0, width, 0);
    for (let i = 0; i <= 3; i++) ink.addColorStop(i / 3, timeInk(i / 3));
    pen.fillStyle = ink;
    pen.fillRect(left, ground, right - left, 6);
  }
  pen.fillStyle = themeColour(canvas, "--line");
  pen.fillRect(0, height - 1, width, 1);
  if (playhead !== undefined) {
    pen.fillStyle = themeColour(canvas, "--action");
    pen.fillRect(1 + (Math.min(playhead, length) / length) * (width - 2), 0, 2, height);
  }
}
