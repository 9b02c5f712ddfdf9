"""What the benchmarks share: one core, contenders that take turns, and the page docs/speed.md.

Each script owns one section of the page, between two comments, and leaves the rest alone.
"""

import importlib.metadata
import os
import platform
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed.md"

sys.path.insert(0, str(ROOT))  # the library beside this folder, installed or not


def one_core():
    """Keep this process to one core and one thread; call it before a contender is imported."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "sched_setaffinity"):  # XLA counts the cores it may use, and heeds nothing else
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def minimum(steps, rounds, repeat=3, before=None):
    """Return the least microseconds of processor time a call took, one for each contender.

    The clock itself takes half a microsecond, and the first calls of a turn find the caches full of
    another contender: let ``repeat`` make a turn of a millisecond.
    What ``before(i)`` does to make contender ``i`` ready is not counted.
    """
    best = [float("inf")] * len(steps)
    for _ in range(rounds):
        for i, step in enumerate(steps):
            if before is not None:
                before(i)
            begun = time.process_time_ns()
            for _ in range(repeat):
                step()
            best[i] = min(best[i], (time.process_time_ns() - begun) / repeat / 1e3)
    return best


def say(line):
    """Show that the run goes on; the page is not the place for it."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def table(head, rows):
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def machine(*packages):
    """Say what a run was made on."""
    about = Path("/proc/cpuinfo")
    found = about.exists() and re.search(r"model name\s*:\s*(.+)", about.read_text("utf8"))
    processor = found[1].strip() if found else platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return f"{processor}, one core; Python {platform.python_version()}, {versions}."


def write(section, lines, page=PAGE):
    """Put ``lines`` in the place of a section, or at the end of the page if it has none yet."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    text = page.read_text("utf8") if page.exists() else "# Speed\n"
    fresh = "\n".join([begin, "", *lines, "", end])
    place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}|\\Z", re.DOTALL)
    if begin not in text:
        text = text.rstrip() + "\n\n"
        fresh += "\n"
    text = place.sub(lambda _: fresh, text, count=1)
    page.write_text(text, encoding="utf8")
