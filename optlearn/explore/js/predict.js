// The prediction: an answer and how sure you are, before the outcome is shown.

class PredictView extends View {
  static traits = ["answers", "confidence", "unlocked", "score"];
  static aspect = null;

  build() {
    [this.question] = this.model.get("asked");
    this.given = null;
    this.form = ask(this.question, (answer) => { this.given = answer; });
    this.sure = dial({
      label: "how sure are you (%)", values: evenly(0, 100, 5), least: 1,
      note: (text) => this.warn(text),
      change: (percent) => this.change({ confidence: percent / 100 }),
    });
    this.press = button("Predict", () => {
      if (this.given === null) this.warn("say what you expect first");
      else this.change({ answers: { [this.question.name]: this.given } });
    });
    this.press.classList.add("ol-submit");
    this.said = element("p", { className: "ol-feedback" });
    this.outcome = element("div", { className: "ol-outcome", hidden: true });
    const { text, image } = this.model.get("outcome");
    if (image) this.outcome.append(element("img", { src: image, alt: text }));
    else if (text) this.outcome.append(element("p", {}, text));
    this.form.add(this.sure.root, element("div", { className: "ol-buttons" }, this.press));
    return { stage: [this.form.root, this.said, this.outcome] };
  }

  refresh() {
    const { answers, confidence, unlocked } = this.state;
    this.sure.set(Math.round(100 * confidence));
    const answer = answers[this.question.name];
    if (answer !== undefined) {
      this.form.set(answer);
      this.form.lock();
      feedback(this.said, verdict(this.question, answer));
    }
    this.outcome.hidden = answer === undefined && !unlocked;
  }

  words() {
    const { answers, confidence, score, unlocked } = this.state;
    const answer = answers[this.question.name];
    if (answer === undefined) {
      return unlocked ? "Opened by the teacher." : "What happens is shown after you have predicted.";
    }
    const first = `You predicted ${answer}, ${Math.round(100 * confidence)} % sure.`;
    return score ? `${first} ${score}.` : first;
  }
}

const render = rendering(PredictView);
