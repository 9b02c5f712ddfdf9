// Groups of parameters: who updates which, what the library says to it, and the line of code.

// What becomes of a choice of owners. Returns { refused, code, state, against }.
function judge(owners, { groups, refusals, nobody, slots, advice, owners: names }) {
  const taken = Object.keys(names).filter((name) => name !== "frozen" && groups.some(([g]) => owners[g] === name));
  const refused = taken.length ? groups.map(([g]) => (owners[g] === "muon" ? refusals[g] : "")).find((text) => text) ?? "" : nobody;
  const children = taken.map((name) =>
    `${names[name]}([${groups.filter(([g]) => owners[g] === name).map(([, , , written]) => written).join(", ")}])`);
  const frozen = groups.some(([g]) => owners[g] === "frozen");
  const all = frozen ? children : [...children, "params=model.parameters()"];
  return {
    refused,
    code: `MultiOptimizer(${all.join(", ")})`,
    state: groups.reduce((sum, [g, , size]) => sum + (slots[owners[g]] ?? 0) * size, 0),
    against: groups.filter(([g]) => owners[g] === "muon" && advice[g]).map(([g]) => g),
  };
}

class GroupsView extends View {
  static traits = ["embedding", "hidden", "norm", "biases", "output"];
  static picture = "A bar for each group of parameters, as long as it has weights.";
  static aspect = 16 / 9;

  build() {
    this.choices = this.model.get("choices");
    const { groups, owners } = this.choices;
    this.dials = Object.fromEntries(groups.map(([g, label]) => [g, this.menuFor(g, label, owners)]));
    this.code = element("code");
    this.weights = groups.reduce((sum, [, , size]) => sum + size, 0);
    this.readouts = readouts("weights updated", "numbers of state", "AdamW for all", "the library");
    return {
      stage: [element("p", { className: "ol-key" }, this.code)],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  refresh() {
    const { state, dials, choices } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.verdict = judge(state, choices);
    this.code.textContent = this.verdict.code;
    const updated = choices.groups.filter(([g]) => state[g] !== "frozen").reduce((sum, [, , size]) => sum + size, 0);
    this.readouts.set({
      "weights updated": `${updated} of ${this.weights}`, "numbers of state": String(this.verdict.state),
      "AdamW for all": String(2 * this.weights), "the library": this.verdict.refused ? "refuses" : "accepts",
    });
  }

  paint(context, width, height) {
    const { state, choices, verdict } = this;
    const theme = themeOf(this.root);
    const names = Object.keys(choices.owners), most = Math.max(...choices.groups.map(([, , size]) => size));
    const tall = Math.min(40, (height - 10) / choices.groups.length);
    drawBars(context, theme, width - 4, 6, choices.groups.map(([g, label, size]) => {
      const owner = state[g], refused = owner === "muon" && choices.refusals[g] !== "";
      const mark = refused ? " \u2717 refused" : verdict.against.includes(g) ? " (not advised)" : "";
      return {
        text: `${label}: ${size} weights`, said: choices.owners[owner] + mark, share: size / most, strong: refused,
        color: owner === "frozen" ? theme.edge : theme.colors[names.indexOf(owner)],
      };
    }), tall);
  }

  words() {
    const { verdict, choices } = this;
    if (verdict.refused) return `Refused: ${verdict.refused}.`;
    const advice = verdict.against.map((g) => ` Muon for ${g} is not advised: ${choices.advice[g]}.`).join("");
    return `Accepted: ${verdict.state} numbers of state for ${this.weights} weights; AdamW for all would keep ${2 * this.weights}.${advice}`;
  }
}

const render = rendering(GroupsView);
