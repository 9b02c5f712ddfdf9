// Shared by all explorers: the colours, the contour map, the path over it, the sharp canvas.

// Okabe & Ito's colours and the colours of a valley, as in optlearn/plots.py.
const COLORS = [
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442",
];
// Those that light ground swallows, and the edge that lines and bars in them get.
const PALE = ["#E69F00", "#56B4E9", "#F0E442"], EDGE = "#444444";
const VALLEY = ["#8fb8d8", "#c9dcea", "#f3f3ee", "#d9d4c7"];
const RINGS = 24;

// Fit a canvas' pixels to its size on the screen; returns whether they changed.
function sharpen(canvas, aspect) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(width / aspect));
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
      pixels[out] = color[0] + (LINE[0] - color[0]) * ink;
      pixels[out + 1] = color[1] + (LINE[1] - color[1]) * ink;
      pixels[out + 2] = color[2] + (LINE[2] - color[2]) * ink;
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

// A cross with a light rim.
function drawCross(context, [x, y], size) {
  for (const [style, width] of [["#fff", 5], ["#000", 2]]) {
    context.beginPath();
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x + size, y - size);
    context.lineTo(x - size, y + size);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
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

// The part of a segment that lies within `reach` pixels of the origin in both directions, or null.
function cut([x0, y0], [x1, y1], reach) {
  let from = 0, to = 1;
  for (const [at, way] of [[x0, x1 - x0], [y0, y1 - y0]]) {
    const ends = [(-reach - at) / way, (reach - at) / way].sort((a, b) => a - b);
    if (way === 0) { if (Math.abs(at) > reach) return null; } else {
      from = Math.max(from, ends[0]);
      to = Math.min(to, ends[1]);
    }
  }
  const on = (t) => [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
  return from < to ? [on(from), on(to)] : null;
}

// Add a line to the context's path. What lies far outside is cut off: a diverging path has
// segments of millions of pixels, and a canvas takes a quarter of a second to dash one.
function traceLine(context, corners) {
  const reach = 4 * Math.max(context.canvas.width, context.canvas.height);
  const near = ([x, y]) => Math.abs(x) <= reach && Math.abs(y) <= reach;
  corners.forEach((corner, i) => {
    if (i === 0) context.moveTo(...corner);
    else if (near(corners[i - 1]) && near(corner)) context.lineTo(...corner);
    else {
      const part = cut(corners[i - 1], corner, reach);
      if (part === null) return;
      context.moveTo(...part[0]);
      context.lineTo(...part[1]);
    }
  });
}

// Stroke the context's path, a pale colour with its edge.
function strokeEdged(context, color, width) {
  for (const [style, thick] of [[EDGE, width + 1.6], [color, width]].slice(PALE.includes(color) ? 0 : 1)) {
    context.strokeStyle = style;
    context.lineWidth = thick;
    context.stroke();
  }
}

// A line through pixel positions, with a light rim; dots mark the steps unless they would merge.
function drawPath(context, corners, color, { dash = [], width = 1.7, dots = true } = {}) {
  context.lineJoin = "round";
  context.beginPath();
  traceLine(context, corners);
  strokeEdged(context, "rgba(255, 255, 255, 0.8)", width + 2.3);
  context.setLineDash(dash);
  strokeEdged(context, color, width);
  context.setLineDash([]);
  if (!dots || corners.length > 400) return;
  context.fillStyle = color;
  context.beginPath();
  for (const [x, y] of corners) {
    context.moveTo(x + 2.4, y);
    context.arc(x, y, 2.4, 0, 2 * Math.PI);
  }
  context.fill();
}

// The place of a point of a landscape on a canvas.
function placeOn([[x0, x1], [y0, y1]], width, height) {
  return (x, y) => {
    const px = ((x - x0) / (x1 - x0)) * width, py = height - ((y - y0) / (y1 - y0)) * height;
    const far = Math.max(Math.abs(px), Math.abs(py));
    if (!(far > 1e7)) return [px, py];
    const shrink = 1e7 / far; // beyond it, canvases draw nothing
    return [width / 2 + (px - width / 2) * shrink, height / 2 + (py - height / 2) * shrink];
  };
}

function cornersOf({ points, length }, place, shown) {
  const corners = [];
  for (let i = 0; i <= Math.min(shown, length); i++) {
    const corner = place(points[2 * i], points[2 * i + 1]);
    if (corner.every(Number.isFinite)) corners.push(corner);
  }
  return corners;
}

// Draw a path up to the step `shown` over what is on the canvas, with minima, ticks and names.
// Several `paths` are { path, color, dash, width }, the last one on top, each with its own last step.
function drawMap(context, width, height, { bounds, minima, path, paths, shown }) {
  const place = placeOn(bounds, width, height);
  const lines = paths ?? [{ path, color: COLORS[0], tip: COLORS[1] }];
  const many = lines.length > 1;
  const all = lines.map((line) => ({ ...line, corners: cornersOf(line.path, place, shown) }));
  for (const { corners, color, ...look } of all) drawPath(context, corners, color, { dots: !many, ...look });
  for (const [x, y] of minima) drawStar(context, place(x, y), 8);
  drawAxes(context, place, bounds, width, height);
  drawDisc(context, all[0].corners[0], 6, "#fff", many ? "#000" : COLORS[0]);
  for (const { corners, color, tip = color } of all) {
    if (corners.length > 1) drawDisc(context, corners[corners.length - 1], 5, tip, PALE.includes(tip) ? EDGE : "#fff");
  }
  const top = lines[lines.length - 1];
  if (top.path.diverged === null || shown < top.path.length) return;
  context.font = "bold 14px system-ui, sans-serif";
  context.textAlign = "center";
  rimmed(context, `${top.name ? `${top.name} ` : ""}diverged at step ${top.path.diverged}`, width / 2, 34);
}
