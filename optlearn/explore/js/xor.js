// XOR against width: plays back how many starts learn it, with one solved and one stuck network.

const CORNERS = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]; // weights of the inputs, and the class
const SQUASH = { relu: (z) => Math.max(z, 0), tanh: Math.tanh };

// The output of a network 2-k-1 that is stored as one row of weights.
function outputOf(w, k, activation, x, y) {
  let out = w[4 * k];
  for (let i = 0; i < k; i++) {
    out += w[3 * k + i] * SQUASH[activation](w[2 * i] * x + w[2 * i + 1] * y + w[2 * k + i]);
  }
  return out;
}

class XorView extends View {
  static traits = ["width", "activation", "optimizer"];
  static aspect = 1.4;
  static picture = "Share of starts that learn XOR by the number of hidden units.";

  build() {
    const [found, names] = [this.model.get("found"), this.model.get("names")];
    const widths = [...new Set(found.cells.map((cell) => cell.width))];
    Object.assign(this, { found, names, widths });
    this.dials = {
      width: picker({ label: "hidden units", values: widths, change: (width) => this.change({ width }) }),
      activation: this.menuFor("activation", "activation", names.activation),
      optimizer: this.menuFor("optimizer", "optimizer", names.optimizer),
    };
    this.tiles = document.createElement("canvas");
    const nets = this.furtherCanvas("Outputs of two networks over both inputs.", 2.1, (...all) => this.paintNets(...all));
    this.readouts = readouts("solved", "95 % interval", "learning rate", "diverged");
    return {
      key: ["bars: 95 % intervals   ring: the chosen networks\nsquares: the output, blue for 0 and orange for 1, and the answers wanted"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root, nets],
    };
  }

  cells(activation, optimizer) {
    return this.found.cells.filter((c) => c.activation === activation && c.optimizer === optimizer);
  }

  refresh() {
    const { state, found } = this;
    for (const [name, control] of Object.entries(this.dials)) control.set(state[name]);
    this.cell = this.cells(state.activation, state.optimizer).find((c) => c.width === state.width);
    const { solved, lr, diverged } = this.cell;
    const [low, high] = interval(solved, found.starts);
    this.readouts.set({
      solved: `${solved} of ${found.starts}`, "95 % interval": `${Math.round(100 * low)} to ${Math.round(100 * high)} %`,
      "learning rate": brief(lr), diverged: String(diverged),
    });
  }

  paint(context, width, height) {
    const { found, names, widths, state } = this, theme = themeOf(this.root);
    const frame = drawFrame(context, theme, [48, 24, width - 12, height - 42],
      { range: [widths[0] / 1.25, widths.at(-1) * 1.25], log: true, ticks: widths, label: "hidden units \u2192" },
      { range: [0, 1.05], ticks: [0, 0.25, 0.5, 0.75, 1], names: { 0: "0 %", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %" }, label: "starts that learn XOR \u2191" });
    const series = Object.keys(names.activation).flatMap((a) => Object.keys(names.optimizer).map((o) => [a, o]));
    series.forEach(([activation, optimizer], i) => {
      const color = theme.colors[i], chosen = activation === state.activation && optimizer === state.optimizer;
      // Side by side, so that intervals do not hide each other.
      const pairs = this.cells(activation, optimizer).map((c) => [c.width * 1.03 ** (i - 1.5), c.solved / found.starts, c.solved]);
      for (const [x, , solved] of pairs) {
        drawLine(context, frame, interval(solved, found.starts).map((y) => [x, y]), { color, width: 1.5 });
      }
      drawLine(context, frame, pairs, { color, dash: DASHES[i], width: chosen ? 3 : 1.2 });
      drawDots(context, frame, pairs, { color });
      if (chosen) drawDots(context, frame, pairs.filter((_, k) => widths[k] === state.width), { color: "rgba(0,0,0,0)", radius: 8, edge: theme.text });
    });
    drawLegend(context, theme, width - 190, height - 112, series.map(([a, o], i) =>
      ({ text: `${names.activation[a]}, ${names.optimizer[o]}`, color: theme.colors[i], dash: DASHES[i] })));
  }

  paintNets(context, width, height) {
    const theme = themeOf(this.root), size = Math.min(height - 40, (width - 30) / 2);
    ["solved", "stuck"].forEach((kind, i) => {
      const left = i ? width - size - 4 : 4, net = this.cell.nets[kind];
      context.font = "12px system-ui, sans-serif";
      context.textAlign = "left";
      context.textBaseline = "alphabetic";
      context.fillStyle = theme.text;
      const none = kind === "stuck" ? "none is stuck" : "none is solved";
      context.fillText(net ? `a ${kind} network` : none, left, 14);
      context.strokeStyle = theme.edge;
      context.strokeRect(left + 0.5, 22.5, size, size);
      if (net) this.paintNet(context, net, left, 22, size);
      if (net) context.fillStyle = theme.text;
      if (net) context.fillText("input 1 \u2192, input 2 \u2191", left, 22 + size + 15);
    });
  }

  // Blue where the output is below one half and orange above, over inputs from -0.25 to 1.25.
  paintNet(context, net, left, top, size) {
    const { tiles, state } = this, count = 60;
    [tiles.width, tiles.height] = [count, count];
    const image = tiles.getContext("2d").createImageData(count, count);
    for (let row = 0, at = 0; row < count; row++) {
      for (let column = 0; column < count; column++, at += 4) {
        const x = -0.25 + (1.5 * (column + 0.5)) / count, y = 1.25 - (1.5 * (row + 0.5)) / count;
        const out = Math.max(-1, Math.min(1, 2 * outputOf(net, state.width, state.activation, x, y) - 1));
        const full = out < 0 ? [86, 150, 206] : [232, 150, 70];
        image.data.set([...full.map((v) => 245 + (v - 245) * Math.min(1, Math.abs(out) + 0.12)), 255], at);
      }
    }
    tiles.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(tiles, left, top, size, size);
    for (const [x, y, one] of CORNERS) {
      const px = left + ((x + 0.25) / 1.5) * size, py = top + ((1.25 - y) / 1.5) * size;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = "bold 15px system-ui, sans-serif";
      rimmed(context, String(one), px, py);
    }
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.font = "12px system-ui, sans-serif";
  }

  words() {
    const { state, names, found, cell } = this;
    const all = this.cells(state.activation, state.optimizer);
    const other = state.optimizer === "sgd" ? "adam" : "sgd";
    const rival = this.cells(state.activation, other).find((c) => c.width === state.width);
    return `XOR, ${names.activation[state.activation]}, ${names.optimizer[state.optimizer]}: with ${state.width} hidden units `
      + `${cell.solved} of ${found.starts} starts learn it (${names.optimizer[other]}: ${rival.solved}), with ${all.at(-1).width} units ${all.at(-1).solved}.`;
  }
}

const render = rendering(XorView);
