"""The documents stay true: what they tell a reader to type runs."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from optlearn import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SPAN = re.compile(r"(?<!`)`((?:uv|pip|optlearn|python|bash) [^`]+)`(?!`)")

#: Commands that are not run here, each with the reason: a test that runs it (its file is looked
#: for), or what is missing on a machine that runs tests.
ELSEWHERE = {
    "pip install uv && uv run jupyter lab --preferred-dir=lessons": "tests/browser/conftest.py",
    "pip install uv && uv run pytest": "this is it",
    "python -m venv .venv && . .venv/bin/activate": "installs",
    'pip install -c .binder/constraints.txt -e ".[lessons]" pytest "nbval==0.11.*" hypothesis '
    "mini-racer": "installs; its packages are compared below",
    "jupyter lab --preferred-dir=lessons": "tests/browser/conftest.py",
    "optlearn lab my-course": "tests/test_cli.py",
    "pip install uv": "installs",
    "uv sync --group ci": "installs; .ci/run begins with it",
    "uv run pytest": "this is it",
    "uv run pytest --slice unit": "tests/test_conftest.py",
    "uv run python tests/versions.py --quick": "installs five environments",
    "uv run python tests/versions.py lowest": "installs an environment",
    "uv run python tests/make_readme.py": "tests/test_readme.py",
    "uv run --group docs python docs/make_api.py build/api": "tests/test_api.py",
    "uv run optlearn course refresh lessons/02_gradient_descent.ipynb": "tests/test_cli.py",
    "uv run pytest --edited lessons/02_gradient_descent.ipynb tests/test_notebooks.py":
        "tests/test_notebooks.py",
    "uv run --extra gpu pytest -m gpu": "needs a GPU",
    'pip install "optlearn[classroom]"': "installs",
    'pip install "optlearn[lessons]"': "installs",
    "bash .ci/run": "runs this test",
    "uv run --group ci optlearn": "is a prefix",
    "optlearn classroom review": "opens a page and runs until Ctrl-C, as JupyterLab does",
    "cd spring": "tests/classroom/test_transcript.py",
    "python tests/benchmarks/classroom.py": "tests/classroom/test_transcript.py",
    "python -m tests.classroom.attacks": "tests/classroom/test_attacks.py",
    "optlearn classroom set written off --for 04_momentum": "tests/classroom/test_policy.py",
    **dict.fromkeys(
        (
            "optlearn classroom init spring",
            "optlearn classroom doctor",
            'optlearn classroom set late "10%"',
            "optlearn classroom set resubmissions best",
            'optlearn classroom release 04_momentum --due "2026-12-01 23:59"',
            "optlearn classroom collect 04_momentum all.zip --from moodle",
            "optlearn classroom collect 04_momentum again.zip --from moodle",
            "optlearn classroom grade 04_momentum",
            "optlearn classroom report 04_momentum",
            "optlearn classroom feedback 04_momentum",
            "optlearn classroom export 04_momentum --to moodle",
            "optlearn classroom viva 04_momentum s01",
        ),
        "tests/benchmarks/classroom.py",
    ),
}  # fmt: skip


def blocks(*languages):
    """Yield ``(page, text)`` of the fenced blocks in one of the languages."""
    for page in PAGES:
        for language, text in BLOCK.findall(page.read_text("utf8")):
            if language in languages:
                yield page.name, text


def commands():
    return list(dict.fromkeys(
        line for _, text in blocks("", "bash", "console") for line in text.splitlines()
    ))  # fmt: skip


def spans():
    return list(dict.fromkeys(
        " ".join(span.split()) for page in PAGES
        for span in SPAN.findall(BLOCK.sub("", page.read_text("utf8")))
    ))  # fmt: skip


def own(command):
    """Return the words after ``optlearn``, or None where it is another program's command."""
    words = shlex.split(command.removeprefix("uv run "))
    return words[1:] if words[0] == "optlearn" else None


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Return a copy of what the commands read, for them to write into."""
    copy = tmp_path_factory.mktemp("documents")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name in ("lessons", "exercises", "solutions"):
        shutil.copytree(ROOT / name, copy / name)
    return copy


@pytest.mark.parametrize("command", [c for c in commands() if c not in ELSEWHERE])
def test_a_command_of_a_page_runs(checkout, command):
    words = own(command)
    assert words, f"{command}: run it here, or say in ELSEWHERE who does"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPTLEARN_DATA": str(checkout / "data")}
    answer = subprocess.run(
        [sys.executable, "-m", "optlearn", *words],
        cwd=checkout, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode in (0, 1), answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout


@pytest.mark.parametrize("command", [*commands(), *spans()])
def test_the_words_of_a_command_exist(command):
    """Also where it only names the command, or has NAME for what its reader fills in."""
    words = own(command)
    if words is None:
        files = [word for word in command.split() if re.search(r"\.(py|ipynb)$", word)]
        assert [name for name in files if not (ROOT / name).is_file()] == []
        assert command in ELSEWHERE or files, f"{command}: say in ELSEWHERE who runs it"
        return
    _, parser, rest = resolved(words)
    known = {option for action in parser._actions for option in action.option_strings}
    assert {word for word in rest if word.startswith("--")} <= known


def resolved(words):
    """Return the names of a command, its parser and what follows; an unknown one raises."""
    names, parser, rest = [], cli._parser(), list(words)
    while rest:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            break
        names.append(rest.pop(0))
        parser = groups[0].choices[names[-1]]
    return names, parser, rest


@pytest.mark.parametrize("command", ELSEWHERE)
def test_an_exception_is_needed_and_true(command):
    assert command in [*commands(), *spans()], "no page has it any more"
    reason = ELSEWHERE[command]
    if reason.startswith("tests/"):
        assert (ROOT / reason).is_file()
        names = resolved(own(command) or [])[0]
        text = (ROOT / reason).read_text("utf8")
        assert all(re.search(rf"\b{name}\b", text) for name in names[1:] or names), names


def test_the_second_way_installs_what_the_first_does():
    line = next(command for command in ELSEWHERE if command.startswith("pip install -c"))
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["dependency-groups"]
    named = {re.match(r"[\w-]+", word)[0] for word in shlex.split(line)[6:]}
    assert named == {re.match(r"[\w-]+", requirement)[0] for requirement in groups["test"]}


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_a_snippet_runs(page, text, capsys):
    exec(compile(text, page, "exec"), {"__name__": "__main__"})
    assert "print" not in text or capsys.readouterr().out


def test_there_is_something_to_run():
    assert len(commands()) >= 15
    assert len(list(blocks("python"))) >= 2
    languages = {language for page in PAGES for language, _ in BLOCK.findall(page.read_text())}
    assert languages <= {"", "bash", "console", "python", "bibtex"}
