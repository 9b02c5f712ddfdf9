"""Every topic of the course is treated: the words in the lessons' text, the rest in their code."""

import json
import re
from pathlib import Path

import pytest

from optlearn.experiments import claims

ROOT = Path(__file__).parents[1]
LESSONS = {path.stem: path for path in sorted((ROOT / "lessons").glob("*.ipynb"))}
PAGE = (ROOT / "docs/glossary.md").read_text("utf8")
GLOSSARY = re.findall(r"^\| (.+?) \| (.+?) \| \[(\d\d)\]", PAGE, flags=re.M)


def source(lesson, kind):
    cells = json.loads(LESSONS[lesson].read_text("utf8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == kind)


def by_number(number):
    return next(name for name in LESSONS if name.startswith(number))


def words(term):
    """Return a pattern for a term: singular or plural, with hyphens or spaces, at line ends too."""
    pattern = r"[\s*-]+".join(map(re.escape, re.split(r"[\s-]", term)))
    return re.compile(rf"\b{pattern.removesuffix('y').removesuffix('um')}\w*", re.IGNORECASE)


#: Beside the glossary's terms: what the lessons must name.
NAMED = {
    "05": ["rare", "turn"],
    "07": ["plateau", "flat", "label noise", "gradient noise"],
    "08": ["sigmoid", "tanh", "skip"],
    "09": ["L2", "decoupled"],
    "10": ["cosine", "one-cycle", "linear scaling"],
    "11": ["log", "edge", "random search", "paired"],
    "12": ["MLP", "CNN", "RNN", "transformer", "rare"],
    "14": [
        "problem type", "data", "architecture", "compute", "memory", "training speed", "universal",
        "default", "baseline",
    ],
}  # fmt: skip

#: Rules, explorers and experiments by lesson: each must stand in the lesson's code.
USED = {
    "01": ("", ["explore.counter"], []),
    "02": ("sgd", ["explore.trajectory"], ["seed"]),
    "03": ("sgd", ["explore.batch_cost"], ["batch"]),
    "04": ("momentum|nesterov", ["explore.heatmap"], ["momentum"]),
    "05": ("adagrad|rmsprop|adadelta", ["explore.trajectory"], ["bowl.rotated", "bowl.fading"]),
    "06": ("adam|amsgrad", ["explore.xray"], ["steps.lengths|labels.noise|doctor|experiments"]),
    "07": ("", ["explore.surface"], ["xor.width", "edge.stability"]),
    "08": ("", ["explore.signal", "explore.surface"], ["depth.cures"]),
    "09": ("adamw", ["explore.signal"], ["labels.noise"]),
    "10": ("", ["explore.runs", "schedules."], ["ranges"]),
    "11": ("", ["explore.runs"], ["budget|seeds|sweep"]),
    "12": ("", ["explore.imbalance"], ["imbalance.excess", "architectures.optimizers"]),
    "13": ("muon|lion", ["explore.groups"], ["layerwise.groups"]),
    "14": ("", ["explore.runs"], ["claims."]),
}


@pytest.mark.parametrize(("term", "meaning", "number"), GLOSSARY, ids=[row[0] for row in GLOSSARY])
def test_a_term_of_the_glossary_is_explained_where_it_says(term, meaning, number):
    assert words(term).search(source(by_number(number), "markdown"))
    assert len(meaning.split()) <= 30


@pytest.mark.parametrize("number", sorted(NAMED))
def test_a_lesson_names_what_belongs_to_it(number):
    text = source(by_number(number), "markdown")
    text = re.sub(r"[\s-]+", " ", text).lower()
    assert [term for term in NAMED[number] if term.lower().replace("-", " ") not in text] == []


@pytest.mark.parametrize("number", sorted(USED))
def test_a_lesson_uses_its_rules_explorers_and_experiments(number):
    code = source(by_number(number), "code")
    rules, explorers, experiments = USED[number]
    for pattern in filter(None, rules.split("|")):
        assert re.search(rf"\b{pattern}\b", code), pattern
    for name in explorers:
        assert name in code
    for pattern in experiments:
        assert re.search(pattern.replace(".", r"\."), code), pattern


def test_every_claim_is_named_by_the_lesson_that_treats_it():
    shown = {lesson: source(lesson, "code") for lesson in LESSONS}
    missing = [c.id for c in claims.all() if f'"{c.id}"' not in shown.get(c.lesson, "")]
    assert missing == []


def test_there_are_fifteen_lessons():
    assert [name[:2] for name in LESSONS] == [f"{number:02}" for number in range(15)]
