"""What a checkup found, in words."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    name : str
        Of the table in :func:`checkup`.
    message : str
        What was seen, and the remedy.
    """

    name: str
    message: str


@dataclass
class Checkup:
    """The report of :func:`checkup`; printed, it is a page in words.

    Attributes
    ----------
    findings : list of Finding
        What is wrong, the first thing to repair first.
    measured : dict of str to number or array
        What was measured on the way, by name.
    stages : list of str
        What was looked at.
    """

    findings: list = field(default_factory=list)
    measured: dict = field(default_factory=dict)
    stages: list = field(default_factory=list)

    @property
    def ok(self):
        """Whether nothing was found."""
        return not self.findings

    def __contains__(self, name):
        """Tell whether there is a finding of this name."""
        return any(finding.name == name for finding in self.findings)

    def __str__(self):
        looked = f"Looked at: {', '.join(self.stages)}."
        if self.ok:
            return "\n".join(["Nothing found.", looked, *self._numbers()])
        found = [f"- {finding.name}: {finding.message}" for finding in self.findings]
        count = "1 finding" if len(found) == 1 else f"{len(found)} findings"
        after = "Repair this and look again: what comes after a fault shows only its consequences."
        return "\n".join([f"{count}:", *found, looked, after, *self._numbers()])

    __repr__ = __str__

    def _numbers(self):
        """Yield a line a number; the tables stay in ``measured``."""
        for name, value in self.measured.items():
            if isinstance(value, float):
                small = 0 < abs(value) < 1e-12
                yield f"{name.replace('_', ' ')}: {'< 1e-12' if small else format(value, '.3g')}"
