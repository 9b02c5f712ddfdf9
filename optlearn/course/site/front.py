"""The first page of the site: every lesson with its minutes, its promises and its link."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>optlearn: the optimizers of deep learning</title>
<link rel="icon" href="data:,">
<style>
body {{ max-width: 46rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: #1a1a1a; background: #fff }}
h1 {{ line-height: 1.2 }} h2 {{ margin: 2rem 0 0; font-size: 1.15rem }}
p {{ margin: .4rem 0 }} ul {{ margin: .3rem 0; padding-left: 1.3rem }}
a {{ color: #00557f }} a:focus {{ outline: 3px solid #d55e00; outline-offset: 2px }}
.minutes {{ color: #555 }}
.note {{ border-left: 4px solid #00557f; padding: .2rem .8rem; background: #f2f6f9 }}
</style>
</head>
<body>
<main>
<h1>The optimizers of deep learning, in your browser</h1>
<p>{count} lessons in which you predict, move, and only then read the formula. There is nothing to
install: Python runs in this page. The first start loads it, which takes a minute or so.</p>
<p class="note">Your notebooks and your record of answers stay in this browser, for this address;
nothing is sent anywhere. Clearing the browser's data deletes them: download what you want to keep.
A browser has one process: <code>tuning.sweep</code> runs one training after the other here, and
what a class needs (<code>optlearn classroom</code>) runs on a computer only.</p>
{lessons}
</main>
<!-- JupyterLab's page reads here that this folder is the root of the site. -->
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
</body>
</html>
"""
LESSON = """\
<section>
<h2><a href="{link}">{title}</a> <span class="minutes">{minutes}</span></h2>
<p>You will be able to</p>
<ul>
{goals}
</ul>
{exercise}</section>
"""


@dataclass
class Lesson:
    """What the front page says about a notebook."""

    path: str
    title: str
    minutes: str
    goals: list
    exercise: str | None


def page(content):
    """Return the front page, as HTML, of the course in a folder."""
    found = lessons(content)
    sections = "".join(map(_section, found))
    return PAGE.format(count=len(found), lessons=sections.rstrip())


def lessons(content):
    """Return what each lesson says about itself: title, minutes, and what one can do after it."""
    return [_read(content, path) for path in sorted(Path(content, "lessons").glob("*.ipynb"))]


def _read(content, path):
    cells = json.loads(path.read_text("utf8"))["cells"]
    prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    goals = re.search(r"^## What you will be able to do.*?\n\n((?:- .*\n)+)", prose, re.M)
    minutes = re.search(r"\*\*Time:\*\* about (\d+ minutes)", prose)
    exercise = f"exercises/{path.stem}/exercise.ipynb"
    return Lesson(
        path=f"lessons/{path.name}",
        title=re.search(r"^# (.+)", prose, re.M)[1],
        minutes=minutes[1] if minutes else "",
        goals=re.findall(r"- (.*?)[;.]?\n", goals[1]) if goals else [],
        exercise=exercise if Path(content, exercise).is_file() else None,
    )


def _section(lesson):
    exercise = ""
    if lesson.exercise:
        exercise = f'<p><a href="{_link(lesson.exercise)}">Exercise</a></p>\n'
    return LESSON.format(
        link=_link(lesson.path),
        title=html.escape(lesson.title),
        minutes=lesson.minutes,
        goals="\n".join(f"<li>{_plain(goal)}</li>" for goal in lesson.goals),
        exercise=exercise,
    )


def _link(path):
    return f"lab/index.html?path={quote(path)}"


def _plain(text):
    """Return Markdown in one line as HTML: TeX's Greek letters and emphasis are all it has."""
    text = html.escape(text, quote=False)
    text = re.sub(r"\$\\(\w+)\$", lambda found: f"<i>{found[1]}</i>", text)
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", text)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)
