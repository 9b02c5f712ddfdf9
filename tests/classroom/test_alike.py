"""What is listed as alike: free texts and own experiments, and nothing that must be alike."""

import json
from pathlib import Path

import pytest

from optlearn.course.classroom import alike, results, settings
from optlearn.course.classroom.report import report

NAME = "04_momentum"
ROOT = Path(__file__).parents[2]
TEXT = (
    "The wall of Nesterov's form lies below that of plain descent, so a rate that was the best "
    "before is now far beyond it, and the loss must explode within a few steps of training."
)
OTHER = (
    "Switching momentum on makes each stride ten times longer on slopes that stay. Two short runs "
    "would tell: one with a tenth of the rate, one with the heavy ball as it stood before that."
)


@pytest.mark.parametrize(
    ("one", "other", "listed"),
    [
        (TEXT, TEXT, True),
        (TEXT, TEXT.replace("explode", "blow up").replace("far ", "").upper(), True),
        (TEXT, OTHER, False),
    ],
)
def test_texts_are_alike_where_they_share_rare_words(one, other, listed):
    ((cosine, *names),) = alike.compare({"a": alike.triples(one), "b": alike.triples(other)})
    assert names == ["a", "b"]
    assert (cosine >= alike.ALIKE) == listed


def test_what_the_whole_class_writes_weighs_little():
    common = "for t in range ( 600 ) : b = mu * b + gradient ( w ) ; w = w - lr * b ; "
    own = {name: alike.triples(common + text) for name, text in (("a", TEXT), ("b", OTHER))}
    ((alone, *_),) = alike.compare(own)
    crowd = own | {str(i): alike.triples(common + f"number {i} of mine") for i in range(50)}
    among = {names: cosine for cosine, *names in alike.compare(crowd) for names in [tuple(names)]}
    assert among["a", "b"] < alone


@pytest.mark.parametrize(
    ("cell", "free"),
    [("04-written", True), ("04-refute", True), ("02-refute", True), ("04-nesterov", False),
     ("04-predict", False), ("04-plan", False), ("words", False), ("77-refute", False)],
)  # fmt: skip
def test_only_free_texts_and_own_experiments_are_compared(cell, free):
    assert alike.is_free(cell) == free


def test_the_report_lists_pairs_for_reading_and_says_it_is_no_proof(tmp_path):
    classroom = settings.init(tmp_path)
    classroom.release(NAME, ROOT / "solutions")
    solution = json.loads((ROOT / "solutions" / NAME / "exercise.ipynb").read_text("utf-8"))
    lines = ["id,name,email"]
    texts = {"ada": TEXT, "bob": f"I think: {TEXT}", "eve": OTHER, "kim": "*Your answer here.*"}
    for who, text in texts.items():
        done = json.loads(json.dumps(solution))
        for cell in done["cells"]:
            if cell["id"] == "04-written":
                cell["source"] = text
            if cell["id"] == "04-refute" and who != "eve":
                cell["source"] = f"# my own\n{who} = 1"
        path = classroom.folder / "submitted" / who / NAME / "exercise.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(done), encoding="utf-8")
        lines.append(f"{who},,")
        row = {"student": who, "score": 1, "max": 25, "flags": [], "mistakes": [], "digest": who}
        results.keep(classroom, NAME, row)
    (classroom.folder / "roster.csv").write_text("\n".join(lines) + "\n")
    found = alike.pairs(classroom, NAME)
    assert [pair[1:] for pair in found] == [("ada", "bob", "04-written")]
    page = report(classroom, NAME)
    assert "- ada and bob, 04-written: " in page
    assert "It proves nothing" in page
    (classroom.folder / "submitted/bob" / NAME / "exercise.ipynb").write_text("broken")
    assert alike.pairs(classroom, NAME) == []
