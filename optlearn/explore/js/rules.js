// Update rules for one weight, in the order of operations of optlearn/rules.py: same bits in float64.
// rule(w, g, state, t, hyper) -> [w, ...state]; the state is all zeros before t = 1.

const RULES = {
  sgd: (w, g, state, t, { lr }) => [w - lr * g],
  momentum(w, g, [b], t, { lr, momentum }) {
    b = momentum * b + g;
    return [w - lr * b, b];
  },
  nesterov(w, g, [b], t, { lr, momentum }) {
    b = momentum * b + g;
    return [w - lr * (g + momentum * b), b];
  },
};

// State vectors of each rule, and the hyperparameters besides the learning rate.
const STATES = { sgd: 0, momentum: 1, nesterov: 1 };
const HYPER = { sgd: [], momentum: ["momentum"], nesterov: ["momentum"] };

// A path has diverged where the weights or the loss leave these limits (or are no numbers at all).
const FAR = 1e6;
const HIGH = 1e12;

// Follow a rule down a landscape. Returns {points, length, diverged}: `points` holds length + 1
// pairs (x, y), and `diverged` is the step at which the path diverged and ended, or null.
function simulate(land, optimizer, hyper, start, steps) {
  const rule = RULES[optimizer];
  const points = new Float64Array(2 * (steps + 1));
  let [x, y] = start;
  let stateX = new Array(STATES[optimizer]).fill(0);
  let stateY = stateX;
  points[0] = x;
  points[1] = y;
  for (let t = 1; t <= steps; t++) {
    const [gx, gy] = land.gradient(x, y);
    [x, ...stateX] = rule(x, gx, stateX, t, hyper);
    [y, ...stateY] = rule(y, gy, stateY, t, hyper);
    points[2 * t] = x;
    points[2 * t + 1] = y;
    const near = Math.abs(x) <= FAR && Math.abs(y) <= FAR && land.value(x, y) <= HIGH;
    if (!near) return { points, length: t, diverged: t };
  }
  return { points, length: steps, diverged: null };
}

// How a path goes: "diverges", "climbs", "descends", "zigzags" or "zigzags outwards".
function manner({ points, length, diverged }, land) {
  if (diverged !== null) return "diverges";
  const last = 2 * length;
  let turns = 0;
  let moves = 0;
  for (let i = 2; i < last; i += 2) {
    const ax = points[i] - points[i - 2], ay = points[i + 1] - points[i - 1];
    const bx = points[i + 2] - points[i], by = points[i + 3] - points[i + 1];
    if (bx * bx + by * by <= 1e-18) continue; // rounding, not movement
    moves += 1;
    if (ax * bx + ay * by < 0) turns += 1;
  }
  const zigzags = 2 * turns > moves;
  const first = land.value(points[0], points[1]);
  if (land.value(points[last], points[last + 1]) > first + 1e-9 * Math.abs(first)) {
    return zigzags ? "zigzags outwards" : "climbs";
  }
  return zigzags ? "zigzags" : "descends";
}
