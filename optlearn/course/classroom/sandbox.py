"""Run a stranger's kernel where it can harm nothing: bubblewrap and prlimit around ipykernel.

The kernel has no network, sees no solution, gradebook or other student, writes nowhere but into a
memory disk of its own, and is limited in memory, processes, file size and processor time. It talks
to nbclient through socket files, which work without a network. As a program,
``python -m optlearn.course.classroom.sandbox CONNECTION_FILE`` becomes such a kernel.
"""

import json
import os
import shutil
import sys
from pathlib import Path

#: Address space, one file, processor seconds, processes.
LIMITS = ("--as=4294967296", "--fsize=52428800", "--cpu=300", "--nproc=512", "--core=0")
#: The folder for the socket files, and the seed of the hidden tests' numbers.
IPC, SEED = "OPTLEARN_IPC", "OPTLEARN_GRADER_SEED"
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/passwd")


def available():
    """Return None if the sandbox works here, else what is missing, with the remedy."""
    import subprocess

    for program, package in (("bwrap", "bubblewrap"), ("prlimit", "util-linux")):
        if shutil.which(program) is None:
            return f"there is no {program}: install {package} (Linux only), or trust the notebooks"
    tried = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    answer = subprocess.run(tried, capture_output=True, text=True)
    if answer.returncode:
        return f"bubblewrap may not make namespaces here ({answer.stderr.strip()})"
    return None


def kernel_spec(folder):
    """Write the kernel ``python3`` that shadows the usual one and return the folder to search."""
    argv = [sys.executable, "-I", "-m", __name__, "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3 (sandbox)", "language": "python"}
    spec["interrupt_mode"] = "message"  # a session of its own gets no signals
    place = Path(folder) / "kernels/python3"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return str(folder)


def trusted_spec(folder):
    """Write a kernel without a sandbox, which is as quiet as the one within."""
    argv = [sys.executable, "-W", "ignore", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    spec["env"] = {"OPTLEARN_DATA": "off", "MPLBACKEND": "agg"}
    place = Path(folder) / "kernels/python3"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return str(folder)


def command(connection_file, work):
    """Return the command of a sandboxed kernel that works in the folder ``work``."""
    package = Path(__file__).resolve().parents[2]
    python = [sys.base_prefix, sys.prefix, os.path.realpath(sys.base_prefix), str(package)]
    bound = [path for path in dict.fromkeys([*SYSTEM, *python]) if os.path.exists(path)]
    hidden = [path.name for path in Path(work).glob("*.ipynb")]  # they hold the hidden tests
    variables = {
        "PATH": "/usr/bin:/bin", "HOME": "/student", "LANG": "C.UTF-8", "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OPTLEARN_DATA": "off",
        "IPYTHONDIR": "/student/.ipython", "MPLCONFIGDIR": "/student/mpl",
        SEED: os.environ.get(SEED, "0"),
    }  # fmt: skip
    arguments = ["prlimit", *LIMITS, "bwrap", "--unshare-all", "--new-session"]
    arguments += ["--die-with-parent", "--clearenv", "--unshare-user", "--uid", "65534"]
    arguments += ["--gid", "65534", "--proc", "/proc", "--dev", "/dev"]
    arguments += ["--tmpfs", "/tmp", "--tmpfs", "/student"]  # below what is bound into them
    for name, value in variables.items():
        arguments += ["--setenv", name, value]
    for path in bound:
        arguments += _link_or_bind(path)
    # Without its list of fonts matplotlib would search the whole system, for each student anew.
    cache = os.environ.get("MPLCONFIGDIR", os.path.expanduser("~/.cache/matplotlib"))
    arguments += ["--ro-bind-try", cache, variables["MPLCONFIGDIR"]]
    arguments += ["--ro-bind", connection_file, connection_file]
    arguments += ["--bind", os.environ[IPC], os.environ[IPC], "--ro-bind", str(work), "/submission"]
    for name in hidden:
        arguments += ["--ro-bind", "/dev/null", f"/submission/{name}"]
    arguments += ["--chdir", "/submission", sys.executable, "-I", "-W", "ignore"]
    return [*arguments, "-m", "ipykernel_launcher", "-f", connection_file]


def _link_or_bind(path):
    """Return the arguments for one path; /bin is a link to /usr/bin on most systems."""
    if os.path.islink(path) and path in SYSTEM:
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind", path, path]


if __name__ == "__main__":
    arguments = command(sys.argv[1], Path.cwd())
    silence = os.open(os.devnull, os.O_RDWR)  # what a kernel says of itself is no result
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.execvp(arguments[0], arguments)
