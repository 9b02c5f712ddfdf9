// The quiz: questions with a button each; every answer is answered at once, in the browser.

class QuizView extends View {
  static traits = ["answers"];
  static aspect = null;

  build() {
    this.questions = this.model.get("asked").map((question, i, all) => {
      let given = null;
      const check = button("Check", () => {
        if (given === null) this.warn("answer first, then check");
        else this.change({ answers: { ...this.state.answers, [question.name]: given } });
      });
      check.classList.add("ol-submit");
      if (all.length > 1) check.setAttribute("aria-label", `Check question ${i + 1}`);
      const form = ask(question, (answer) => { given = answer; });
      const said = element("p", { className: "ol-feedback" });
      form.add(element("div", { className: "ol-buttons" }, check), said);
      return { question, form, said };
    });
    return { stage: this.questions.map(({ form }) => form.root) };
  }

  refresh() {
    const { answers } = this.state;
    for (const { question, form, said } of this.questions) {
      if (!(question.name in answers)) continue;
      const answer = answers[question.name];
      form.set(answer);
      feedback(said, verdict(question, answer));
    }
  }

  words() {
    const { answers } = this.state;
    const rights = this.questions.filter(({ question }) =>
      question.name in answers && verdict(question, answers[question.name]).right).length;
    const given = Object.keys(answers).length, all = this.questions.length;
    return `${given} of ${all} answered, ${rights} right. Try as often as you like.`;
  }
}

const render = rendering(QuizView);
