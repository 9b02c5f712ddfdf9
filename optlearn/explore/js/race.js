// The race: who ends lowest, as bars beside the map, and whether it is the favourite.

class RaceBoard {
  constructor(view) {
    this.view = view;
    const { optimizers } = view.choices;
    this.banner = element("p", { className: "ol-banner" });
    this.favourite = menu({
      label: "your favourite", options: { "": "nobody yet", ...optimizers },
      change: (name) => view.change(name ? { favourite: name, optimizer: name } : { favourite: null }),
    });
    this.canvas = view.furtherCanvas(
      "Bars: by how much each optimizer brings the loss down.", 1.5, (...all) => this.paint(...all));
  }

  get nodes() {
    return [this.banner, this.favourite.root, this.canvas];
  }

  refresh() {
    const { state, names, rates } = this.view;
    const running = Object.fromEntries(state.optimizers.map((name) => [name, names[name]]));
    if (JSON.stringify(running) !== this.offered) {
      this.offered = JSON.stringify(running);
      this.favourite.offer({ "": "nobody yet", ...running });
    }
    this.favourite.set(state.favourite ?? "");
    const text = bannerOf(rates);
    this.banner.textContent = text[0].toUpperCase() + text.slice(1);
  }

  paint(context, width, height) {
    const { view } = this;
    const { heights, names, state } = view;
    const order = rankingOf(heights);
    const begin = view.land.value(...state.start) - view.land.value(...view.minima[0]);
    const decades = (name) => Math.log10(begin / heights[name]);
    const most = Math.max(1, ...order.map((name) => (heights[name] < Infinity ? decades(name) : 0)));
    const theme = themeOf(view.root);
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = theme.faint;
    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillText("a longer bar: the loss fell further (decades)", 0, 0);
    context.textAlign = "right";
    context.fillText("loss left", width, 0);
    const rows = order.map((name, i) => ({
      text: `${i + 1}. ${names[name]}${name === state.favourite ? " \u2605" : ""}`,
      strong: name === state.favourite,
      said: heights[name] < Infinity ? (heights[name] < 1e-11 ? "< 1e-11" : brief(heights[name])) : "ran away",
      share: heights[name] < Infinity ? Math.max(0, decades(name)) / most : 0,
      color: theme.colors[state.optimizers.indexOf(name)],
    }));
    drawBars(context, theme, width, 18, rows, (height - 18) / Math.max(rows.length, 8));
  }

  // Whether the favourite wins, in words.
  words() {
    const { state, heights, names } = this.view;
    const { favourite } = state;
    if (!(favourite in heights)) return " Pick a favourite and make it win.";
    if (winnerOf(heights) === favourite) {
      return ` Your favourite, ${names[favourite]}, wins outright: at least twice as low as every other.`;
    }
    return ` Your favourite, ${names[favourite]}, does not win yet: change the rate, the landscape or the steps.`;
  }
}
