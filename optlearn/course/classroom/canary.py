"""Notice a notebook that fakes its points: canaries after each test must behave as they must.

One canary raises an error, which an honest kernel reports. The second hands an object that is no
answer to the question's own check, which must give no points. The third, at the end, asks whether
functions of the library were replaced. All are taken out again.
"""

import re
import secrets

import nbformat
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade

ASKED = re.compile(r'check\(\s*"([\w.]+)"')
FLAGS = "optlearn_flags"
INTACT = "__import__('optlearn.course.classroom.intact', fromlist=['intact']).replaced()"


class Guarded(Execute):
    """Execute a notebook with canaries, and write what they saw into its metadata."""

    def preprocess(self, nb, resources):
        nonce = secrets.token_hex(8)
        own, nb.cells = nb.cells, []
        for cell in own:
            nb.cells.append(cell)
            if cell.cell_type == "code" and is_grade(cell):
                nb.cells += _canaries(cell.source, nonce)
        nb.cells.append(_cell(INTACT, nonce, "intact"))
        try:
            nb, resources = super().preprocess(nb, resources)
            flags = [what for cell in nb.cells for what in _seen(cell, nonce)]
        finally:
            nb.cells = own
        nb.metadata[FLAGS] = sorted(set(flags))
        return nb, resources


def _canaries(source, nonce):
    yield _cell(f"raise AssertionError('{nonce}')", nonce, "raises")
    asked = ASKED.search(source)
    if asked:
        yield _cell(f"float(check('{asked[1]}', object()).points(1))", nonce, "refuses")


def _cell(source, nonce, kind):
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["canary"] = [nonce, kind]
    return cell


def _seen(cell, nonce):
    """Yield what is wrong with a canary's output; nothing for a cell of the notebook."""
    mark = cell.metadata.get("canary")
    if not mark or mark[0] != nonce:
        return
    if any(o.get("ename") in ("CellTimeoutError", "DeadKernelError") for o in cell.outputs):
        return
    texts = [o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"]
    failed = any(o.output_type == "error" for o in cell.outputs)
    if mark[1] == "raises":
        if not any(nonce in o.get("evalue", "") for o in cell.outputs):
            yield "an error in a test cell does not show"
    elif mark[1] == "refuses":
        if texts != ["0.0"] and not failed:
            yield "the check gives points for no answer"
    elif texts != ["[]"]:
        names = re.findall(r"'([\w.]+)'", "".join(texts))
        yield f"functions were replaced: {', '.join(names[:3]) or 'nobody can look'}"
