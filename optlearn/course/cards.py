"""Facts about optimizers, read off the registry and not typed by hand."""

from dataclasses import dataclass

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
        tuned = ", ".join(f"{k} ({_brief(v)})" for k, v in entry.hyperparameters.items())
        cost = "norms or products of matrices"
        if entry.elementwise:
            cost = f"{entry.operations} operations a weight"
        rows.append((name, memory, cost, tuned, entry.source))
    return Table(header, tuple(rows))


def _brief(value):
    """Return a default as it is written in a text: 0.001, (0.9, 0.999), yes, original."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_brief, value))})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
