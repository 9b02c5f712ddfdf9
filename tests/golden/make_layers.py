"""Make ``layers.npz``: what PyTorch's layers return, forward and backward, in float64.

Run once, and again only when a case is added, in an environment of its own ::

    pip install torch==2.13.0
    cd tests && python -m golden.make_layers

A case holds ``start/NAME`` (weights and buffers), ``x``, ``out``, ``dout``, ``dx``, ``grad/NAME``,
and for layers with buffers ``end/NAME`` and ``eval_out`` after the one step. optlearn is not
imported.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from . import layers

PATH = Path(__file__).parent / "layers.npz"


def golden(name):
    """Return the arrays of one case."""
    rng = layers.draws(name + " weights")
    torch.manual_seed(rng.integers(2**31))
    module = eval(layers.CASES[name]["torch"], {**vars(torch.nn)}).double()
    with torch.no_grad():
        for p in module.parameters():
            p += torch.tensor(0.3 * rng.normal(size=p.shape))
    x, y = layers.inputs(name)
    found = {"x": x} | {f"start/{key}": value for key, value in state(module).items()}
    if y is not None:
        found["y"] = y
    x = torch.tensor(x, requires_grad=x.dtype == float)
    out = run(name, module, x, y)
    dout = torch.tensor(rng.normal(size=out.shape) if out.ndim else 1.0, dtype=torch.float64)
    out.backward(dout)
    found |= {"out": out.detach().numpy(), "dout": dout.numpy()}
    found |= {f"grad/{key}": p.grad.numpy() for key, p in module.named_parameters()}
    if x.requires_grad:
        found["dx"] = x.grad.numpy()
    buffers = [key for key, _ in module.named_buffers() if key in state(module)]
    if buffers:
        found |= {f"end/{key}": state(module)[key] for key in buffers}
        found["eval_out"] = run(name, module.eval(), x, y).detach().numpy()
    return {f"{name}/{key}": value for key, value in found.items()}


def run(name, module, x, y):
    """Return the output of a module, whatever it wants to be called with."""
    if isinstance(module, torch.nn.MultiheadAttention):
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        mask = future if layers.CASES[name].get("causal") else None
        return module(x, x, x, attn_mask=mask, need_weights=False)[0]
    out = module(x) if y is None else module(x, torch.tensor(y))
    return out[0] if isinstance(out, tuple) else out


def state(module):
    """Return the state; how many batches there were is PyTorch's own affair."""
    items = module.state_dict().items()
    return {key: v.numpy().copy() for key, v in items if key != "num_batches_tracked"}


def main():
    torch.set_num_threads(1)
    versions = {package: version(package) for package in ("numpy", "torch")}
    about = {
        "versions": {"python": platform.python_version(), **versions},
        "cases": layers.CASES,
    }
    arrays = {key: value for name in layers.CASES for key, value in golden(name).items()}
    np.savez_compressed(PATH, about=np.array(json.dumps(about)), **arrays)
    print(f"{PATH.name}: {len(layers.CASES)} cases, {PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main()
