// The curve doctor: the curves of one training after the other, and the question what is wrong.

// The finite values of a curve as pairs [epoch, value].
const pairsOf = (values, factor = 1) => values.flatMap((v, i) =>
  (typeof v === "number" ? [[i + 1, factor * v]] : []));

// A positive number with one digit, rounded by `turn`.
function oneDigit(value, turn) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Number((turn(value / unit) * unit).toPrecision(3));
}

// A range that holds all values, a little wider; on a log axis, what is positive.
function rangeOf(pairs, log) {
  const values = pairs.map(([, v]) => v).filter((v) => !log || v > 0);
  if (!values.length) return [0.1, 1];
  const low = Math.min(...values), high = Math.max(...values);
  if (log) return [oneDigit(low / 1.05, Math.floor), oneDigit(Math.max(high, low * 1.5), Math.ceil)];
  return [Math.min(0, low), Math.max(high * 1.1, 1e-9)];
}

class DoctorView extends View {
  static traits = ["case", "answers"];
  static picture = "Loss of training and validation by epoch, logarithmic.";
  static aspect = 16 / 9;

  build() {
    this.runs = this.model.get("found");
    this.chosen = {}; // answers that may not have been checked yet
    this.questions = this.model.get("asked").map((question) => this.makeQuestion(question));
    const numbers = Object.fromEntries(this.runs.map((_, i) => [i + 1, `${i + 1} of ${this.runs.length}`]));
    this.pick = menu({ label: "training", options: numbers, change: (v) => this.change({ case: Number(v) }) });
    this.facts = readouts("loss before training", "guessing has", "training accuracy", "validation accuracy",
      "test accuracy", "hidden units on", "units that differ", "epochs");
    const small = (label, ...all) => this.furtherCanvas(label, 4 / 3, (...rest) => this.paintSmall(...all, ...rest));
    const grid = element("div", { className: "ol-pictures" },
      small("Accuracy by epoch, in percent.", ["accuracy", "val_accuracy"], "accuracy (%)", false),
      small("Length of a step beside the weights, by epoch, logarithmic.", ["update"], "step / weights", true),
      small("Norm of the gradient by epoch, logarithmic.", ["gradient"], "norm of the gradient", true),
      small("Loss of each batch in the last epoch.", ["batches"], "loss of a batch, last epoch", false));
    const next = button("Next training", () => this.change({ case: (this.state.case % this.runs.length) + 1 }));
    return {
      key: ["\u2501 training   \u2505 validation   a line that ends: no number any more"],
      stage: [grid],
      panel: [this.pick.root, ...this.questions.map(({ form }) => form.root),
        element("div", { className: "ol-buttons" }, next), this.facts.root],
    };
  }

  makeQuestion(question) {
    let given = null;
    const check = button("Check", () => {
      if (given === null) this.warn("answer first, then check");
      else this.change({ answers: { ...this.state.answers, [question.name]: given } });
    });
    check.classList.add("ol-submit");
    const form = ask(question, (answer) => {
      given = answer;
      this.chosen = { ...this.chosen, [question.name]: answer };
      this.draw();
    });
    const said = element("p", { className: "ol-feedback" });
    form.add(element("div", { className: "ol-buttons" }, check), said);
    return { question, form, said };
  }

  refresh() {
    const { state, questions, runs } = this;
    const run = this.run = runs[state.case - 1];
    this.pick.set(state.case);
    questions.forEach(({ question, form, said }, i) => {
      form.root.hidden = i !== state.case - 1;
      if (!(question.name in state.answers)) return;
      form.set(state.answers[question.name]);
      this.chosen[question.name] = state.answers[question.name];
      feedback(said, verdict(question, state.answers[question.name]));
    });
    const percent = (share) => `${brief(100 * share)} %`;
    this.facts.set({
      "loss before training": brief(run.first),
      "guessing has": `${brief(Math.log(10))} (ln 10)`,
      "training accuracy": percent(run.accuracy.at(-1)),
      "validation accuracy": percent(run.val_accuracy.at(-1)),
      "test accuracy": percent(run.test),
      "hidden units on": percent(run.units_on),
      "units that differ": percent(run.units_distinct),
      epochs: String(run.loss.length),
    });
  }

  paint(context, width, height) {
    const { run, state } = this;
    const theme = themeOf(this.root);
    const box = [44, 22, width - 12, height - 40];
    const frame = this.paintCurves(context, box, ["loss", "val_loss"], "loss (logarithmic) \u2191", true);
    drawMark(context, theme, frame, { y: Math.log(10), text: "guessing" });
    const given = this.chosen[this.questions[state.case - 1].question.name];
    context.textAlign = "right";
    context.fillStyle = theme.text;
    if (given) context.fillText(`your diagnosis: ${given}`, box[2], box[1] - 6);
    const lost = run.loss.some((v) => typeof v !== "number");
    if (lost) context.fillText("then the loss is no number any more", box[2] - 8, box[3] - 8);
  }

  paintSmall(names, label, log, context, width, height) {
    this.paintCurves(context, [44, 20, width - 8, height - 34], names, label, log);
  }

  paintCurves(context, box, names, label, log) {
    const theme = themeOf(this.root);
    const factor = label.includes("%") ? 100 : 1;
    const curves = names.map((name) => pairsOf(this.run[name], factor));
    const length = this.run[names[0]].length;
    const guess = names[0] === "loss" ? [[0, Math.log(10)]] : [];
    const range = factor === 100 ? [0, 102] : rangeOf([...curves.flat(), ...guess], log);
    const steps = names[0] === "batches" ? "batch" : "epoch";
    const frame = drawFrame(context, theme, box, { range: [0, length + 1], label: `${steps} \u2192` }, { range, log, label });
    inFrame(context, frame, () => curves.forEach((pairs, k) =>
      drawLine(context, frame, pairs, { color: theme.colors[k], dash: DASHES[k] })));
    return frame;
  }

  words() {
    const { state, run, questions } = this;
    const { question } = questions[state.case - 1];
    const answer = state.answers[question.name];
    const right = Object.entries(state.answers).filter(([name, given]) =>
      verdict(questions.find((q) => q.question.name === name).question, given).right).length;
    const last = run.loss.at(-1);
    const end = typeof last === "number" ? `the training loss ends at ${brief(last)}` : "the training loss ends with no number";
    const said = answer === undefined ? "What is your diagnosis?" : verdict(question, answer).right ? "Right." : "Not yet.";
    return `Training ${state.case}: ${end}, validation accuracy ${brief(100 * run.val_accuracy.at(-1))} %. ${said} `
      + `${right} of ${this.runs.length} diagnosed.`;
  }
}

const render = rendering(DoctorView);
