"""Give a notebook back the marks that an editor took from its cells."""

import json

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode


class RestoreMarks(NbGraderPreprocessor):
    """Copy nbgrader's metadata from the hand-out to cells of the same id that have none."""

    handout = Unicode(help="the notebook that was handed out").tag(config=True)

    def preprocess(self, nb, resources):
        with open(self.handout, encoding="utf-8") as file:
            marks = {c["id"]: c["metadata"].get("nbgrader") for c in json.load(file)["cells"]}
        for cell in nb.cells:
            if marks.get(cell.get("id")) and "nbgrader" not in cell.metadata:
                cell.metadata["nbgrader"] = marks[cell.id]
        return nb, resources
