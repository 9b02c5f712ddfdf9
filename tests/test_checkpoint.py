"""A training that is killed, wherever that happens, goes on as if nothing had happened."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from optlearn import nn, optim
from optlearn.datasets import DataLoader
from optlearn.training import fit

EPOCHS = 40


def setting(bits=np.random.PCG64, hidden=8):
    """Return the arguments of ``fit`` for a training whose order the loader draws."""
    rng = np.random.Generator(bits(0))
    x = rng.normal(size=(40, 3))
    first, last = (nn.Linear(*n, rng=rng, dtype=float) for n in ((3, hidden), (hidden, 2)))
    model = nn.Sequential(first, nn.Tanh(), last)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(x, (x[:, 0] * x[:, 1] > 0).astype(int), batch_size=8, rng=rng)
    return model, nn.CrossEntropyLoss(), optimizer, loader


def equal(one, other):
    """Tell whether two ``(model, optimizer, history)`` are the same to the last bit."""
    states = [
        {**model.state_dict(), **optimizer.state_dict(), **history.steps, **history.epochs}
        for model, optimizer, history in (one, other)
    ]
    return states[0].keys() == states[1].keys() and all(
        np.array_equal(states[0][key], states[1][key]) for key in states[0]
    )


def run(epochs=EPOCHS, start=setting, **options):
    model, loss, optimizer, loader = start()
    return model, optimizer, fit(model, loss, optimizer, loader, epochs, **options)


PROLOGUE = """
import os, sys
sys.path.insert(0, sys.argv[2])
import numpy as np
from test_checkpoint import EPOCHS, setting
from optlearn.training import fit

def die():
    os.kill(os.getpid(), 9)

saved = []
"""
MOMENTS = {
    "after an epoch": """
def callback(history, model, optimizer):
    if len(history) == 3:
        die()
""",
    "while it writes": """
whole = np.savez
def savez(file, **arrays):
    whole(file, **arrays)
    saved.append(1)
    if len(saved) == 3:
        file.truncate(1000)
        file.flush()
        die()
np.savez = savez
""",
    "between write and rename": """
whole = os.replace
def replace(source, target):
    saved.append(1)
    if len(saved) == 3:
        die()
    whole(source, target)
os.replace = replace
""",
    "after the rename": """
whole = os.replace
def replace(source, target):
    whole(source, target)
    saved.append(1)
    if len(saved) == 3:
        die()
os.replace = replace
""",
}
EPILOGUE = """
callbacks = [callback] if "callback" in globals() else []
fit(*setting(), EPOCHS, checkpoint=sys.argv[1], callbacks=callbacks)
"""


def start(script, file):
    return subprocess.Popen([sys.executable, "-c", script, str(file), str(Path(__file__).parent)])


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_training_killed_at_the_worst_moment_goes_on_exactly(moment, tmp_path):
    file = tmp_path / "run.npz"
    assert start(PROLOGUE + MOMENTS[moment] + EPILOGUE, file).wait() == -9
    with np.load(file) as saved:
        assert len(saved["epochs/loss"]) == (3 if moment == "after the rename" else 2)
    assert equal(run(checkpoint=file), run())
    assert list(tmp_path.iterdir()) == [file]


def test_a_training_killed_again_and_again_at_any_moment_ends_as_one_that_was_not(tmp_path):
    file, kills = tmp_path / "run.npz", 0
    slow = "def callback(*_):\n    import time\n    time.sleep(0.01)\n"
    rng = np.random.default_rng(0)
    for _ in range(6):
        process = start(PROLOGUE + slow + EPILOGUE, file)
        size = lambda: file.stat().st_size if file.exists() else 0  # noqa: E731
        before, deadline = size(), time.monotonic() + 30
        while size() == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.08))
        process.kill()
        kills += process.wait() == -9
        with np.load(file) as saved:  # whole, whenever the kill came
            assert len(saved["epochs/loss"]) >= 1
    assert kills
    assert equal(run(checkpoint=file), run())


def test_a_finished_training_is_not_repeated(tmp_path):
    file = tmp_path / "run.npz"
    first = run(5, checkpoint=file)
    assert equal(run(5, checkpoint=file), first)
    assert equal(run(8, checkpoint=file), run(8))


BITS = [np.random.PCG64, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64, np.random.MT19937]


@pytest.mark.parametrize("bits", BITS, ids=lambda bits: bits.__name__)
def test_the_order_goes_on_from_every_kind_of_generator(bits, tmp_path):
    file = tmp_path / "run.npz"
    run(3, lambda: setting(bits), checkpoint=file)
    assert equal(run(6, lambda: setting(bits), checkpoint=file), run(6, lambda: setting(bits)))


def batches_alone():
    model, loss, optimizer, loader = setting()
    return model, loss, optimizer, list(loader)


def test_a_list_of_batches_needs_no_generator_to_go_on(tmp_path):
    file = tmp_path / "run.npz"
    run(3, batches_alone, checkpoint=file)
    assert equal(run(6, batches_alone, checkpoint=file), run(6, batches_alone))


class Drift(nn.Module):
    """A layer whose output depends on how often it ran, as with batch normalisation."""

    buffers = ("calls",)

    def __init__(self):
        self.calls = np.zeros(())

    def forward(self, x):
        self.calls = self.calls + self.training
        return x * (1 + 0.1 / (1 + self.calls))

    def backward(self, dout, *, input_grad=True):
        return dout * (1 + 0.1 / (1 + self.calls))


def drifting():
    _, loss, _, loader = setting()
    model = nn.Sequential(Drift(), nn.Linear(3, 2, rng=0, dtype=float))
    return model, loss, optim.SGD(model.parameters(), lr=0.1), loader


def test_what_a_model_keeps_beside_its_weights_goes_on_too(tmp_path):
    file = tmp_path / "run.npz"
    run(3, drifting, checkpoint=file)
    resumed = run(6, drifting, checkpoint=file)
    assert resumed[0][0].calls == 30
    assert equal(resumed, run(6, drifting))


def refused(file, says, model, loss, optimizer, loader):
    before = model.state_dict(), optimizer.state_dict(), str(loader.rng.bit_generator.state)
    content = file.read_bytes()
    with pytest.raises(ValueError, match=says):
        fit(model, loss, optimizer, loader, 4, checkpoint=file)
    after = model.state_dict(), optimizer.state_dict(), str(loader.rng.bit_generator.state)
    for one, other in zip(before[:2], after[:2], strict=True):
        assert all(np.array_equal(one[key], other[key]) for key in one)
    assert (before[2], content) == (after[2], file.read_bytes())


def test_a_checkpoint_of_another_training_is_refused_and_nothing_moves(tmp_path):
    file = tmp_path / "run.npz"
    run(2, checkpoint=file)
    another = "run.npz is of another training: "
    refused(file, another + r"0.weight has shape \(9, 3\), got \(8, 3\)", *setting(hidden=9))
    model, loss, _, loader = setting()
    sgd = optim.SGD(model.parameters(), momentum=0.9)
    refused(file, another + "this is the state of Adam, not of SGD", model, loss, sgd, loader)
    other_rng = "its loader drew from PCG64, this one from SFC64"
    refused(file, another + other_rng, *setting(np.random.SFC64))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_checkpoint_is_refused_and_kept(content, tmp_path):
    file = tmp_path / "run.npz"
    file.write_bytes(content)
    refused(file, r"run.npz is no checkpoint of fit .*: delete it", *setting())


def test_an_npz_of_something_else_is_no_checkpoint(tmp_path):
    file = tmp_path / "run.npz"
    np.savez(file, weights=np.zeros(3))
    refused(file, "is no checkpoint of fit", *setting())
