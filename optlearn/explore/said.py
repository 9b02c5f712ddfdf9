"""The trajectory explorer in words: one walk in detail, or several against each other."""

import numpy as np

from . import runners
from .base import digits
from .runners import OPTIMIZERS

#: Optimizers whose steps grow with the gradient: 2/L limits their learning rate.
CLASSICAL = "sgd", "momentum", "nesterov"
NAMES = {"beta1": "beta 1", "beta2": "beta 2", "weight_decay": "weight decay"}


def report(explorer, land):
    """Return the rows of the text twin, at most 12, the finding first."""
    walks = explorer.walks()
    own = ", ".join(f"{k} {digits(v)}" for k, v in explorer.settings.items())
    given = _given(explorer, land)
    if len(walks) == 1 and not explorer.racing:
        rows = _alone(explorer, land, walks, f"landscape settings: {own or 'none'}", given)
    else:
        rows = [*_together(explorer, land, walks), *given]
        rows.insert(1, f"landscape settings: {own or 'none'}")
    return [*rows[: 12 - explorer.basins], *([_shares(explorer, land)] * explorer.basins)]


def _alone(explorer, land, walks, settings, given):
    name, walk = explorer.optimizer, walks[explorer.optimizer]
    first, last = walk.points[0], walk.points[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        slope = np.linalg.norm(land.gradient(last))
    head = [
        finding(explorer, land, name, walk),
        settings,
        said_settings(name, explorer.hyper(name)) or "no momentum",
        *given,
        f"2/L at the start {_limit(land, first)}, at the end {_limit(land, last)}",
        f"gradient norm at the end {digits(slope)}",
        "step: loss at (weight 1, weight 2)",
    ]
    return [*head, *_rows(land, walk.points, 12 - explorer.basins - len(head))]


def finding(explorer, land, name, walk):
    """Say in one line what is run and what comes of it."""
    points, lr = walk.points, explorer.hyper(name)["lr"]
    count = len(points) - 1
    curvature = float(land.sharpness(points[0])) * explorer.loss_scale
    relative = ""
    if curvature > 1e-3 and name in CLASSICAL:
        relative = f" = {digits(lr * curvature)}/L"
    place = land.name.replace("_", " ")
    what = f"{place}, {OPTIMIZERS[name]}, learning rate {digits(lr)}{relative}"
    begin, end = (digits(land.value(points[i])) for i in (0, -1))
    manner = walk.manner(land)
    if manner == "diverges":
        return f"{what}: diverges at step {count} (loss at the start {begin})"
    steps = "1 step" if count == 1 else f"{count} steps"
    return f"{what}: {manner}, after {steps} the loss is {end} (start {begin})"


def said_settings(name, hyper, always=("betas",)):
    """Return the settings of an optimizer in words: the unusual ones, and those named."""
    always = (*always, "momentum") if name in CLASSICAL else always
    parts = []
    for key, value in hyper.items():
        usual = runners.hyperparameters(name).get(key)
        if key == "lr" or (key not in always and value == usual):
            continue
        if key == "betas":
            parts += [f"beta 1 {digits(value[0])}", f"beta 2 {digits(value[1])}"]
        elif key == "centered":
            parts.append("centered")
        else:
            parts.append(f"{NAMES.get(key, key.replace('_', ' '))} {digits(value)}")
    return ", ".join(parts)


def _given(explorer, land):
    """Return a row about noise and the multiplied loss, if there is either."""
    parts = []
    if explorer.noise:
        parts.append(f"noise {digits(explorer.noise)} in the gradient (seed {explorer.seed})")
    if explorer.loss_scale != 1:
        moved = [OPTIMIZERS[name] for name in explorer.optimizers if moves(explorer, land, name)]
        still = [OPTIMIZERS[name] for name in explorer.optimizers if OPTIMIZERS[name] not in moved]
        which = f"the path of {', '.join(moved)}" if moved else "no path"
        which += f", not that of {', '.join(still)}" if moved and still else ""
        parts.append(f"multiplying the loss by {explorer.loss_scale} moves {which}")
    return ["; ".join(parts)] if parts else []


def moves(explorer, land, name):
    """Tell whether multiplying the loss moves the path by more than a hundredth of the picture."""
    plain = runners.Given(1, explorer.noise, explorer.seed)
    run = land, name, explorer.start, explorer.steps, explorer.hyper(name)
    walks = runners.follow(*run, explorer.given), runners.follow(*run, plain)
    if walks[0].points.shape != walks[1].points.shape:
        return True
    (x0, x1), _ = land.bounds
    return bool(np.abs(walks[0].points - walks[1].points).max() > 0.01 * (x1 - x0))


def verdict(explorer, heights):
    """Return who wins by how much, in words."""
    order = runners.ranking(heights)
    best = order[0]
    if heights[best] == np.inf:
        return "nobody ends lower than the start"
    name = OPTIMIZERS[best]
    if len(order) == 1 or heights[order[1]] == np.inf:
        return f"{name} wins, the only one to end lower than the start"
    second, lead = OPTIMIZERS[order[1]], heights[order[1]] / heights[best]
    if lead < 2:
        return f"no clear winner, {name} and {second} end about equally low"
    much = "over 1000" if lead > 1000 else digits(lead)
    return f"{name} wins, {much} times lower than {second}"


def banner(explorer):
    """Say whether the learning rate is shared."""
    rates = {explorer.hyper(name)["lr"] for name in explorer.optimizers}
    if len(rates) == 1:
        return f"one shared learning rate, {digits(rates.pop())}"
    return "each its own learning rate"


def _together(explorer, land, walks):
    heights = {name: runners.above(land, walk) for name, walk in walks.items()}
    place, steps = land.name.replace("_", " "), explorer.steps
    yield f"{place}, {banner(explorer)}, {steps} steps: {verdict(explorer, heights)}"
    shared = "shared" in banner(explorer)
    for rank, name in enumerate(runners.ranking(heights), 1):
        hyper = explorer.hyper(name)
        rate = [] if shared else [f"learning rate {digits(hyper['lr'])}"]
        settings = ", ".join(filter(None, [*rate, said_settings(name, hyper, ())]))
        end = "ran away"
        if heights[name] < np.inf:
            end = f"{digits(heights[name])} above the lowest point"
            end = "less than 1e-11 above the lowest point" if heights[name] < 1e-11 else end
        yield f"{rank}. {OPTIMIZERS[name]}: {end}" + (f" ({settings})" if settings else "")
    if explorer.favourite in heights:
        won = runners.winner(heights) == explorer.favourite
        name = OPTIMIZERS[explorer.favourite]
        yield f"your favourite, {name}, {'wins outright' if won else 'does not win yet'}"


def _shares(explorer, land):
    ends = explorer.basin_map()
    parts = [
        f"{np.mean(ends == k):.0%} reach ({digits(x)}, {digits(y)})"
        for k, (x, y) in enumerate(land.minima)
        if (ends == k).any()
    ]
    for label, words in ((runners.ELSEWHERE, "no minimum yet"), (runners.DIVERGES, "diverge")):
        if (ends == label).any():
            parts.append(f"{np.mean(ends == label):.0%} {words}")
    return f"of all starts with {OPTIMIZERS[explorer.optimizer]}: {', '.join(parts)}"


def _rows(landscape, points, most):
    """Return at most ``most`` rows, evenly spread over the path."""
    chosen = np.unique(np.linspace(0, len(points) - 1, min(most, 6)).round().astype(int))
    for step in chosen:
        x, y = map(digits, points[step])
        with np.errstate(over="ignore", invalid="ignore"):
            loss = digits(landscape.value(points[step]))
        yield f"{step:>4}: {loss} at ({x}, {y})"


def _limit(landscape, w):
    curvature = float(landscape.sharpness(w))
    return digits(2 / curvature) if curvature > 1e-6 else "-"
