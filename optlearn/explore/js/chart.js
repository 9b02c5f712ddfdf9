// Charts on a canvas: scales, axes, lines, bars and dots, in the colours of the page's theme.

// The dashes that go with COLORS, so that no line is known by its colour alone.
const DASHES = [[], [7, 4], [7, 3, 2, 3], [2, 3], [11, 3], [4, 2, 1, 2], [1, 2], [13, 4]];

// The colours of the page around a node.
function themeOf(node) {
  const style = getComputedStyle(node);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const dark = document.body.dataset.jpThemeLight === "false";
  return {
    dark,
    text: read("--jp-ui-font-color1", "#222"),
    faint: read("--jp-ui-font-color2", "#555"),
    edge: read("--jp-border-color1", "#bbb"),
    ground: read("--jp-layout-color1", "#fff"),
    colors: COLORS.map((c) => (dark && c === "#000000" ? "#ffffff" : c)),
  };
}

// A map from numbers to pixels. `log` scales leave out what is not positive.
function scale([low, high], [from, to], log = false) {
  const turn = log ? Math.log10 : (v) => v;
  const a = turn(low), b = turn(high);
  const at = (v) => from + ((turn(v) - a) / (b - a)) * (to - from);
  return Object.assign(at, { low, high, log, back: (p) => {
    const v = a + ((p - from) / (to - from)) * (b - a);
    return log ? 10 ** v : v;
  } });
}

// Ticks at round numbers within a scale.
function ticksOf({ low, high, log }) {
  if (!log) {
    const step = tickStep(high - low), first = Math.ceil(low / step - 1e-9) * step;
    return evenly(first, first + Math.floor((high - first) / step + 1e-9) * step, step);
  }
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const skip = Math.max(1, Math.ceil((last - first) / 6));
  const ticks = [];
  for (let k = first; k <= last; k += skip) ticks.push(Number(`1e${k}`));
  return ticks.length > 1 ? ticks : [low, high];
}

// Draw a frame with ticks and names; returns the two scales.
// `box` is [left, top, right, bottom] in pixels; `x` and `y` are { range, log, label, ticks }.
function drawFrame(context, theme, [left, top, right, bottom], x, y) {
  const across = scale(x.range, [left, right], x.log), up = scale(y.range, [bottom, top], y.log);
  context.font = "11px system-ui, sans-serif";
  context.lineWidth = 1;
  context.strokeStyle = theme.edge;
  context.strokeRect(left + 0.5, top + 0.5, right - left, bottom - top);
  context.fillStyle = theme.text;
  const power = (v) => `1e${Math.round(Math.log10(v))}`;
  const name = (axis, v) => (axis.names ? axis.names[v] : axis.log && (v >= 1e5 || v < 1e-3) ? power(v) : brief(v));
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const v of x.ticks ?? ticksOf(across)) {
    context.fillRect(across(v), bottom, 1, 4);
    context.fillText(name(x, v), across(v), bottom + 6);
  }
  if (x.label) context.fillText(x.label, (left + right) / 2, bottom + 21);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const v of y.ticks ?? ticksOf(up)) {
    context.fillRect(left - 4, up(v), 4, 1);
    context.fillText(name(y, v), left - 6, up(v));
  }
  if (y.label) {
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(y.label, 4, top - 6);
  }
  return { across, up, box: [left, top, right, bottom] };
}

// Do `work` with nothing drawn outside of the frame.
function inFrame(context, { box: [left, top, right, bottom] }, work) {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  work();
  context.restore();
}

// A line through pairs [x, y]; what is not finite, or not positive on a log axis, leaves a gap.
function drawLine(context, { across, up }, pairs, { color, dash = [], width = 2 }) {
  context.beginPath();
  let pen = false;
  for (const [x, y] of pairs) {
    const px = across(x), py = up(y);
    if (Number.isFinite(px) && Number.isFinite(py)) {
      if (pen) context.lineTo(px, py);
      else context.moveTo(px, py);
      pen = true;
    } else pen = false;
  }
  context.setLineDash(dash);
  context.lineJoin = "round";
  strokeEdged(context, color, width);
  context.setLineDash([]);
}

function drawDots(context, { across, up }, pairs, { color, radius = 3.2, edge = PALE.includes(color) ? EDGE : null }) {
  context.beginPath();
  for (const [x, y] of pairs) {
    const px = across(x), py = up(y);
    if (!(Number.isFinite(px) && Number.isFinite(py))) continue;
    context.moveTo(px + radius, py);
    context.arc(px, py, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = color;
  context.fill();
  if (edge) {
    context.strokeStyle = edge;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

// A band between [x, low, high], for the spread of seeds.
function drawBand(context, { across, up }, triples, color) {
  context.beginPath();
  for (const [x, low] of triples) context.lineTo(across(x), up(low));
  for (const [x, , high] of [...triples].reverse()) context.lineTo(across(x), up(high));
  context.closePath();
  context.globalAlpha = 0.22;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

// A dashed line across the frame at x (or at y), with its name at its end.
function drawMark(context, theme, { across, up, box: [left, top, right, bottom] }, { x, y, text }) {
  context.setLineDash([3, 3]);
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.beginPath();
  if (x !== undefined) {
    context.moveTo(across(x), top);
    context.lineTo(across(x), bottom);
  } else {
    context.moveTo(left, up(y));
    context.lineTo(right, up(y));
  }
  context.stroke();
  context.setLineDash([]);
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = theme.faint;
  context.textBaseline = "alphabetic";
  if (x !== undefined) {
    const late = across(x) > (left + right) / 2;
    context.textAlign = late ? "right" : "left";
    context.fillText(text, across(x) + (late ? -4 : 4), top + 12);
  } else {
    context.textAlign = "right";
    context.fillText(text, right - 4, up(y) - 4);
  }
}

// Names of lines with a sample of each, from a corner of the frame downwards.
function drawLegend(context, theme, x, y, entries) {
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  const wide = Math.max(...entries.map(({ text }) => context.measureText(text).width));
  context.globalAlpha = 0.8; // curves may run behind it
  context.fillStyle = theme.ground;
  context.fillRect(x - 4, y - 10, wide + 42, 16 * entries.length + 4);
  context.globalAlpha = 1;
  entries.forEach(({ text, color, dash = [] }, i) => {
    const at = y + 16 * i;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, at);
    context.lineTo(x + 26, at);
    strokeEdged(context, color, 2.5);
    context.setLineDash([]);
    context.fillStyle = theme.text;
    context.fillText(text, x + 32, at);
  });
}

// A sample of a line for a legend outside of the canvas, on the light ground of the maps.
function lineSample(color, dash) {
  const sample = element("span", { className: "ol-sample", "aria-hidden": "true" });
  sample.innerHTML = `<svg width="30" height="12"><rect width="30" height="12" rx="3" fill="#f3f3ee"/>`
    + [[EDGE, 4.1], [color, 2.5]].slice(PALE.includes(color) ? 0 : 1).map(([style, width]) =>
      `<path d="M2 6H28" stroke="${style}" stroke-width="${width}" stroke-dasharray="${dash}"/>`).join("") + "</svg>";
  return sample;
}

// Horizontal bars with their names over them: rows of { text, said, share, color }, `share` from 0
// (no bar) to 1 (the whole width).
function drawBars(context, theme, width, top, rows, height = 26) {
  rows.forEach(({ text, said, share, color, strong }, i) => {
    const y = top + height * i;
    context.font = `${strong ? "bold " : ""}12px system-ui, sans-serif`;
    context.fillStyle = theme.text;
    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillText(text, 0, y);
    context.textAlign = "right";
    context.fillText(said, width, y);
    context.fillStyle = color;
    context.fillRect(0, y + 15, Math.max(1, share * width), 6);
    if (PALE.includes(color)) {
      context.strokeStyle = EDGE;
      context.lineWidth = 1;
      context.strokeRect(0.5, y + 15.5, Math.max(1, share * width) - 1, 5);
    }
  });
}
