"""Stored results: each belongs to the code that is here, and can be computed again."""

import json
import math

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed: uv sync")

from optlearn import experiments
from optlearn.experiments import stored

NAMES = experiments.NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_result_belongs_to_the_code(name):
    assert experiments.get(name).stale() == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_stored_result_is_found_again(name):
    experiment = experiments.get(name)
    again = stored.rounded(experiment.run())
    assert stored.close(experiment.result(), again, experiment.rtol) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_result_is_small_and_says_how_it_was_computed(name):
    experiment = experiments.get(name)
    assert stored._path(name).stat().st_size <= 60_000
    assert experiment.about().startswith(f"{name}: computed in ")
    assert "numpy" in experiment.about()
    assert experiment.function.__doc__


def test_every_file_has_its_experiment():
    files = {path.name.removesuffix(".json") for path in stored._path("x").parent.iterdir()}
    assert files == set(NAMES)


def made(tmp_path, monkeypatch, rtol=0.05, **settings):
    """Return an experiment of this module that stores its result in a folder of the test."""
    monkeypatch.setattr(stored, "_path", lambda name: tmp_path / f"{name}.json")
    return stored.experiment(rtol=rtol, **settings)(double)


def double(seeds):
    """Return twice each seed, and something that never arrives."""
    return {"values": [2.0 * s / 3 for s in range(seeds)], "never": math.inf}


def test_a_result_is_read_as_it_was_stored(tmp_path, monkeypatch):
    experiment = made(tmp_path, monkeypatch, seeds=3)
    assert "never computed" in experiment.stale()
    experiment.store(experiment.compute())
    assert experiment.stale() == ""
    assert experiment.result() == {"values": [0.0, 0.666667, 1.33333], "never": "inf"}
    assert experiment.run(seeds=1)["values"] == [0.0]


def test_other_settings_or_code_make_a_result_stale(tmp_path, monkeypatch):
    experiment = made(tmp_path, monkeypatch, seeds=3)
    experiment.store(experiment.compute())
    assert "changed since it was computed" in made(tmp_path, monkeypatch, seeds=4).stale()
    source = stored.inspect.getsource
    monkeypatch.setattr(stored.inspect, "getsource", lambda m: source(m) + "\n# a word\n\n")
    assert experiment.stale() == ""
    monkeypatch.setattr(stored.inspect, "getsource", lambda m: source(m) + "\nx = 1\n")
    assert "changed since" in experiment.stale()


@pytest.mark.parametrize(
    ("again", "says"),
    [
        ({"a": [1.0, 2.0], "b": "x"}, ""),
        ({"a": [1.0, 2.05], "b": "x"}, ""),
        ({"a": [1.0, 2.2], "b": "x"}, "result.a[1]: 2.0 was stored, 2.2 is found now"),
        ({"a": [1.0], "b": "x"}, "result.a: [1.0, 2.0] was stored"),
        ({"a": [1.0, 2.0], "b": "y"}, "result.b: 'x' was stored"),
        ({"a": [1.0, 2.0]}, "result: "),
    ],
)
def test_a_difference_is_named_with_its_place(again, says):
    found = stored.close({"a": [1.0, 2.0], "b": "x"}, again, 0.05)
    assert found.startswith(says) if says else found == ""


def test_bad_names_and_settings_are_refused():
    with pytest.raises(ValueError, match=r"unknown experiment .* known are batch"):
        experiments.get("x.y")
    with pytest.raises(TypeError, match=r"no setting 'seed': it has choosing, seeds"):
        experiments.get("batch.cost").run(seed=3)


def test_files_are_json_that_any_reader_takes():
    for name in NAMES:
        json.loads(stored._path(name).read_text("utf8"), parse_constant=pytest.fail)


def test_the_command_lists_and_refuses(capsys):
    from optlearn import cli

    assert cli.main(["course", "experiments"]) == 0
    assert "batch.cost: computed in" in capsys.readouterr().out
    assert cli.main(["course", "experiments", "x.y"]) == 2
    assert "known are batch.cost" in capsys.readouterr().err
