"""Networks as scikit-learn estimators, so that its searches, pipelines and scores work on ours."""

from .mlp import MLPClassifier, MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
