// Optimizers against each other: what each runs with, who ends lowest, and how that is said.
// The Python of optlearn/explore/runners.py and said.py, with the same numbers.

// What an optimizer runs with: the usual settings, the common ones, and its own.
function hyperOf(state, usual, name) {
  const common = { lr: state.lr };
  if (name === "momentum" || name === "nesterov") common.momentum = state.momentum;
  const hyper = { ...usual[name], ...common, ...state.own[name] };
  return state.shared ? { ...hyper, lr: state.lr } : hyper;
}

// How far the end of a path is above the lowest minimum, or Infinity if it ran away. Less than
// 1e-12 counts as 1e-12: below, rounding decides.
function above({ points, length, diverged }, land, [x0, y0]) {
  const last = land.value(points[2 * length], points[2 * length + 1]);
  const arrived = diverged === null && last < land.value(points[0], points[1]);
  return arrived ? Math.max(last - land.value(x0, y0), 1e-12) : Infinity;
}

// Names from the lowest end to the highest; equals keep their order.
function rankingOf(heights) {
  const order = (a, b) => (heights[a] === heights[b] ? 0 : heights[a] - heights[b]);
  return Object.keys(heights).sort(order);
}

// Who ends at least twice as low as every other one, or null.
function winnerOf(heights) {
  const [first, ...others] = rankingOf(heights);
  if (heights[first] === Infinity) return null;
  return others.every((name) => heights[name] >= 2 * heights[first]) ? first : null;
}

// Who wins by how much, in words.
function verdictOf(heights, names) {
  const [best, next] = rankingOf(heights);
  if (heights[best] === Infinity) return "nobody ends lower than the start";
  if (next === undefined || heights[next] === Infinity) {
    return `${names[best]} wins, the only one to end lower than the start`;
  }
  const lead = heights[next] / heights[best];
  if (lead < 2) return `no clear winner, ${names[best]} and ${names[next]} end about equally low`;
  return `${names[best]} wins, ${lead > 1000 ? "over 1000" : brief(lead)} times lower than ${names[next]}`;
}

// Whether the learning rate is shared, in words.
function bannerOf(rates) {
  const one = rates.every((lr) => lr === rates[0]);
  return one ? `one shared learning rate, ${brief(rates[0])}` : "each its own learning rate";
}

// Which paths a multiplied loss moves, in words.
function scaledWords({ optimizers, loss_scale: scale }, moved, names) {
  const list = (some) => some.map((name) => names[name]).join(", ");
  const still = optimizers.filter((name) => !moved.includes(name));
  if (moved.length === 0) return `Multiplying the loss by ${scale} moves no path`;
  const not = still.length ? `, not that of ${list(still)}` : "";
  return `Multiplying the loss by ${scale} moves the path of ${list(moved)}${not}`;
}

// Which of the learning rates ends lowest, the smallest of equals.
function tunedRate(tried, land, lowest, name, hyper, start, steps, given) {
  const ends = tried.map((lr) =>
    above(simulate(land, name, { ...hyper, lr }, start, steps, given), land, lowest));
  return tried[ends.indexOf(Math.min(...ends))];
}

// Whether two paths part by more than a hundredth of the picture.
function pathsPart(one, other, [[x0, x1]]) {
  if (one.length !== other.length) return true;
  const most = 0.01 * (x1 - x0);
  return one.points.some((w, i) => !(Math.abs(w - other.points[i]) <= most));
}

// The vectors that make the step after `steps`, for arrows: {at, vectors}, names as in Python.
function compass(land, name, hyper, start, steps, given) {
  const { points, length, states } = simulate(land, name, hyper, start, steps + 1, given);
  const here = [points[2 * length - 2], points[2 * length - 1]];
  const row = 2 * ((given.first + length) % (given.table.length / 2));
  const slope = land.gradient(...here);
  const vectors = {
    "down the gradient": slope.map((g, i) => -given.scale * (g + given.noise * given.table[row + i])),
  };
  const memory = MEMORY[name] ?? null;
  if (memory !== null && (name !== "rmsprop" || hyper.momentum > 0)) {
    vectors["down the momentum"] = states.map((state) => -state[memory]);
  }
  vectors["step taken"] = here.map((w, i) => points[2 * length + i] - w);
  return { here, vectors };
}

// Which of a rule's states remembers the gradients' direction.
const MEMORY = {
  momentum: 0, nesterov: 0, rmsprop: 2, adam: 0, amsgrad: 0, adamw: 0, adamax: 0, nadam: 0, radam: 0,
  lion: 0,
};

// Arrows of one length on the map: they show directions, which lie many sizes apart in length.
function drawCompass(context, place, { here, vectors }) {
  const [x, y] = place(...here);
  const rims = Object.values(vectors).map((vector, i) => [vector, ["#ffffff", []], 10 - 3 * i]);
  const arrows = Object.values(vectors).map((vector, i) => [vector, ARROWS[i], 7.5 - 2.5 * i]);
  for (const [[dx, dy], [color, dash], thick] of [...rims, ...arrows]) {
    const [tx, ty] = place(here[0] + dx, here[1] + dy);
    const size = Math.hypot(tx - x, ty - y);
    if (!(size > 0) || !Number.isFinite(size)) continue;
    const [ux, uy] = [(tx - x) / size, (ty - y) / size];
    const tip = [x + 62 * ux, y + 62 * uy], wide = 3.5 + thick;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = thick;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(...tip);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(tip[0] + 2 * wide * ux, tip[1] + 2 * wide * uy);
    context.lineTo(tip[0] - wide * uy, tip[1] + wide * ux);
    context.lineTo(tip[0] + wide * uy, tip[1] - wide * ux);
    context.fill();
  }
}

// Colours and dashes of the arrows, in the order of `compass`: the later the thinner, so that each is
// seen where they agree.
const ARROWS = [[COLORS[1], []], [COLORS[2], [9, 5]], ["#000000", [2, 3]]];
