"""Run the optimizers of "Dive into Deep Learning" from the book's own text."""

import ast
import os
import re
from pathlib import Path

import numpy as np

#: The environment variable that says where the book's sources are.
FOLDER = "D2L"


def text(row):
    """Return the source of a function of the book, from the chapter that has it."""
    name = row["code"].partition("(")[0]
    chapter = {"sgd_momentum": "momentum"}.get(name, name)
    page = (Path(os.environ[FOLDER]) / "chapter_optimization" / f"{chapter}.md").read_text("utf8")
    cells = re.findall(r"```\{\.python \.input\}\n(.*?)```", page, re.S)
    cell = next(c for c in cells if f"def {name}(" in c and "#@tab pytorch" in c)
    return cell[cell.index(f"def {name}(") :]


def walk(row, options, start, stream):
    import torch

    names = {"torch": torch}
    exec(text(row), names)
    step = names[row["code"].partition("(")[0]]
    w = torch.tensor(start, requires_grad=True)
    held = [torch.zeros(*start.shape, dtype=torch.float64) for _ in row["state"]]
    states = [tuple(held) if len(held) > 1 else held[0]]
    hyper = eval(re.search(r"\{.*\}", row["code"]).group())
    path = []
    for rate, g in stream:
        if options is not None:
            hyper |= {"lr": rate, **options}
        w.grad = torch.tensor(g)
        step([w], states, hyper)
        path.append(w.detach().numpy().copy())
    return np.array(path)


def state(row):
    held = re.search(r"for p, \(?([\w, ]+?)\)? in zip", text(row)).group(1)
    return held.split(", ")


def constants(row):
    """Return the names that a function of the book sets to numbers."""
    found = {}
    for node in ast.walk(ast.parse(text(row))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            found |= dict(zip(node.targets[0].elts, getattr(node.value, "elts", ())))
        elif isinstance(node, ast.Assign):
            found[node.targets[0]] = node.value
    return {k.id: v.value for k, v in found.items() if isinstance(v, ast.Constant)}
