// Basins of attraction: where the path from each start ends, computed a few milliseconds a frame.

const DIVERGES = -1, ELSEWHERE = -2;

// Where one start leads: the number of the minimum, or one of the two above.
function endOf(path, minima, [[x0, x1]]) {
  if (path.diverged !== null) return DIVERGES;
  const x = path.points[2 * path.length], y = path.points[2 * path.length + 1];
  const away = minima.map(([mx, my]) => (x - mx) * (x - mx) + (y - my) * (y - my));
  const least = Math.min(...away);
  return least <= (0.03 * (x1 - x0)) ** 2 ? away.indexOf(least) : ELSEWHERE;
}

// Cells from coarse to fine: [column, row, side] of squares, each filled from its middle cell.
function coarseToFine(columns, rows) {
  const cells = [];
  for (let side = 16; side >= 1; side /= 2) {
    for (let row = 0; row < rows; row += side) {
      for (let column = 0; column < columns; column += side) cells.push([column, row, side]);
    }
  }
  return cells;
}

// The map grows while frames go by; `show` is called as it does, and `done` at the end.
class Basins {
  constructor([columns, rows], show, done) {
    Object.assign(this, { columns, rows, show, done, frame: null, ends: null });
    this.picture = document.createElement("canvas");
    [this.picture.width, this.picture.height] = [4 * columns, 4 * rows];
  }

  // `follow` is the path from a start.
  begin(follow, minima, bounds) {
    this.stop();
    const { columns, rows } = this;
    const [[x0, x1], [y0, y1]] = bounds;
    const known = new Map();
    this.ends = new Int8Array(columns * rows).fill(ELSEWHERE);
    this.cells = coarseToFine(columns, rows);
    this.next = 0;
    this.endAt = (column, row) => {
      const cell = row * columns + column;
      if (!known.has(cell)) {
        const x = x0 + ((x1 - x0) * (column + 0.5)) / columns;
        const y = y0 + ((y1 - y0) * (row + 0.5)) / rows;
        known.set(cell, endOf(follow([x, y]), minima, bounds));
      }
      return known.get(cell);
    };
    this.picture.getContext("2d").clearRect(0, 0, 4 * columns, 4 * rows);
    const work = () => {
      this.advance(5);
      this.show();
      this.frame = this.next < this.cells.length ? requestAnimationFrame(work) : null;
      if (this.frame === null) this.done();
    };
    this.frame = requestAnimationFrame(work);
  }

  // Compute for some milliseconds.
  advance(milliseconds) {
    const until = performance.now() + milliseconds;
    const context = this.picture.getContext("2d");
    while (this.next < this.cells.length && performance.now() < until) {
      const [column, row, side] = this.cells[this.next++];
      const half = side >> 1;
      const end = this.endAt(Math.min(column + half, this.columns - 1), Math.min(row + half, this.rows - 1));
      for (let j = row; j < Math.min(row + side, this.rows); j++) {
        this.ends.fill(end, j * this.columns + column, j * this.columns + Math.min(column + side, this.columns));
      }
      this.paintSquare(context, column, row, side, end);
    }
  }

  // Rows count from below. What diverges is hatched: it is not known by its colour alone.
  paintSquare(context, column, row, side, end) {
    const [x, y, size] = [4 * column, 4 * (this.rows - row - side), 4 * side];
    context.clearRect(x, y, size, size);
    if (end === ELSEWHERE) return;
    context.fillStyle = end === DIVERGES ? "#555555" : COLORS[end % 5];
    context.globalAlpha = 0.45;
    context.fillRect(x, y, size, size);
    if (end === DIVERGES) {
      context.globalAlpha = 0.8;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j += 1) if ((x + i + y + j) % 8 === 0) context.fillRect(x + i, y + j, 1, 1);
      }
    }
    context.globalAlpha = 1;
  }

  get complete() {
    return this.ends !== null && this.next >= this.cells.length;
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.ends = null;
  }

  // What share of the starts ends where, in words.
  words(minima) {
    const share = (label) => this.ends.reduce((n, end) => n + (end === label), 0) / this.ends.length;
    const say = (label, text) => (share(label) ? [`${Math.round(100 * share(label))} % ${text}`] : []);
    return [
      ...minima.flatMap(([x, y], k) => say(k, `reach (${brief(x)}, ${brief(y)})`)),
      ...say(ELSEWHERE, "no minimum yet"), ...say(DIVERGES, "diverge"),
    ].join(", ");
  }
}
