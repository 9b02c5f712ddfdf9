"""Free texts and own experiments that resemble each other, for a teacher to read side by side.

Only what may be written in many ways is compared: three lines of an update rule are alike in the
whole class. What many write weighs little (TF-IDF over triples of words). It is never a verdict.
"""

import json
import math
import re
from collections import Counter
from itertools import combinations

from ..checks import engine
from . import attempts, results

#: From which cosine on two answers are listed, and how many of them.
ALIKE, AT_MOST = 0.7, 20
#: Fewer triples of words than these say nothing.
SHORTEST = 12


def pairs(classroom, assignment):
    """Return ``(cosine, student, student, cell)``, the most alike first."""
    handout = classroom.folder / "release" / assignment / "exercise.ipynb"
    given = {name: triples(text) for name, text in _sources(handout).items()}
    written = {}
    for who in results.read(classroom, assignment):
        texts = _sources(attempts.submitted(classroom, assignment, who).path)
        for name in filter(is_free, given):
            own = triples(texts.get(name, "")) - given[name]
            if own.total() >= SHORTEST:
                written.setdefault(name, {})[who] = own
    found = [
        (cosine, one, other, name)
        for name, texts in written.items()
        for cosine, one, other in compare(texts)
        if cosine >= ALIKE
    ]
    return sorted(found, key=lambda pair: (-pair[0], *pair[1:]))[:AT_MOST]


def compare(texts):
    """Yield ``(cosine, name, name)`` for each pair of counted triples."""
    spread = Counter(triple for text in texts.values() for triple in text)
    rare = {triple: 1 + math.log((1 + len(texts)) / (1 + n)) for triple, n in spread.items()}
    weights = {}
    for name, text in texts.items():
        row = {triple: n * rare[triple] for triple, n in text.items()}
        length = math.hypot(*row.values())
        weights[name] = {triple: weight / length for triple, weight in row.items()}
    for one, other in combinations(weights, 2):
        a, b = sorted((weights[one], weights[other]), key=len)
        yield sum(weight * b.get(triple, 0.0) for triple, weight in a.items()), one, other


def triples(text):
    """Return how often each three words or signs stand in a row."""
    words = re.findall(r"\w+|[^\w\s]", text.casefold())
    return Counter(zip(words, words[1:], words[2:]))


def is_free(name):
    """Return whether an answer cell holds a free text or an experiment of one's own."""
    number, _, question = name.partition("-")
    if question == "written":
        return True
    try:
        return engine.find(f"{number}.{question}").kind == "refute"
    except ValueError:
        return False


def _sources(path):
    """Return the text of each cell by its id; nothing where the file is no notebook."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {cell["id"]: "".join(cell["source"]) for cell in cells if "id" in cell}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
