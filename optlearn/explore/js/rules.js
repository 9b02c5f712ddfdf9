// Update rules for one weight, in the order of operations of optlearn/rules.py: same bits in float64.
// rule(w, g, state, t, hyper) -> [w, ...state]; the state is all zeros before t = 1.

const RULES = {
  sgd: (w, g, state, t, { lr }) => [w - lr * g],
  momentum(w, g, [b], t, { lr, momentum = 0.9, dampening = 0 }) {
    b = momentum * b + (t === 1 ? g : (1 - dampening) * g);
    return [w - lr * b, b];
  },
  nesterov(w, g, [b], t, { lr, momentum = 0.9 }) {
    b = momentum * b + g;
    return [w - lr * (g + momentum * b), b];
  },
  adagrad(w, g, [v], t, { lr, lr_decay = 0, initial_accumulator_value = 0, eps = 1e-10 }) {
    v = v + g * g + (t === 1 ? initial_accumulator_value : 0);
    return [w - ((lr / (1 + (t - 1) * lr_decay)) * g) / (Math.sqrt(v) + eps), v];
  },
  rmsprop(w, g, [v, mean, b], t, hyper) {
    const { lr, alpha = 0.99, eps = 1e-8, momentum = 0, centered = false } = hyper;
    v = alpha * v + (1 - alpha) * (g * g);
    mean = alpha * mean + (1 - alpha) * g;
    b = momentum * b + g / (Math.sqrt(centered ? v - mean * mean : v) + eps);
    return [w - lr * b, v, mean, b];
  },
  adadelta(w, g, [v, d], t, { lr, rho = 0.9, eps = 1e-6 }) {
    v = rho * v + (1 - rho) * (g * g);
    const u = (Math.sqrt(d + eps) / Math.sqrt(v + eps)) * g;
    d = rho * d + (1 - rho) * (u * u);
    return [w - lr * u, v, d];
  },
  adam(w, g, state, t, { lr, betas = BETAS, eps = 1e-8 }) {
    const [m, v] = moments(g, state, betas);
    const mHat = m / (1 - betas[0] ** t), vHat = v / (1 - betas[1] ** t);
    return [w - (lr * mHat) / (Math.sqrt(vHat) + eps), m, v];
  },
  amsgrad(w, g, state, t, { lr, betas = BETAS, eps = 1e-8 }) {
    const [m, v] = moments(g, state, betas);
    const vMax = Math.max(state[2], v);
    const mHat = m / (1 - betas[0] ** t), vHat = vMax / (1 - betas[1] ** t);
    return [w - (lr * mHat) / (Math.sqrt(vHat) + eps), m, v, vMax];
  },
  adamw: (w, g, state, t, hyper) => RULES.adam(w, g, state, t, hyper),
  adamax(w, g, [m, u], t, { lr, betas: [beta1, beta2] = BETAS, eps = 1e-8 }) {
    m = beta1 * m + (1 - beta1) * g;
    u = Math.max(beta2 * u, Math.abs(g) + eps);
    return [w - ((lr / (1 - beta1 ** t)) * m) / u, m, u];
  },
  // Python multiplies all mu up to t anew; here their product is a state of its own: same bits.
  nadam(w, g, state, t, { lr, betas = BETAS, eps = 1e-8, momentum_decay = 4e-3 }) {
    const mu = (i) => betas[0] * (1 - 0.5 * 0.96 ** (i * momentum_decay));
    const now = mu(t), later = mu(t + 1), product = t === 1 ? now : state[2] * now;
    const [m, v] = moments(g, state, betas);
    const mHat = (later * m) / (1 - product * later) + ((1 - now) * g) / (1 - product);
    return [w - (lr * mHat) / (Math.sqrt(v / (1 - betas[1] ** t)) + eps), m, v, product];
  },
  radam(w, g, state, t, { lr, betas = BETAS, eps = 1e-8 }) {
    const [m, v] = moments(g, state, betas);
    const mHat = m / (1 - betas[0] ** t), power = betas[1] ** t;
    const longest = 2 / (1 - betas[1]) - 1;
    const length = longest - (2 * t * power) / (1 - power);
    if (length <= 5) return [w - lr * mHat, m, v];
    const r = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
    return [w - (lr * mHat * r * Math.sqrt(1 - power)) / (Math.sqrt(v) + eps), m, v];
  },
  lion(w, g, [m], t, { lr, betas: [beta1, beta2] = [0.9, 0.99] }) {
    const step = Math.sign(beta1 * m + (1 - beta1) * g);
    return [w - lr * step, beta2 * m + (1 - beta2) * g];
  },
  schedule_free_sgd(w, g, [z], t, { lr, momentum = 0.9 }) {
    z = t === 1 ? w : z;
    let x = (w - (1 - momentum) * z) / momentum;
    z = z - lr * g;
    x = (1 - 1 / t) * x + z / t;
    return [(1 - momentum) * z + momentum * x, z];
  },
  schedule_free_adamw(w, g, [z, v], t, hyper) {
    const { lr, betas: [momentum, beta2] = BETAS, eps = 1e-8, weight_decay = 0 } = hyper;
    v = beta2 * v + (1 - beta2) * (g * g);
    const step = g / (Math.sqrt(v / (1 - beta2 ** t)) + eps) + weight_decay * w;
    return [...RULES.schedule_free_sgd(w, step, [z], t, { lr, momentum }), v];
  },
};
const BETAS = [0.9, 0.999];

// The running means of the gradient and of its square, as in Adam.
function moments(g, state, [beta1, beta2]) {
  return [beta1 * state[0] + (1 - beta1) * g, beta2 * state[1] + (1 - beta2) * (g * g)];
}

// State vectors of each rule.
const STATES = {
  sgd: 0, momentum: 1, nesterov: 1, adagrad: 1, rmsprop: 3, adadelta: 2, adam: 2, amsgrad: 3,
  adamw: 2, adamax: 2, nadam: 3, radam: 2, lion: 1, schedule_free_sgd: 1, schedule_free_adamw: 2,
};
// Those whose weights shrink before the step; the others' weight decay is no part of this course's
// pictures, or stands in the rule.
const SHRINKS = ["adamw", "lion"];

// A path has diverged where the weights or the loss leave these limits (or are no numbers at all).
const FAR = 1e6;
const HIGH = 1e12;

// What a rule is given in place of the gradient: `scale` multiplies the loss, and each step `t` adds
// noise of size `noise` from a table of pairs, from row `first` on.
const PLAIN = { scale: 1, noise: 0, first: 0, table: [0, 0] };

// Follow a rule down a landscape. Returns {points, length, diverged, states}: `points` holds
// length + 1 pairs (x, y), `diverged` is the step at which the path diverged and ended, or null, and
// `states` the rule's state at the end, for x and for y.
function simulate(land, optimizer, hyper, start, steps, given = PLAIN) {
  const rule = RULES[optimizer];
  const { scale, noise, first, table } = given;
  const keep = SHRINKS.includes(optimizer) ? 1 - hyper.lr * (hyper.weight_decay ?? 0) : 1;
  const rows = table.length / 2;
  const points = new Float64Array(2 * (steps + 1));
  let [x, y] = start;
  let stateX = new Array(STATES[optimizer]).fill(0);
  let stateY = stateX;
  points[0] = x;
  points[1] = y;
  for (let t = 1; t <= steps; t++) {
    const [gx, gy] = land.gradient(x, y);
    const row = 2 * ((first + t) % rows);
    [x, ...stateX] = rule(keep * x, scale * (gx + noise * table[row]), stateX, t, hyper);
    [y, ...stateY] = rule(keep * y, scale * (gy + noise * table[row + 1]), stateY, t, hyper);
    points[2 * t] = x;
    points[2 * t + 1] = y;
    const near = Math.abs(x) <= FAR && Math.abs(y) <= FAR && land.value(x, y) <= HIGH;
    if (!near) return { points, length: t, diverged: t, states: [stateX, stateY] };
  }
  return { points, length: steps, diverged: null, states: [stateX, stateY] };
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
