// Hundreds of runs over a landscape: the twin of optlearn/explore/escape.py, one run at a time.

const UNIT = 8192, APART = 7919;

// Take the steps of one run; `visit(x, y, t)` ends it by returning true.
function descend(land, start, run, { lr, momentum, noise, clip }, pool, steps, visit) {
  const mask = pool.length - 1, stride = 2 * run + 1;
  let [x, y] = start, bx = 0, by = 0;
  for (let t = 1; t <= steps; t++) {
    let [gx, gy] = land.gradient(x, y);
    if (noise > 0) {
      const place = APART * run + stride * 2 * t;
      gx += noise * (pool[place & mask] / UNIT);
      gy += noise * (pool[(place + stride) & mask] / UNIT);
    }
    if (clip > 0) {
      const scale = Math.min(1, clip / (Math.sqrt(gx * gx + gy * gy) + 1e-6));
      gx *= scale;
      gy *= scale;
    }
    bx = momentum * bx + gx;
    by = momentum * by + gy;
    x -= lr * bx;
    y -= lr * by;
    if (visit(x, y, t)) return;
  }
}

// The step at which a run gets where it should, infinite if it never does: away from the saddle,
// and after the last step into the deeper well or to a small loss at the cliff.
function arrival({ name, steps, ridge }, land, start, run, settings, pool) {
  let found = Infinity, x = NaN, y = NaN;
  descend(land, start, run, settings, pool, steps, name === "saddle"
    ? (_, height, t) => Math.abs(height) > 1 && ((found = t), true)
    : (a, b) => { x = a; y = b; });
  if (name === "double_well") return x > -3 && x < ridge ? steps : Infinity;
  return name === "cliff" ? (land.value(x, y) < 1e-3 ? steps : Infinity) : found;
}

// The points of one run, as `drawMap` takes them; on the saddle up to some steps after its escape.
function pathOf(question, land, start, run, settings, pool) {
  const points = [...start];
  const end = question.name === "saddle"
    ? arrival(question, land, start, run, settings, pool) + 60 : Infinity;
  const length = Math.min(question.steps, end);
  descend(land, start, run, settings, pool, length, (x, y) => { points.push(x, y); });
  return { points, length, diverged: null };
}

// The runs of the chosen settings, of random starts, and of each value along the axis, in turns:
// [column, run] pairs. Where nothing is random one run a column tells all.
function schedule({ name, values, runs }, noise) {
  const each = (value) => {
    const random = name === "cliff" || (name === "saddle" ? noise : value) > 0;
    return random ? runs : 1;
  };
  const columns = [["here", each(noise)], ["random", name === "saddle" ? 200 : 0], ...values.map((v, i) => [i, each(v)])];
  const jobs = [];
  for (let run = 0; run < 200; run++) if (run < columns[0][1]) jobs.push(["here", run]);
  for (let run = 0; run < 200; run++) {
    for (const [column, count] of columns.slice(1)) if (run < count) jobs.push([column, run]);
  }
  return jobs;
}

// The start and the settings of a run in a column.
function setup(question, state, column, run, starts) {
  const { name, axis, values, start } = question;
  const settings = column === "here" || column === "random" ? state : { ...state, [axis]: values[column] };
  if (name === "double_well") return [start, settings];
  if (name === "saddle" && column !== "random") return [[start[0], settings.distance], settings];
  return [[starts[2 * run], starts[2 * run + 1]], settings];
}

// The 95 % interval of a share (Wilson, 1927).
function interval(hits, of) {
  const z = 1.96, share = hits / of;
  const middle = share + (z * z) / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [(middle - half) / (1 + (z * z) / of), (middle + half) / (1 + (z * z) / of)];
}
