"""Write what README.md says in numbers: ``python tests/make_readme.py``.

Each block between two comments, and each badge, is made from what the repository holds: the map of
the lessons from the lessons, the verdicts from the stored experiments, the speed from
``docs/speed.md``, the citation from ``CITATION.cff``. ``test_readme.py`` compares.
"""

import html
import json
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
BADGES = ROOT / "docs/pictures"

#: For each lesson, which of the things it promises is shown, and what its explorer surprises with.
LESSONS = {
    "00": (1, "each of eight optimizers wins at some shared rate"),
    "01": (0, "one update per batch, not per epoch"),
    "02": (0, "1.99/L zigzags, 2.01/L explodes"),
    "03": (3, "at one rate for all, larger batches save almost nothing"),
    "04": (2, "momentum lets the rate go up, Nesterov down"),
    "05": (1, "turn the bowl, and Adagrad's lead is lost"),
    "06": (1, "without its correction Adam starts with *longer* steps"),
    "07": (1, "tiny networks get stuck, and width frees them"),
    "08": (0, "ten sigmoid layers leave a millionth of the gradient"),
    "09": (2, "under Adam with L2 the noisy weight hardly shrinks"),
    "10": (3, "the range test is off by up to 100 times"),
    "11": (0, "three seeds point the wrong way in four of ten sets"),
    "12": (2, "Adam wins only with rare tokens and few, large batches"),
    "13": (1, "singular values before and after Muon's step"),
    "14": (2, "change the range of rates, and the ranking flips"),
}
#: Claims that everybody has heard, and whose verdicts surprise.
CLAIMS = ("adam-converges-faster", "local-minima-trap", "architecture-decides")
#: Rows of docs/speed.md: its first cell or cells, and the column where there are several.
STEPS = ("1e4", "1e6")
TRAININGS = (
    "MLP 64-64-10, 32", "MLP 784-256-128-10, 128", "CNN 8x8, 16 channels, 32",
    "GRU 28 x 28, 64, 32", "LSTM 28 x 28, 64, 32", "one epoch of digits, 64-64-10, 32",
)  # fmt: skip


def table(head, rows):
    """Return the lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]


def lessons():
    """Return the map: what each lesson enables, its surprise, minutes, needs, and its Binder."""
    rows, links = [], []
    for path in sorted((ROOT / "lessons").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        number, title = re.match(r"# (\d\d) · (.+)", "".join(cells[0]["source"])).groups()
        text = next(t for c in cells if "**Time:**" in (t := "".join(c["source"])))
        promises = re.findall(r"^- (.+)[;.]$", text.split("**Time:**")[0], re.M)
        which, surprise = LESSONS[number]
        line = re.search(r"\*\*Time:\*\*.*", text)[0]
        minutes = re.search(r"about (\d+) minutes", line)[1]
        exercise = re.search(r"and (\d+) more for the \[exercise\]\(\.\./(\S+?)\)", line)
        minutes += f" + [{exercise[1]}]({exercise[2]})" if exercise else ""
        needs = re.search(r"You need lessons? (.*?)\.(?= |$)", line)
        needs = re.sub(r"\[(\d\d)\]\([^)]+\)", r"\1", needs[1]) if needs else ""
        needs = needs.replace(" and ", ", ")
        name = f"[{number} {title}](lessons/{path.name})"
        opens = f"[![Open lesson {number} on Binder][binder]][open-{number}]"
        rows.append((name, promises[which], surprise, minutes, needs, opens))
        links.append(f"[open-{number}]: {binder(path.name)}")
    head = ("lesson", "you will be able to", "what its explorer shows", "minutes", "needs", "open")
    return [*table(head, rows), "", "[binder]: docs/pictures/badge-binder.svg", *links]


def binder(lesson):
    """Return the address that opens a lesson on Binder."""
    place = quote(f"lab/tree/lessons/{lesson}", safe="/")
    owner = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{owner}/HEAD?urlpath={place}"


def verdicts():
    """Return what is said, what the literature says, and what our experiments found."""
    from optlearn.experiments import claims

    rows = []
    for name in CLAIMS:
        claim = claims.get(name)
        effect, low, high = (f"{v:+.2g}" for v in (claim.effect, *claim.ci95))
        found = (
            f"{claim.tested} **Found**, over {claim.n} pairs: {claim.effect_of} is {effect}, in "
            f"{claim.unit} (95 % interval {low} to {high})."
        )
        lesson = f"[{claim.lesson[:2]}](lessons/{claim.lesson}.ipynb)"
        rows.append((claim.claim, claim.literature, f"**{claim.here}**", found, lesson))
    return table(("it is said", "literature", "here", "what was tested, and found", "lesson"), rows)


def counts():
    """Return how many claims stand in the ledger, and how they were decided."""
    from optlearn.experiments import claims

    found = [claim.here for claim in claims.all()]
    parts = ", ".join(f"{found.count(word)} {word.replace('_', ' ')}" for word in claims.HERE)
    return [f"The ledger holds {len(found)} claims: {parts}."]


def speed():
    """Return a few rows of docs/speed.md, with the machine that they were measured on."""
    text = (ROOT / "docs/speed.md").read_text("utf8")
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()]
    head = next(row for row in cells if row[:3] == ["optimizer", "ours", "against"])
    rows = []
    for size in STEPS:
        ours = {
            row[1]: row[head.index(size)]
            for row in cells
            if row[0] == "adam" and row[2] == "PyTorch fused"
        }
        rows.append((f"a step of Adam, {size} weights", "PyTorch fused", *ours.values()))
    for name in TRAININGS:
        row = next(row for row in cells if row[0] == name)
        rows.append((f"{'' if 'epoch' in name else 'a training step, '}{name}", *row[1:4]))
    machines = re.findall(r"^.*, one core; Python .*$", text, re.M)
    return [*table(("", "against", "numpy", "numba"), rows), "", max(machines, key=len)]


def citation():
    """Return the BibTeX entry of CITATION.cff."""
    text = (ROOT / "CITATION.cff").read_text("utf8")
    field = dict(re.findall(r'^(?:  - )?([\w-]+): "?(.*?)"?$', text, re.M))
    lines = ["```bibtex", "@software{optlearn,", f"  author = {{{{{field['name']}}}}},"]
    lines += [f"  title = {{{field['title']}}},", f"  version = {{{field['version']}}},"]
    return [*lines, f"  year = {{{field['date-released'][:4]}}}", "}", "```"]


BLOCKS = {
    "lessons": lessons, "verdicts": verdicts, "counts": counts, "speed": speed,
    "citation": citation,
}  # fmt: skip


def rewritten(text):
    """Return the README's text with every block made anew."""
    for name, make in BLOCKS.items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, middle, rest = text.partition(begin)
        _, last, after = rest.partition(end)
        if not (middle and last):
            raise ValueError(f"README.md has no place for {name}: {begin.strip()} ... {end}")
        text = before + begin + "\n" + "\n".join(make()) + "\n\n" + end + after
    return text


def badges():
    """Return the badges by the names of their files, as SVG."""
    from optlearn.experiments import claims
    from optlearn.optim import REGISTRY

    run = sum(bool(claim.experiment) for claim in claims.all())
    says = {
        "python": ("Python", f"{PROJECT['requires-python'].removeprefix('>=')} or newer"),
        "lessons": ("lessons", len(LESSONS)),
        "optimizers": ("optimizers", f"{len(REGISTRY)}, each proved"),
        "claims": ("claims run", f"{run} of {len(claims.all())}"),
        "network": ("works", "offline"),
        "binder": ("", "Binder"),
        "licence": ("licence", PROJECT["license"]),
    }
    return {f"badge-{name}.svg": badge(*map(str, words)) for name, words in says.items()}


def badge(what, value):
    """Return a badge as SVG: what in grey, if anything, and its value in blue."""
    left, right = (round(5.9 * len(text)) + 12 if text else 0 for text in (what, value))
    blue, size = 'fill="#0067a5"', 'textLength="{}" lengthAdjust="spacingAndGlyphs"'
    label = f"{what}: {value}" if what else value
    if what:
        grey = f'<rect width="{left + right}" height="20" rx="4" fill="#4a4a4a"/>'
        shape = f"M{left} 0h{right - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{left}z"
        back = f'{grey}<path d="{shape}" {blue}/>'
    else:
        back = f'<rect width="{right}" height="20" rx="4" {blue}/>'
    texts = "".join(
        f'<text x="{x + 6}" y="14" {size.format(width - 12)}>{html.escape(text)}</text>'
        for x, width, text in ((0, left, what), (left, right, value))
        if text
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{html.escape(label)}">{back}<g fill="#fff" '
        f'font-family="Verdana, DejaVu Sans, sans-serif" font-size="11">{texts}</g></svg>\n'
    )


def main():
    """Write the blocks and the badges."""
    README.write_text(rewritten(README.read_text("utf8")), "utf8")
    for name, svg in badges().items():
        (BADGES / name).write_text(svg, "utf8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # the library beside this folder, installed or not
    main()
