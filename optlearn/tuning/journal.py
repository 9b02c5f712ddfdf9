"""Finished runs on disk, one small file each.

``joblib.Memory`` is not used, because it does not keep what a sweep promises: it deletes all
finished runs of a function once its code is edited, it does not see the values bound to a
function, and it runs a finished call again where one process had written to two caches.
"""

import hashlib
import json
import os
import tempfile
from pathlib import Path

from .. import __version__
from .identity import identity
from .plain import key

#: How the error of a run begins that is finished, with no result: tried again, it would diverge.
DIVERGED = f"{FloatingPointError.__name__}: "


class Journal:
    """The finished runs of one function, as JSON files that are never half written.

    Parameters
    ----------
    cache : path
        A folder; it is made if it is missing. Each function, and each state of its code, has a
        folder of its own in there: a run of another function or version is never taken for one
        of this.
    fn : callable
        Known by its ``identity``, and by the versions of Python and optlearn.
    """

    def __init__(self, cache, fn):
        import joblib

        self.folder = Path(cache).absolute() / joblib.hash([__version__, identity(fn)])
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise OSError(
                f"cache {str(cache)!r} cannot be written ({error}): name another folder, or pass "
                "cache=None to keep nothing"
            ) from error

    def load(self, config):
        """Return the row of a finished run, or ``None``."""
        try:
            row = json.loads(self._file(config).read_text("utf8"))
            return {**row, "config": config} if key(row["config"]) == key(config) else None
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None  # never finished, or a file that somebody else damaged

    def save(self, row):
        """Keep a row if its run is finished; a kill leaves the whole of it or nothing."""
        if row["error"] is not None and not row["error"].startswith(DIVERGED):
            return
        self.folder.mkdir(parents=True, exist_ok=True)  # a worker may have a disk of its own
        file = self._file(row["config"])
        beside = file.with_name(f"{file.name}.{os.getpid()}.part")
        beside.write_text(json.dumps(row), "utf8")
        os.replace(beside, file)

    def _file(self, config):
        return self.folder / f"{hashlib.sha256(key(config).encode()).hexdigest()[:32]}.json"
