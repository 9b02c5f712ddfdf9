// What the three pictures of a signal share: draws that Python sent, matrices as rows in one array.

// Whole numbers of two bytes, times `step`. The bytes may start anywhere: they are copied.
function drawsOf(bytes, step) {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return Float64Array.from(new Int16Array(copy), (whole) => whole * step);
}
const NORMAL_STEP = 1 / 4096, UNIFORM_STEP = 1 / 32768;

// a (n, k) times the transpose of b (m, k).
function timesTransposed(a, b, n, k, m) {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[i * k + l] * b[j * k + l];
      out[i * m + j] = sum;
    }
  }
  return out;
}

// a (n, k) times b (k, m).
function times(a, b, n, k, m) {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[i * k + l];
      if (factor !== 0) for (let j = 0; j < m; j++) out[i * m + j] += factor * b[l * m + j];
    }
  }
  return out;
}

// The transpose of a (n, k) times b (n, m): the gradient of weights.
function transposedTimes(a, b, n, k, m) {
  const out = new Float64Array(k * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[i * k + l];
      if (factor !== 0) for (let j = 0; j < m; j++) out[l * m + j] += factor * b[i * m + j];
    }
  }
  return out;
}

const norm = (...arrays) => Math.sqrt(arrays.reduce((all, a) => a.reduce((sum, v) => sum + v * v, all), 0));

// A matrix with orthonormal rows or columns: Q of QR with a positive diagonal of R, by Gram and
// Schmidt. Each direction is taken out twice, which keeps Q orthogonal to the last digits.
function orthonormal(draws, rows, columns) {
  const long = Math.max(rows, columns), short = Math.min(rows, columns);
  const found = [];
  for (let j = 0; j < short; j++) {
    const v = Float64Array.from({ length: long }, (_, i) => draws[i * short + j]);
    for (let pass = 0; pass < 2; pass++) {
      for (const q of found) {
        let along = 0;
        for (let i = 0; i < long; i++) along += q[i] * v[i];
        for (let i = 0; i < long; i++) v[i] -= along * q[i];
      }
    }
    const length = norm(v);
    found.push(v.map((x) => x / length));
  }
  const tall = rows >= columns;
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns), column = i % columns;
    return tall ? found[column][row] : found[row][column];
  });
}

// What became of a gradient of which `share` is left.
function fate(share, far) {
  return share < 1 / far ? "vanishes" : share > far ? "explodes" : "arrives";
}

// The range of a logarithmic axis around positive numbers, in whole decades.
function decades(values) {
  const logs = values.filter((v) => v > 0 && Number.isFinite(v)).map(Math.log10);
  if (!logs.length) return [0.1, 10];
  const low = Math.floor(Math.min(...logs) - 0.1), high = Math.ceil(Math.max(...logs) + 0.1);
  return [10 ** low, 10 ** Math.max(high, low + 2)];
}
