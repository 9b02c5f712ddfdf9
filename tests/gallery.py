"""Every explorer and configuration in one line, as a lesson would write it.

``LINES`` drives the tests of the text twins (``test_gallery.py``), the notebook that Chromium runs
(``browser/test_gallery.py``) and the benchmark of latencies.
"""

#: Name of the configuration: the line of a notebook's cell.
LINES = {
    "trajectory": 'explore.trajectory("rotated_quadratic", "momentum", lr=0.3)',
    "batch_cost": "explore.batch_cost()",
    "batch_cost-same": 'explore.batch_cost("same-1", "examples")',
    "trajectory-several": 'explore.trajectory("ravine", ["sgd", "momentum", "adam"], lr=0.05)',
    "trajectory-noise": 'explore.trajectory("quadratic", ["sgd", "adagrad"], lr=0.5, noise=0.5)',
    "trajectory-arrows": 'explore.trajectory("ravine", "momentum", lr=0.02, arrows=True)',
    "trajectory-scale": 'explore.trajectory("ravine", ["adam", "sgd"], lr=0.06, loss_scale=1000)',
    "trajectory-basins": 'explore.trajectory("himmelblau", "momentum", lr=0.005, basins=True)',
    "race": 'explore.race("ravine", lr=0.03, favourite="adam")',
    "race-own": 'explore.race("rosenbrock", shared=False)',
    "counter": "explore.counter(samples=300, batch_size=64)",
    "counter-neuron": 'explore.counter("neuron")',
    "heatmap": 'explore.heatmap("momentum", lr=2.5, momentum=0.7)',
    "heatmap-nesterov": 'explore.heatmap("nesterov", lr=1.5)',
    "heatmap-condition": 'explore.heatmap("sgd", "condition", lr=1.9)',
    "xray": "explore.xray(correct=False, t=12)",
    "xray-eps": 'explore.xray("adam", scale=1e-8)',
    "xray-reddi": 'explore.xray("adam", "reddi")',
    "signal": 'explore.signal(activation="sigmoid")',
    "signal-time": 'explore.signal("time", nonlinearity="relu", scale=1.8)',
    "signal-decay": 'explore.signal("decay")',
    "surface-saddle": 'explore.surface("saddle")',
    "surface-double_well": 'explore.surface("double_well")',
    "surface-cliff": 'explore.surface("cliff")',
    "surface-edge": 'explore.surface("edge")',
    "surface-xor": 'explore.surface("xor")',
    "imbalance": "explore.imbalance()",
    "imbalance-uniform": 'explore.imbalance("uniform", "16", view="course")',
    "runs-range": 'explore.runs("range_test")',
    "runs-range-revealed": 'explore.runs("range_test", optimizer="adam", revealed=True)',
    "runs-budget": 'explore.runs("budget")',
    "runs-seeds": 'explore.runs("seeds")',
    "runs-league": 'explore.runs("league")',
    "runs-doctor": 'explore.runs("doctor")',
    "groups": "explore.groups()",
    "groups-singular": 'explore.groups("singular")',
    "quiz": 'explore.quiz("02.limit", "02.smaller")',
    "quiz-order": 'explore.quiz("02.order")',
    "predict": 'explore.predict("02.predict-wall")',
}
#: Those that show text where others show a picture.
FORMS = {"quiz", "quiz-order", "predict"}


def build(name):
    """Return the explorer of a line."""
    from optlearn import explore

    return eval(LINES[name], {"explore": explore})
