"""Make the goldens: the paths of PyTorch, Optax and schedulefree that optlearn must follow.

Run once, and again only when a case is added, in an environment of its own ::

    pip install torch==2.13.0 optax==0.2.8 schedulefree==1.4.1
    cd tests && python -m golden.make

It writes one file a library, with the cases and the versions inside. optlearn is not imported.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np

from . import references, streams

HERE = Path(__file__).parent
PACKAGES = {
    "torch": ["torch"],
    "optax": ["optax", "jax"],
    "schedulefree": ["schedulefree", "torch"],
}


def defaults(library):
    """Return the defaults of the library's classes by the name of the class."""
    classes = {cls for where, cls, *_ in references.OPTIMIZERS.values() if where == library}
    if library == "optax":
        return {}  # functions with names of their own
    return {cls: plain(references.torch_defaults(cls)) for cls in sorted(classes)}


def plain(values):
    return {k: v for k, v in values.items() if isinstance(v, int | float | str | tuple | None)}


def golden(library):
    """Return what one file holds."""
    cases = [case for case in references.CASES if references.library(case[0]) == library]
    arrays = {}
    for number, (name, options) in enumerate(cases):
        kinds = [references.paths(name, options, kind) for kind in streams.KINDS]
        for what in kinds[0]:
            arrays[f"{number}/{what}"] = np.array([paths[what] for paths in kinds])
    about = {
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("numpy", *PACKAGES[library])},
        },
        "cases": cases,
        "defaults": defaults(library),
    }
    return {"about": np.array(json.dumps(about)), **arrays}


def main():
    for library in references.LIBRARIES:
        path = HERE / f"{library}.npz"
        content = golden(library)
        np.savez_compressed(path, **content)
        about = json.loads(str(content["about"]))
        print(f"{path.name}: {len(about['cases'])} cases, {path.stat().st_size} bytes")
        print(f"    {about['versions']}")


if __name__ == "__main__":
    main()
