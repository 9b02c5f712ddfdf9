"""Make ``conventions.npz``: what each library does with the rows of ``optim/conventions.toml``.

Run once, and again when a row changes, in an environment of its own ::

    pip install torch==2.13.0 optax==0.2.8 keras==3.15.1 "mlx[cpu]==0.32.4" tinygrad==0.14.0
    git clone https://github.com/d2l-ai/d2l-en
    cd tests && D2L=../d2l-en python -m golden.make_conventions

The functions of the book are run from its own text.
"""

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import numpy as np

from . import dialects

FILE = Path(__file__).parent / "conventions.npz"


def main():
    arrays, about = {}, {}
    for (optimizer, library), row in dialects.table().items():
        key = f"{optimizer}/{library}"
        for walk, path in dialects.paths(library, row).items():
            arrays[f"{key}/{walk}"] = path
        known = dialects.defaults(library, row)
        about[key] = {
            "state": dialects.state(library, row),
            "defaults": {k: v for k, v in known.items() if k in row["defaults"]},
        }
    written = tomllib.loads(dialects.TABLE.read_text("utf8"))["versions"]
    for name, number in (text.split() for key, text in written.items() if key != "d2l"):
        assert version(name).partition("+")[0] == number, f"{name} is {version(name)}"
    np.savez_compressed(FILE, about=np.array(json.dumps(about)), **arrays)
    print(f"{FILE.name}: {len(about)} rows, {len(arrays)} walks, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
