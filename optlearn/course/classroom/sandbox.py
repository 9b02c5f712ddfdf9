"""Run a stranger's kernel where it can harm nothing: bubblewrap and prlimit around ipykernel.

The kernel has no network, sees no solution, gradebook or other student, writes nowhere but into a
memory disk of its own, and is limited in memory, processes, file size and processor time. It talks
to nbclient through socket files, which work without a network. An ordinary user can do all this
where the system lets users make namespaces; :func:`available` says whether it does.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Address space, one file, processor seconds.
LIMITS = ("--as=4294967296", "--fsize=52428800", "--cpu=300", "--core=0")
#: Processes and threads of a submission.
PROCESSES = 256
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/passwd")
#: A world of its own: no network, no process of another, no identity. Needed for all that follows.
ALONE = (
    "bwrap", "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534",
    "--new-session", "--die-with-parent", "--clearenv", "--proc", "/proc", "--dev", "/dev",
)  # fmt: skip
#: What a kernel says of itself is no result.
SILENT = ("/bin/sh", "-c", 'exec "$@" </dev/null >/dev/null 2>&1', "kernel")
#: Where the folder of the submission, compiled modules and the list of fonts lie within.
WORK, BYTECODE, FONTS = "/submission", "/bytecode", "/student/fonts"


def available():
    """Return None if the sandbox works here, else what is missing, with the remedy."""
    for program, package in (("bwrap", "bubblewrap"), ("prlimit", "util-linux")):
        if shutil.which(program) is None:
            return f"there is no {program}: install {package} (Linux only), or trust the notebooks"
    tried = [*ALONE, *_bound(SYSTEM), "/usr/bin/env", "true"]
    answer = subprocess.run(tried, capture_output=True, text=True)
    if answer.returncode:
        said = answer.stderr.strip() or f"it ended with {answer.returncode}"
        return (
            f"bubblewrap may not make namespaces here ({said}). An administrator can allow it: "
            "on Ubuntu `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, on older "
            "Debian's `sysctl -w kernel.unprivileged_userns_clone=1`, in a container with "
            "`--security-opt seccomp=unconfined --security-opt systempaths=unconfined`"
        )
    return None


def write_kernel(folder, argv, **variables):
    """Write the kernel ``python3`` that shadows the usual one and return the folder to search."""
    spec = {"argv": argv, "display_name": "Python 3", "language": "python", "env": variables}
    spec["interrupt_mode"] = "message"  # a session of its own gets no signals
    place = Path(folder) / "kernels/python3"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return str(folder)


def trusted():
    """Return the command of a kernel without a sandbox: a warning costs no points there either."""
    return [sys.executable, "-W", "ignore", "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def sandboxed(work, hidden, sockets, cache, variables, fill=False):
    """Return the command of a kernel in the sandbox.

    Parameters
    ----------
    work : path
        The folder it works in, and can read.
    hidden : iterable of str
        The files there that it shall not read: they hold the hidden tests.
    sockets : path
        The folder of its socket files.
    cache : path
        Compiled modules and matplotlib's list of fonts. The environment may hold none and be
        read-only, and to make them for each student anew takes longer than to grade.
    variables : dict
        More environment variables.
    fill : bool, default False
        Let it write into ``cache``: for notebooks of the teacher alone.
    """
    inside = {
        "PATH": "/usr/bin:/bin", "HOME": "/student", "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "IPYTHONDIR": "/student/.ipython", "MPLCONFIGDIR": FONTS, **variables,
    }  # fmt: skip
    arguments = [*SILENT, "prlimit", *LIMITS, *ALONE]
    arguments += ["--tmpfs", "/tmp", "--tmpfs", "/student"]  # below what is bound into them
    for name, value in inside.items():
        arguments += ["--setenv", name, value]
    package = str(Path(__file__).resolve().parents[2])
    python = [sys.base_prefix, sys.prefix, os.path.realpath(sys.base_prefix), package]
    arguments += _bound([*SYSTEM, *python])
    arguments += _cached(Path(cache), fill)
    arguments += ["--ro-bind", "{connection_file}", "{connection_file}"]
    arguments += ["--bind", str(sockets), str(sockets), "--ro-bind", str(work), WORK]
    for name in hidden:
        arguments += ["--ro-bind", "/dev/null", f"{WORK}/{name}"]
    # Within, since a user's other processes would count against the limit outside.
    arguments += ["--chdir", WORK, "prlimit", f"--nproc={_running() + PROCESSES}"]
    arguments += [sys.executable, "-I", "-W", "ignore", "-X", f"pycache_prefix={BYTECODE}"]
    return [*arguments, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def _cached(cache, fill):
    """Return the arguments that show the cache, and let the teacher's notebook fill it."""
    places = {cache / "bytecode": BYTECODE, cache / "fonts": FONTS}
    for path in places:
        path.mkdir(parents=True, exist_ok=True)
    if fill:
        return [word for path, place in places.items() for word in ("--bind", str(path), place)]
    # matplotlib takes no list from a folder that it cannot write to, so its files are shown.
    shown = {path: f"{FONTS}/{path.name}" for path in (cache / "fonts").glob("*.json")}
    shown[cache / "bytecode"] = BYTECODE
    return [word for path, place in shown.items() for word in ("--ro-bind", str(path), place)]


def _running():
    """Return how many threads this user runs: Linux before 5.14 counts them within as well."""
    number = 0
    for path in Path("/proc").glob("[0-9]*/task"):
        with contextlib.suppress(OSError):  # a process that has ended
            number += len(os.listdir(path)) if path.stat().st_uid == os.getuid() else 0
    return number


def _bound(paths):
    """Return the arguments that show these paths; /bin is a link to /usr/bin on most systems."""
    arguments = []
    for path in dict.fromkeys(paths):
        if os.path.islink(path) and path in SYSTEM:
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            arguments += ["--ro-bind", path, path]
    return arguments
