// The dials of the optimizers' own settings; only those of the shown optimizer are on the page.

const SHARES = [...evenly(0, 0.99, 0.01), 0.995, 0.999];
const MEMORIES = [...SHARES, 0.9995, 0.9999];
const HYPERS = {
  momentum: ["momentum", SHARES],
  alpha: ["alpha (memory)", MEMORIES],
  rho: ["rho (memory)", MEMORIES],
  beta1: ["beta 1 (mean)", MEMORIES],
  beta2: ["beta 2 (squares)", MEMORIES],
  eps: ["eps", inRatios(1e-12, 1, 5)],
  weight_decay: ["weight decay", [0, ...inRatios(1e-4, 1, 10)]],
};

class SettingDials {
  // `change(key, value)` is called with Python's names.
  constructor(note, change) {
    this.dials = Object.fromEntries(Object.entries(HYPERS).map(([key, [label, values]]) => {
      const turn = (value) => {
        if (key === "beta1") change("betas", [value, this.hyper.betas[1]]);
        else if (key === "beta2") change("betas", [this.hyper.betas[0], value]);
        else change(key, value);
      };
      return [key, dial({ label, values, note, change: turn })];
    }));
    this.centered = toggle({ label: "centered", change: (on) => change("centered", on) });
  }

  get roots() {
    return [...Object.values(this.dials), this.centered].map(({ root }) => root);
  }

  refresh(name, hyper) {
    this.hyper = hyper;
    const { betas } = hyper;
    const values = betas ? { ...hyper, beta1: betas[0], beta2: betas[1] } : hyper;
    for (const [key, control] of Object.entries(this.dials)) {
      control.root.hidden = !(key in values);
      if (key in values) control.set(values[key]);
    }
    this.centered.root.hidden = !("centered" in hyper);
    this.centered.set(Boolean(hyper.centered));
    // Schedule-Free divides by its momentum.
    const lowest = name.startsWith("schedule_free") ? 1 : 0;
    this.dials.momentum.setValues(SHARES.slice(lowest));
    this.dials.beta1.setValues(MEMORIES.slice(lowest));
  }
}
