"""Facts about optimizers, read off the registry and not typed by hand."""

from dataclasses import dataclass

from ..optim import conventions as libraries
from ..optim import get


@dataclass(frozen=True)
class Table:
    """Rows that a notebook shows as a table and ``print`` shows as text."""

    header: tuple
    rows: tuple

    def _repr_markdown_(self):
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)

    def __repr__(self):
        table = [self.header, *self.rows]
        widths = [max(len(str(line[i])) for line in table) for i in range(len(self.header))]
        return "\n".join(
            "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip()
            for line in table
        )


def facts(*names):
    """Return what each optimizer costs and what there is to tune.

    Parameters
    ----------
    *names : str
        Names of ``optim.REGISTRY``.
    """
    header = ("optimizer", "memory beyond the weights", "a step costs", "to tune", "published")
    rows = []
    for name in names:
        entry = get(name)
        state = len(entry.state)
        memory = "none" if state == 0 else f"{state} number{'s' * (state > 1)} a weight"
        tuned = ", ".join(f"{k} ({_brief(v)})" for k, v in entry.tuned.items())
        cost = "norms or products of matrices"
        if entry.elementwise:
            cost = f"{entry.operations} operations a weight"
        rows.append((name, memory, cost, tuned, entry.source))
    return Table(header, tuple(rows))


#: What the cells of a card stand for, by column.
_SAID = {
    "eps": {
        "outside": "outside the root",
        "inside": "inside the root",
        "hat": "outside, before the correction",
    },
    "lr": {"outside": "outside the buffer", "inside": "inside the buffer", "absent": "none"},
    "correct": {True: "yes", False: "no"},
    "of": {"raw": "the mean", "corrected": "the corrected mean"},
    "scale": {
        "rows": "√(rows / columns), at least 1",
        "columns": "√(columns / rows), at least 1",
        "longer": "0.2 √(longer side)",
        "none": "1",
    },
    "same": {
        "exact": "the same",
        "near": "the same, until eps counts",
        "constant lr": "the same, until the learning rate changes",
        "bfloat16": "the same to two digits",
        "no": "not the same",
    },
}


def _said(column, row):
    """Return what a cell stands for; empty where it says nothing."""
    said = _SAID[column].get(getattr(row, column), "")
    return said.replace("root", "maximum") if row.optimizer == "adamax" else said


def conventions(name):
    """Return how libraries write one optimizer: a row each, the source last.

    Parameters
    ----------
    name : str
        One of ``optim.conventions.NAMES``.
    """
    rows = libraries.card(name)
    columns = {
        "eps stands": [_said("eps", row) for row in rows],
        "learning rate": [_said("lr", row) for row in rows],
        "corrected": [_said("correct", row) for row in rows],
        "maximum of": [_said("of", row) for row in rows],
        "scale": [_said("scale", row) for row in rows],
        "weight decay": [row.decay for row in rows],
        "state": [", ".join(row.state) for row in rows],
        "defaults": [
            ", ".join(f"{k} {_brief(v)}" for k, v in row.defaults.items()) for row in rows
        ],
    }
    columns = {title: cells for title, cells in columns.items() if any(cells)}
    body = zip((row.library for row in rows), *columns.values(), strict=True)
    return Table(("", *columns), tuple(tuple(cell or "–" for cell in row) for row in body))


def same_in(name, *names):
    """Return the line of code that makes optlearn's default elsewhere, and how near it comes.

    Parameters
    ----------
    name : str
        One of ``optim.conventions.NAMES``.
    *names : str
        Libraries; PyTorch, Keras and Optax if none is given.
    """
    wanted = names or ("PyTorch", "Keras", "Optax")
    rows = [row for row in libraries.card(name) if row.library in wanted and row.code]
    header = ("library", "code", "compared with optlearn", "watch for")
    return Table(header, tuple((r.library, f"`{r.code}`", _said("same", r), r.trap) for r in rows))


def conventions_page():
    """Return ``docs/conventions.md``: all cards."""
    versions = "; ".join(f"{name}: {version}" for name, version in libraries.VERSIONS.items())
    lines = [
        "# Conventions",
        "",
        "The same name does not mean the same numbers. How libraries write each optimizer, which "
        "line comes nearest to optlearn's default, and what to watch for. Every row was run in its "
        "library and is held against a formula by `tests/test_conventions.py`; the rows called "
        "source are what the publication says. Made from `optlearn/optim/conventions.toml`.",
        "",
        f"{versions}.",
    ]
    for name in libraries.NAMES:
        everywhere = [row.library for row in libraries.card(name)]
        traps = [f"- **{row.library}**: {row.trap}" for row in libraries.card(name)]
        code = same_in(name, *everywhere)
        short = Table(code.header[:3], tuple(row[:3] for row in code.rows))
        parts = [conventions(name)._repr_markdown_(), short._repr_markdown_(), "\n".join(traps)]
        lines += ["", f"## {name}", "", "\n\n".join(parts)]
    return "\n".join(lines) + "\n"


def _brief(value):
    """Return a default as it is written in a text: 0.001, (0.9, 0.999), yes, original."""
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_brief, value))})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
