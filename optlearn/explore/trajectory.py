"""The trajectory explorer: watch optimizers walk over a landscape of two weights."""

import traitlets

from .. import landscapes, optim, plots
from . import ground, runners
from .base import VIEW, Checked, Explorer, module, number, whole
from .runners import OPTIMIZERS, Given
from .said import report

STEPS = 1, 1000
#: How many may walk at once: as many as there are colours.
MOST = len(plots.COLORS)
SCALES = 1, 10, 100, 1000
SEEDS = 20
#: After how many steps the arrows of a picture stand.
ARROWS_AT = 3


def trajectory(
    landscape="quadratic",
    optimizer="sgd",
    *,
    lr=None,
    momentum=0.9,
    steps=50,
    start=None,
    noise=0.0,
    seed=0,
    loss_scale=1,
    arrows=False,
    basins=False,
    **settings,
):
    """Return an explorer of the paths of optimizers over a landscape of two weights.

    Every argument is what a control shows first, and an attribute of the same name afterwards:
    it follows the control, and assigning it moves the picture.

    Parameters
    ----------
    landscape : str or Landscape, default "quadratic"
        One of ``landscapes.NAMES``, or what ``landscapes.get`` returned.
    optimizer : str, list of str, or dict of str to dict, default "sgd"
        Any elementwise optimizer of ``optim.REGISTRY``, or up to eight at once. A dict gives each
        settings of its own, ``{"sgd": {"lr": 0.1}, "adam": {"betas": (0.8, 0.99)}}``; they are
        kept in the attribute ``own``, and the names in ``optimizers``. The attribute ``optimizer``
        is the one whose settings the controls show.
    lr : float, optional
        Learning rate of all that have none of their own; by default half of the inverse of the
        curvature at the sharpest minimum or at the start, whichever is smaller.
    momentum : float, default 0.9
        In [0, 1), of the heavy ball and Nesterov; the others' is among their own settings.
    steps : int, default 50
        From 1 to 1000.
    start : pair of float, optional
        Where the paths begin, inside the landscape's ``bounds``.
    noise : float, default 0
        Standard deviation of the normal noise in each number of the gradient, the same for all.
    seed : int, default 0
        From 0 to 19: which noise.
    loss_scale : {1, 10, 100, 1000}, default 1
        What the loss, and with it the gradient and its noise, is multiplied by.
    arrows : bool, default False
        Draw the directions of the gradient, of the momentum and of the step.
    basins : bool, default False
        Colour each start by where its path ends.
    **settings
        The landscape's own, such as ``condition=50, angle=30`` for a quadratic.

    Examples
    --------
    >>> explorer = trajectory("quadratic", "sgd", lr=2.01, condition=10)
    >>> print(explorer.text().splitlines()[0])
    quadratic, gradient descent, learning rate 2.01 = 2.01/L: zigzags outwards, after 50 steps the loss is 3.04 (start 1.7)
    """  # noqa: E501
    surface, settings = ground.resolve(landscape, settings)
    names = [optimizer] if isinstance(optimizer, str) else list(optimizer)
    return Trajectory(
        surface,
        settings,
        optimizers=names,
        own=optimizer if isinstance(optimizer, dict) else {},
        lr=ground.usual_rate(surface) if lr is None else lr,
        momentum=momentum,
        steps=steps,
        start=surface.start if start is None else start,
        noise=noise,
        seed=seed,
        loss_scale=loss_scale,
        arrows=arrows,
        basins=basins,
    )


def _known(name):
    optim.get(name)
    if name not in OPTIMIZERS:
        known = ", ".join(OPTIMIZERS)
        raise ValueError(f"{name} moves no single weight by itself: choose one of {known}")
    return name


def _several(names):
    names = [_known(name) for name in names]
    if not 1 <= len(names) <= MOST or len(set(names)) < len(names):
        raise ValueError(f"optimizers are {names}: choose 1 to {MOST} different ones")
    return names


def _own(settings):
    return {name: runners.checked(_known(name), hyper) for name, hyper in settings.items()}


def _rate(value):
    remedy = "choose a learning rate > 0, such as 0.1"
    return number("lr", value, remedy, lambda lr: lr > 0)


def _momentum(value):
    return number("momentum", value, "choose a number in [0, 1)", lambda mu: 0 <= mu < 1)


def _noise(value):
    return number("noise", value, "choose a number >= 0", lambda sd: sd >= 0)


def _scale(value):
    remedy = f"choose one of {', '.join(map(str, SCALES))}"
    return int(number("loss_scale", value, remedy, lambda scale: scale in SCALES))


def _point(value):
    remedy = "give two weights, such as start=(-1.5, 2.0)"
    try:
        x, y = value
    except (TypeError, ValueError):
        raise ValueError(f"start is {value!r}: {remedy}") from None
    return [number("start weight 1", x, remedy), number("start weight 2", y, remedy)]


class Trajectory(Explorer):
    """The widget that :func:`trajectory` and :func:`optlearn.explore.race` return."""

    _esm = module(
        "rules.js", "landscapes.js", "chart.js", *VIEW, "runners.js", "settings.js", "basins.js",
        "race.js", "panel.js", "trajectory.js",
    )  # fmt: skip

    landscape = Checked(ground.known)
    settings = Checked(dict)
    optimizer = Checked(_known)
    optimizers = Checked(_several)
    own = Checked(_own)
    #: Whether ``lr`` is for all, whatever rates of their own there are.
    shared = Checked(bool)
    lr = Checked(_rate)
    momentum = Checked(_momentum)
    steps = Checked(lambda value: whole("steps", value, *STEPS))
    start = Checked(_point)
    noise = Checked(_noise)
    seed = Checked(lambda value: whole("seed", value, 0, SEEDS - 1))
    loss_scale = Checked(_scale)
    arrows = Checked(bool)
    basins = Checked(bool)
    #: In a race: who ought to win, or ``None``.
    favourite = Checked(lambda name: None if name is None else _known(name))
    #: What the menus offer, with the numbers that the browser needs for each.
    choices = traitlets.Dict().tag(sync=True)
    #: The landscape's numbers under the present settings, computed here.
    surface = traitlets.Dict().tag(sync=True)
    #: The numbers that noise is made of.
    table = traitlets.Bytes(runners.NOISE.tobytes()).tag(sync=True)

    def __init__(self, surface, settings, *, optimizers, racing=False, **controls):
        optimizers = _several(optimizers)
        self._now, self.racing = surface, racing
        usual = {name: runners.hyperparameters(name) for name in OPTIMIZERS}
        super().__init__(
            landscape=surface.name,
            settings=settings,
            surface=ground.describe(surface, settings),
            optimizers=optimizers,
            optimizer=optimizers[0],
            choices={
                "optimizers": OPTIMIZERS, "usual": usual, "landscapes": ground.menu(),
                "tried": runners.TRIED, "shift": runners.SHIFT, "seeds": SEEDS,
                "grid": runners.GRID, "arrows": ARROWS_AT, "racing": racing,
            },
            **{"shared": False, "favourite": None, **controls},
        )  # fmt: skip

    @traitlets.validate("settings")
    def _settings_fit(self, proposal):
        return ground.resolve(self.landscape, proposal.value)[1]

    @traitlets.validate("start")
    def _start_in_sight(self, proposal):
        bounds = landscapes.get(self.landscape).bounds
        if not ground.inside(proposal.value, bounds):
            raise ValueError(
                f"start {tuple(proposal.value)} is outside the picture of {self.landscape}: "
                f"choose weights within {bounds[0]} and {bounds[1]}"
            )
        return proposal.value

    @traitlets.observe("optimizer", "optimizers")
    def _keep_the_shown_one_running(self, change):
        if self.optimizer in (self.optimizers or [self.optimizer]):
            return
        if change.name == "optimizers" or len(self.optimizers) > 1:
            self.optimizer = self.optimizers[0]
        else:
            self.optimizers = [self.optimizer]

    @traitlets.observe("landscape", "settings")
    def _follow_landscape(self, change):
        if self.surface.get("landscape") == self.landscape:
            if self.surface["settings"] == self.settings:
                return
        elif change.name == "landscape" and not ground.accepts(self.landscape, self.settings):
            self.settings = ground.defaults(self.landscape)
        self._now, _ = ground.resolve(self.landscape, self.settings)
        if not ground.inside(self.start, self._now.bounds):
            self.start = self._now.start
        self.surface = ground.describe(self._now, self.settings)

    def hyper(self, name):
        """Return the learning rate and all settings that ``name`` runs with."""
        common = {"lr": self.lr}
        if name in ("momentum", "nesterov"):
            common["momentum"] = self.momentum
        hyper = {**runners.hyperparameters(name), **common, **self.own.get(name, {})}
        return {**hyper, "lr": self.lr} if self.shared else hyper

    @property
    def given(self):
        """What the optimizers get in place of the gradient."""
        return Given(self.loss_scale, self.noise, self.seed)

    def walks(self):
        """Return the walk of each optimizer, by name."""
        return {
            name: runners.follow(
                self._now, name, self.start, self.steps, self.hyper(name), self.given
            )
            for name in self.optimizers
        }

    def path(self, optimizer=None):
        """Return the weights after each step, shape ``(steps + 1, 2)``; shorter if it diverged."""
        return self.walks()[optimizer or self.optimizer].points

    def basin_map(self):
        """Return where each start of ``runners.GRID`` ends under the shown optimizer."""
        return runners.basins(
            self._now, self.optimizer, self.steps, self.hyper(self.optimizer), self.given
        )

    def compass(self):
        """Return the weights and directions that arrows show: after a few steps of the shown."""
        land, run = self._now, (self.hyper(self.optimizer), self.given)
        points = self.path()
        at = min(ARROWS_AT, len(points) - 2)
        while not ground.inside(points[at], land.bounds):
            at -= 1
        return runners.compass(land, self.optimizer, self.start, at, *run)

    def text(self):
        return "\n".join(report(self, self._now))

    def axes(self):
        land, walks = self._now, self.walks()
        ax = plots.contour(land)
        if self.basins:
            plots.regions(self.basin_map(), land.bounds, ax)
        paths = {OPTIMIZERS[name]: walk.points for name, walk in walks.items()}
        for at, (label, points) in enumerate(paths.items()):
            plots.path(points, ax, label=label, number=at)
        if len(paths) > 1:
            ax.legend(loc="upper right", framealpha=0.9, fontsize=8)
        if self.arrows:
            plots.directions(*self.compass(), ax)
        ax.set_title(self.text().splitlines()[0].replace(": ", ":\n", 1), fontsize=9)
        return ax
