"""A training in a file, so that it can go on as if nothing had happened."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np

PARTS = ("model", "optimizer", "epochs", "steps", "best")


def save(path, model, optimizer, loader, history):
    """Write a checkpoint beside ``path`` and then rename it, so that none is ever half written."""
    path = Path(path)
    counts = {k: v for k, v in vars(history).items() if k not in PARTS}
    rng = getattr(loader, "rng", None)
    meta = {"history": counts, "rng": rng and rng.bit_generator.state}
    arrays = {f"model/{k}": v for k, v in model.state_dict().items()}
    arrays |= {f"optimizer/{k}": v for k, v in optimizer.state_dict().items()}
    arrays |= {f"epochs/{k}": v for k, v in history.epochs.items()}
    arrays |= {f"steps/{k}": v for k, v in history.steps.items()}
    for watched, state in history.best.items():
        arrays |= {f"best/{watched}/{k}": v for k, v in state.items()}
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        # Some bit generators hold arrays in their state, which JSON does not know.
        np.savez(file, meta=json.dumps(meta, default=np.ndarray.tolist), **arrays)
    os.replace(beside, path)


def restore(path, model, optimizer, loader, history):
    """Put everything back as it was when the checkpoint was written, or leave all as it is."""
    meta, parts = _read(path)
    before = model.state_dict()
    try:
        model.load_state_dict(parts["model"])
        try:
            _check_rng(meta["rng"], loader)
            optimizer.load_state_dict(parts["optimizer"])
        except (ValueError, TypeError):
            model.load_state_dict(before)
            raise
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"the checkpoint {path} is of another training: {error}. Delete it, or pass another "
            "path"
        ) from None
    if meta["rng"]:
        loader.rng.bit_generator.state = meta["rng"]
    vars(history).update(meta["history"])
    history.epochs = {k: v.tolist() for k, v in parts["epochs"].items()}
    history.steps = {k: v.tolist() for k, v in parts["steps"].items()}
    for name, value in parts["best"].items():
        watched, _, name = name.partition("/")
        history.best.setdefault(watched, {})[name] = value


def _read(path):
    """Return what stands in a checkpoint: the numbers, and a dictionary of arrays for each part."""
    try:
        with np.load(path) as file:
            saved = dict(file)
        meta = json.loads(str(saved.pop("meta")))
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no checkpoint of fit ({type(error).__name__}): delete it, or pass another "
            "path"
        ) from None
    parts = {part: {} for part in PARTS}
    for key, value in saved.items():
        part, _, name = key.partition("/")
        parts[part][name] = value
    return meta, parts


def _check_rng(state, loader):
    """Refuse a loader whose order could not go on from ``state``."""
    rng = getattr(loader, "rng", None)
    saved, own = state and state["bit_generator"], rng and rng.bit_generator.state["bit_generator"]
    if saved != own:
        raise ValueError(f"its loader drew from {saved or 'no rng'}, this one from {own or 'none'}")
