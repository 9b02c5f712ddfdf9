// What quiz and prediction share: a question as native controls, and the verdict on an answer.

// Tell whether an answer is the option's: letters as they are, numbers within one percent
// (Python's math.isclose with rel_tol 0.01 and abs_tol 1e-12).
function same(right, given) {
  if (typeof right === "string") return String(given).trim().toLowerCase() === right;
  const number = typeof given === "number" ? given : given === "" ? NaN : Number(given);
  const room = Math.max(0.01 * Math.max(Math.abs(right), Math.abs(number)), 1e-12);
  return right === number || (Number.isFinite(number) && Math.abs(right - number) <= room);
}

// The option that an answer is, or what is said to one that nobody foresaw.
function verdict({ options, otherwise }, answer) {
  return options.find((o) => same(o.answer, answer)) ?? { right: false, says: otherwise };
}

// The controls of one question. `change(answer)` is called with the answer, or null while there
// is none; `set(answer)` shows one, and `lock` ends the asking.
function ask(question, change) {
  const make = { choice: askChoice, number: askNumber, order: askOrder }[question.kind];
  const { root, ...rest } = make(question, change);
  const text = element("div", { className: "ol-asked", innerHTML: question.text });
  const group = element("fieldset", { className: "ol-question" },
    element("legend", { className: "ol-legend" }, text), root);
  // Radio buttons of one name belong together within a form, here and nowhere else on the page.
  const form = element("form", {}, group);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    group.querySelector(".ol-submit").click(); // Enter in a box
  });
  return { root: form, add: (...nodes) => group.append(...nodes), lock: () => { group.disabled = true; }, ...rest };
}

function askChoice({ options }, change) {
  const radios = options.map(({ answer }) => {
    const radio = element("input", { type: "radio", name: "answer", value: answer });
    radio.addEventListener("change", () => change(answer));
    return radio;
  });
  const rows = options.map(({ answer, text }, i) => element("label", { className: "ol-option" },
    radios[i], element("span", { innerHTML: `<b>${answer}</b>&ensp;${text}` })));
  return {
    root: element("div", {}, ...rows),
    set: (answer) => radios.forEach((radio) => { radio.checked = radio.value === answer; }),
  };
}

function askNumber(question, change) {
  const box = element("input", { type: "number", step: "any", className: "ol-box" });
  const root = element("label", { className: "ol-number" }, element("span", {}, "your number"), box);
  box.addEventListener("input", () => change(Number.isNaN(box.valueAsNumber) ? null : box.valueAsNumber));
  return { root, set: (answer) => { box.value = answer; } };
}

function askOrder({ lines }, change) {
  const letters = lines.map((_, i) => String.fromCharCode(97 + i));
  const list = element("ol", { className: "ol-lines" });
  const answer = () => [...list.children].map((row) => row.dataset.letter).join("");
  const rows = lines.map((line, i) => {
    const move = (label, sign, go) => {
      const node = button(sign, () => {
        go();
        node.focus();
        change(answer());
      });
      node.setAttribute("aria-label", `move line ${letters[i]} ${label}`);
      return node;
    };
    const row = element("li", {}, // The first goes up to the end, so that no button is ever without effect.
      move("up", "\u2191", () => (row.previousSibling ? row.previousSibling.before(row) : list.append(row))),
      move("down", "\u2193", () => (row.nextSibling ? row.nextSibling.after(row) : list.prepend(row))),
      element("span", { innerHTML: `<b>${letters[i]}</b>&ensp;<code>${line}</code>` }));
    row.dataset.letter = letters[i];
    return row;
  });
  list.append(...rows);
  change(answer());
  return {
    root: list,
    set: (order) => list.append(...[...order].map((letter) => rows[letters.indexOf(letter)])),
  };
}

// A paragraph with the verdict on an answer.
function feedback(node, { right, says }) {
  const word = right ? "Right." : "Not yet.";
  node.innerHTML = `<b>${right ? "\u2713" : "\u2717"} ${word}</b> ${says}`;
  node.dataset.right = right;
}
