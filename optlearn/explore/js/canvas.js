// Shared by all explorers: labelled native controls, the keyboard fix, the sharp canvas, colours.

// Okabe & Ito's colours and the colours of a valley, as in optlearn/plots.py.
const COLORS = [
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442",
];
const VALLEY = ["#8fb8d8", "#c9dcea", "#f3f3ee", "#d9d4c7"];
const RINGS = 24;

// ---- elements and controls ----------------------------------------------------------------------

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node && key !== "style") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

// JupyterLab handles keys of the whole page: it would eat a slider's arrows and take letters typed
// into a menu for its own shortcuts. Keys with a modifier, Tab and Escape stay JupyterLab's.
function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.altKey || event.metaKey;
    const passes = modified || ["Tab", "Escape"].includes(event.key);
    if (!passes && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });
}

// A slider over a sorted list of values, with a box to type any value between the two ends.
// A value that came from Python may lie between two list entries or beyond them: it is kept.
// `least` is the smallest step of the box, whose arrow keys change the third digit.
function dial({ label, values, change, note, least = 0 }) {
  const range = element("input", { type: "range", min: 0, step: 1, className: "ol-range" });
  const box = element("input", {
    type: "number", step: "any", className: "ol-box", "aria-label": `${label}, typed`,
  });
  const root = element("div", { className: "ol-dial" },
    element("label", {}, element("span", {}, label), range), box);
  const control = {
    root,
    range,
    box,
    setValues(list) {
      values = list;
      range.max = list.length - 1;
    },
    set(value) {
      range.value = nearest(values, value);
      range.setAttribute("aria-valuetext", brief(value));
      box.value = String(Number(value.toPrecision(6)));
      box.step = Math.max(least, 10 ** Math.floor(Math.log10(Math.abs(value) || 1) - 1.999));
    },
  };
  control.setValues(values);
  range.addEventListener("input", () => change(values[range.value]));
  box.addEventListener("change", () => {
    const low = values[0], high = values[values.length - 1];
    const typed = box.valueAsNumber;
    const kept = Math.min(Math.max(Number.isNaN(typed) ? low : typed, low), high);
    change(kept);
    const ends = `${brief(low)} to ${brief(high)}`;
    if (kept !== typed) note(`${label} goes from ${ends}: set to ${brief(kept)}`);
  });
  return control;
}

function menu({ label, options, change }) {
  const select = element("select", { className: "ol-menu" });
  for (const [value, text] of Object.entries(options)) select.append(new Option(text, value));
  select.addEventListener("change", () => change(select.value));
  const root = element("label", { className: "ol-pick" }, element("span", {}, label), select);
  return { root, select, set: (value) => { select.value = value; } };
}

function button(label, press) {
  const node = element("button", { type: "button", className: "ol-button" }, label);
  node.addEventListener("click", press);
  return node;
}

// Index of the entry of a sorted list that is nearest to a value.
function nearest(values, value) {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (Math.abs(values[i] - value) < Math.abs(values[best] - value)) best = i;
  }
  return best;
}

// Numbers from low to high, evenly spaced, without the crumbs of binary fractions.
function evenly(low, high, step) {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((low + i * step).toPrecision(12)));
}

// Numbers from low to high in equal ratios, rounded to three digits.
function inRatios(low, high, perDecade) {
  const count = Math.round(Math.log10(high / low) * perDecade);
  const all = Array.from({ length: count + 1 }, (_, i) =>
    Number((low * 10 ** (i / perDecade)).toPrecision(3)));
  return [...new Set(all)];
}

// Three significant digits, for a reader.
function brief(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "no number" : "beyond all bounds";
  if (value === 0) return "0";
  if (Math.abs(value) < 1e-12) return "< 1e-12";
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-4 ? value.toExponential(2) : String(+value.toPrecision(3));
  return text.replace("-", "\u2212").replace("e\u2212", "e-").replace("e+", "e");
}

// Call `action` once, `wait` milliseconds after the last request.
function debounce(action, wait) {
  let timer = null;
  const request = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = null; action(); }, wait);
  };
  request.cancel = () => clearTimeout(timer);
  request.flush = () => { if (timer !== null) { clearTimeout(timer); timer = null; action(); } };
  return request;
}

// Call `handler` when any of the traits changes; returns the function that ends this.
function listen(model, names, handler) {
  const ends = names.map((name) => {
    const call = () => handler(name);
    model.on(`change:${name}`, call);
    return () => model.off(`change:${name}`, call);
  });
  return () => ends.forEach((end) => end());
}

// ---- drawing ------------------------------------------------------------------------------------

// Fit a canvas' pixels to its size on the screen (4:3); returns whether they changed.
function sharpen(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(width * 0.75));
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}

// The place of a loss between the rings of a contour map, on a grid: 0 at the lowest point and
// RINGS - 1 at the highest. The spacing follows the landscape, as in optlearn.plots.contour.
function ringMap(value, [[x0, x1], [y0, y1]], columns = 240) {
  const rows = (columns * 3) / 4;
  const map = new Float64Array((columns + 1) * (rows + 1));
  for (let j = 0, i = 0; j <= rows; j++) {
    const y = y0 + ((y1 - y0) * j) / rows;
    for (let k = 0; k <= columns; k++, i++) map[i] = value(x0 + ((x1 - x0) * k) / columns, y);
  }
  const sample = map.filter((_, i) => i % 7 === 0).sort();
  let low = Infinity, high = -Infinity;
  for (const z of map) {
    if (z < low) low = z;
    if (z > high) high = z;
  }
  const middle = (sample[sample.length >> 1] - low) / (high - low);
  const power = Math.max(Math.log(middle) / Math.log(0.5), 1);
  for (let i = 0; i < map.length; i++) {
    map[i] = (RINGS - 1) * ((map[i] - low) / (high - low)) ** (1 / power);
  }
  return { map, columns, rows };
}

function bandColors() {
  const stops = VALLEY.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return Array.from({ length: RINGS }, (_, band) => {
    const at = (Math.min(band, RINGS - 2) / (RINGS - 2)) * (stops.length - 1);
    const i = Math.min(Math.floor(at), stops.length - 2);
    return stops[i].map((channel, k) => channel + (stops[i + 1][k] - channel) * (at - i));
  });
}

const BANDS = bandColors();
const LINE = [91, 107, 120];

// Paint the map: bands of colour with a thin smooth line on each ring.
function shade(context, { map, columns, rows }, width, height) {
  const image = context.createImageData(width, height);
  const pixels = image.data;
  const perColumn = columns / width, perRow = rows / height;
  const thickness = 0.35 * Math.max(1, width / 480);
  for (let py = 0, out = 0; py < height; py++) {
    const fy = (height - py - 0.5) * perRow;
    const row = Math.min(Math.floor(fy), rows - 1), v = fy - row;
    for (let px = 0; px < width; px++, out += 4) {
      const fx = (px + 0.5) * perColumn;
      const column = Math.min(Math.floor(fx), columns - 1), u = fx - column;
      const i = row * (columns + 1) + column, j = i + columns + 1;
      const bottom = map[i] + (map[i + 1] - map[i]) * u;
      const top = map[j] + (map[j + 1] - map[j]) * u;
      const ring = bottom + (top - bottom) * v;
      const dx = (map[i + 1] - map[i]) * (1 - v) + (map[j + 1] - map[j]) * v;
      const slope = Math.sqrt((dx * perColumn) ** 2 + ((top - bottom) * perRow) ** 2) + 1e-9;
      const closest = Math.round(ring);
      const far = Math.abs(ring - closest) / slope;
      const ink = closest > 0 ? 0.5 * Math.max(0, Math.min(1, thickness + 0.5 - far)) : 0;
      const color = BANDS[Math.floor(ring)];
      for (let k = 0; k < 3; k++) pixels[out + k] = color[k] + (LINE[k] - color[k]) * ink;
      pixels[out + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

// A round number near a quarter of a span, for the ticks of an axis.
function tickStep(span) {
  const raw = span / 5, size = 10 ** Math.floor(Math.log10(raw));
  return size * [1, 2, 5, 10].find((m) => m * size >= raw);
}

// Text that stays readable on any ground: dark, with a light rim.
function rimmed(context, text, x, y) {
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(255, 255, 255, 0.85)";
  context.strokeText(text, x, y);
  context.fillStyle = "#222";
  context.fillText(text, x, y);
}

// Ticks and names of the two weights, inside the frame so that no theme's background matters.
function drawAxes(context, place, [[x0, x1], [y0, y1]], width, height) {
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  context.strokeStyle = "#444";
  context.lineWidth = 1;
  const ticks = (low, high) => {
    const step = tickStep(high - low), first = Math.ceil(low / step + 0.2) * step;
    return evenly(first, first + Math.floor((high - first) / step - 0.05) * step, step);
  };
  context.textAlign = "center";
  for (const x of ticks(x0, x1)) {
    const [px] = place(x, y0);
    context.fillStyle = "#444";
    context.fillRect(px, height - 4, 1, 4);
    if (px > 44 && px < width - 78) rimmed(context, brief(x), px, height - 7);
  }
  context.textAlign = "left";
  for (const y of ticks(y0, y1)) {
    const [, py] = place(x0, y);
    context.fillStyle = "#444";
    context.fillRect(0, py, 4, 1);
    if (py > 28 && py < height - 24) rimmed(context, brief(y), 7, py + 4);
  }
  rimmed(context, "weight 2 \u2191", 6, 14);
  context.textAlign = "right";
  rimmed(context, "weight 1 \u2192", width - 6, height - 7);
}

function drawStar(context, [x, y], size) {
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 ? size * 0.42 : size, turn = (Math.PI * i) / 5;
    context.lineTo(x + radius * Math.sin(turn), y - radius * Math.cos(turn));
  }
  context.closePath();
  context.fillStyle = "#000";
  context.fill();
}

function drawDisc(context, [x, y], radius, fill, edge) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = edge;
  context.stroke();
}

// A line through pixel positions, with a light rim; dots mark the steps unless they would merge.
function drawPath(context, corners, color) {
  context.lineJoin = "round";
  for (const [style, width] of [["rgba(255, 255, 255, 0.8)", 4], [color, 1.7]]) {
    context.beginPath();
    for (const [x, y] of corners) context.lineTo(x, y);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
  if (corners.length > 400) return;
  context.fillStyle = color;
  context.beginPath();
  for (const [x, y] of corners) {
    context.moveTo(x + 2.4, y);
    context.arc(x, y, 2.4, 0, 2 * Math.PI);
  }
  context.fill();
}
