// The landscapes of optlearn/landscapes.py, in its order of operations: same bits in float64.
// Each maps (x, y, coefficients) to the value, the gradient [gx, gy] and the Hessian [xx, xy, yy].

const bowl = {
  value: (x, y, [a, b, c]) => 0.5 * (a * x * x + 2 * b * x * y + c * y * y),
  gradient: (x, y, [a, b, c]) => [a * x + b * y, b * x + c * y],
  hessian: (x, y, coefficients) => coefficients,
};

const ravine = {
  value: (x, y, [k]) => Math.sqrt(1 + x * x) - 1 + 0.5 * k * y * y,
  gradient: (x, y, [k]) => [x / Math.sqrt(1 + x * x), k * y],
  hessian: (x, y, [k]) => [1 / ((1 + x * x) * Math.sqrt(1 + x * x)), 0, k],
};

const rosenbrock = {
  value(x, y, [a, b]) {
    const r = y - x * x;
    return (a - x) * (a - x) + b * r * r;
  },
  gradient(x, y, [a, b]) {
    const r = y - x * x;
    return [-2 * (a - x) - 4 * b * x * r, 2 * b * r];
  },
  hessian: (x, y, [a, b]) => [2 - 4 * b * (y - 3 * x * x), -4 * b * x, 2 * b],
};

const bealeParts = (x, y) => [
  1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y,
  y - 1, y * y - 1, y * y * y - 1,
];

const beale = {
  value(x, y) {
    const [p, q, r] = bealeParts(x, y);
    return p * p + q * q + r * r;
  },
  gradient(x, y) {
    const [p, q, r, px, qx, rx] = bealeParts(x, y);
    return [2 * (p * px + q * qx + r * rx), 2 * x * (p + 2 * y * q + 3 * y * y * r)];
  },
  hessian(x, y) {
    const [p, q, r, px, qx, rx] = bealeParts(x, y);
    const py = x, qy = 2 * x * y, ry = 3 * x * y * y;
    return [
      2 * (px * px + qx * qx + rx * rx),
      2 * (py * px + p + qy * qx + 2 * y * q + ry * rx + 3 * y * y * r),
      2 * (py * py + qy * qy + 2 * x * q + ry * ry + 6 * x * y * r),
    ];
  },
};

const himmelblau = {
  value(x, y) {
    const p = x * x + y - 11, q = x + y * y - 7;
    return p * p + q * q;
  },
  gradient(x, y) {
    const p = x * x + y - 11, q = x + y * y - 7;
    return [4 * x * p + 2 * q, 2 * p + 4 * y * q];
  },
  hessian(x, y) {
    const p = x * x + y - 11, q = x + y * y - 7;
    return [4 * p + 8 * x * x + 2, 4 * x + 4 * y, 2 + 4 * q + 8 * y * y];
  },
};

const saddle = {
  value: (x, y) => x * x - y * y + 0.25 * y * y * y * y,
  gradient: (x, y) => [2 * x, y * y * y - 2 * y],
  hessian: (x, y) => [2, 0, 3 * y * y - 2],
};

const doubleWell = {
  value: (x, y, [tilt]) => 0.25 * x * x * x * x - 0.5 * x * x + tilt * x + 0.5 * y * y,
  gradient: (x, y, [tilt]) => [x * x * x - x + tilt, y],
  hessian: (x, y) => [3 * x * x - 1, 0, 1],
};

// The unit's output and its five derivatives, carried forward through time.
function unroll(x, y, length) {
  let h = 0 * x * y, hx = h, hy = h, hxx = h, hxy = h, hyy = h;
  let last;
  for (let i = 0; i <= length; i++) {
    const s = 1 / (1 + Math.exp(-h));
    const d = s * (1 - s);
    const e = d * (1 - 2 * s);
    last = [
      s, d * hx, d * hy,
      e * hx * hx + d * hxx, e * hx * hy + d * hxy, e * hy * hy + d * hyy,
    ];
    hxx = 2 * d * hx + x * last[3];
    hxy = d * hy + x * last[4];
    hyy = x * last[5];
    [h, hx, hy] = [x * s + y, s + x * last[1], 1 + x * last[2]];
  }
  return last;
}

const cliff = {
  value(x, y, [length, target]) { // the loop of `unroll` without its derivatives: maps need it fast
    let h = 0 * x * y, s;
    for (let i = 0; i <= length; i++) {
      s = 1 / (1 + Math.exp(-h));
      h = x * s + y;
    }
    return (s - target) * (s - target);
  },
  gradient(x, y, [length, target]) { // and this one without second derivatives: for many runs
    let h = 0 * x * y, hx = h, hy = h, s, sx, sy;
    for (let i = 0; i <= length; i++) {
      s = 1 / (1 + Math.exp(-h));
      const d = s * (1 - s);
      sx = d * hx;
      sy = d * hy;
      h = x * s + y;
      hx = s + x * sx;
      hy = 1 + x * sy;
    }
    const error = s - target;
    return [2 * error * sx, 2 * error * sy];
  },
  hessian(x, y, [length, target]) {
    const [s, sx, sy, sxx, sxy, syy] = unroll(x, y, length);
    const error = s - target;
    return [
      2 * (sx * sx + error * sxx), 2 * (sx * sy + error * sxy), 2 * (sy * sy + error * syy),
    ];
  },
};

const LANDSCAPES = {
  quadratic: bowl,
  rotated_quadratic: bowl,
  ravine,
  rosenbrock,
  beale,
  himmelblau,
  saddle,
  double_well: doubleWell,
  cliff,
};

// Coefficients of the landscapes that have sliders of their own. Python's cosine may differ in the
// last bit, so its coefficients replace these as soon as they arrive.
function bowlCoefficients({ condition, angle, sharpness }) {
  const flat = sharpness / condition, steep = sharpness;
  const turn = angle * (Math.PI / 180);
  const cos = Math.cos(turn), sin = Math.sin(turn);
  return [
    flat * cos * cos + steep * sin * sin, (flat - steep) * cos * sin,
    flat * sin * sin + steep * cos * cos,
  ];
}

const COEFFICIENTS = {
  quadratic: bowlCoefficients,
  rotated_quadratic: bowlCoefficients,
  ravine: ({ steepness }) => [steepness],
};

// A landscape with its coefficients filled in.
function landscape(name, coefficients) {
  const { value, gradient, hessian } = LANDSCAPES[name];
  return {
    value: (x, y) => value(x, y, coefficients),
    gradient: (x, y) => gradient(x, y, coefficients),
    sharpness(x, y) {
      const [a, b, c] = hessian(x, y, coefficients);
      const half = (a - c) / 2;
      return (a + c) / 2 + Math.sqrt(half * half + b * b);
    },
  };
}
