"""Which form of a step is in use: asked for, found missing, or nothing said."""

import subprocess
import sys

import numpy as np
import pytest

from optlearn import Parameter, backend, optim
from optlearn.backend import forms


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch):
    monkeypatch.setattr(forms, "_chosen", None)
    monkeypatch.delenv("OPTLEARN_BACKEND", raising=False)


def test_numpy_is_in_use_where_nothing_was_chosen_and_the_call_outdoes_the_environment(monkeypatch):
    assert backend.form() == "numpy"
    monkeypatch.setattr(forms, "_chosen", None)
    monkeypatch.setenv("OPTLEARN_BACKEND", "cuda")
    backend.use("numpy")
    assert backend.form() == "numpy"


@pytest.mark.parametrize("asked", ["jax", "", None, "NumPy"])
def test_an_unknown_form_is_refused_and_nothing_changes(asked):
    with pytest.raises(ValueError, match=f"backend.use takes one of numpy, numba, got {asked!r}"):
        backend.use(asked)
    assert backend.form() == "numpy"


def optimizer():
    p = Parameter([1.0, 2.0], "w")
    p.grad = [1.0, 1.0]
    return optim.Adam([p])


def test_an_unknown_form_in_the_environment_is_named_at_the_first_step(monkeypatch):
    monkeypatch.setenv("OPTLEARN_BACKEND", "fortran")
    adam = optimizer()
    with pytest.raises(ValueError, match=r"OPTLEARN_BACKEND takes one of .* got 'fortran'"):
        adam.step()
    assert adam.params[0].data.tolist() == [1, 2]
    assert adam.t == 0


def test_without_numba_the_call_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"pip install optlearn\[fast\]"):
        backend.use("numba")
    adam = optimizer()
    adam.step()  # and NumPy goes on
    assert adam.t == 1


def test_without_numba_the_environment_is_told_of_at_the_first_step(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setenv("OPTLEARN_BACKEND", "numba")
    adam = optimizer()
    with pytest.raises(ImportError, match=r"OPTLEARN_BACKEND .* pip install optlearn\[fast\]"):
        adam.step()
    assert adam.params[0].data.tolist() == [1, 2]
    assert adam.t == 0
    backend.use("numpy")
    adam.step()
    assert np.all(adam.params[0].data < [1, 2])


def test_numpy_steps_neither_load_the_compiler_nor_write_a_file(tmp_path):
    script = (
        "import sys; from optlearn import Parameter, optim\n"
        "for entry in optim.REGISTRY.values(): entry.make([Parameter([[1.0, 2.0]])]).step()\n"
        "assert 'numba' not in sys.modules"
    )
    environment = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": ""}
    subprocess.run([sys.executable, "-B", "-c", script], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
