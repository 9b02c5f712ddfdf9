"""The base class of all optimizers: it counts steps, cuts memory and checks; it holds no rule."""

import math

import numpy as np

from ..backend import BLOCK, as_array, form, to_host, zeros
from ..parameters import flatten, segments
from . import checks, kernels
from .compiled import sweeps


class Optimizer:
    """Move parameters against their gradients.

    A subclass names its state vectors in ``slots`` and writes ``update`` for one piece of memory.
    Everything that is not the rule happens here.

    Parameters
    ----------
    params : iterable of Parameter
        Usually ``model.parameters()``, all on one device. Loose parameters move into one flat
        vector: read ``p.data`` afresh afterwards.
    lr : float, array or callable
        The learning rate, above 0, or a schedule ``t -> lr`` with ``t = 1, 2, ...``. Any
        hyperparameter may also be an array of shape ``(N,)``: parameters whose first axis has
        length ``N`` then take one value a row, which runs ``N`` settings side by side.
    weight_decay : float, default 0
        Adds ``weight_decay * w`` to the gradient (coupled, as in an L2 penalty).
    maximize : bool, default False
        Climb instead of descend. The decay still pulls towards zero.

    Raises
    ------
    TypeError
        If ``params`` holds anything but Parameters.
    ValueError
        If ``params`` is empty, names a parameter twice or lies on two devices; if a hyperparameter
        is out of its range; at a step, if the schedule gives a negative number or none.

    Attributes
    ----------
    t : int
        Steps taken so far.
    state : dict of str to numpy.ndarray
        The state vectors by the names of their source, flat, in the order of the parameters.
    """

    #: The names of the state vectors.
    slots = ()
    #: Whether weight decay shrinks the weights instead of adding to the gradient.
    decoupled = False
    #: False for a rule that needs whole matrices or norms.
    elementwise = True
    #: The function of :mod:`optlearn.rules` that numba may compile in place of ``update``. It holds
    #: for the very class that names it: a subclass may have changed a step.
    rule = None
    #: Scratch vectors that ``update`` needs; with more than one, ``tmp`` is an array of them.
    scratch = 1

    def __init__(self, params, lr, *, weight_decay=0.0, maximize=False):
        self.params = checks.parameters(params)
        self.t = 0
        self._by_rows = False
        self._pieces = self._sweeps = self._form = None
        self.lr = lr
        self.weight_decay = self._number("weight_decay", weight_decay, low=0)
        self.maximize = bool(maximize)
        flatten([p for p in self.params if p.flat is None])
        for p in self.params:
            p.flat.pinned = True
        size = sum(p.size for p in self.params)
        dtype = np.result_type(*(p.data.dtype for p in self.params))
        like = self.params[0].data  # the state lives where the weights do
        self.state = {name: zeros(size, like, dtype) for name in self.slots}

    @property
    def lr(self):
        """The learning rate of the next step. Setting it replaces a schedule."""
        if not callable(self._lr):
            return self._lr
        lr = float(self._lr(self.t + 1))
        if not (math.isfinite(lr) and lr >= 0):
            raise ValueError(f"the schedule gave {lr} at step {self.t + 1}: it must be >= 0")
        return lr

    @lr.setter
    def lr(self, lr):
        self._lr = lr if callable(lr) else self._number("lr", lr, above=0)
        if self._sweeps:
            self._pieces = None  # the compiled rule may hold for a constant rate alone

    def step(self):
        """Apply one update to every parameter."""
        self.apply(self.plan())

    def plan(self):
        """Return the rate of the next step; what is to be refused is refused here, unmoved."""
        lr = self.lr
        if self._pieces is None or self._form != form():
            self._form = form()
            self._sweeps = sweeps(self)
            self._pieces = [] if self._sweeps else list(self._cut())
        return lr

    def apply(self, lr):
        """Take the step that ``plan`` found possible."""
        self.t += 1
        self.prepare(lr)
        for once, sweep, vectors in self._sweeps:
            sweep(*vectors, *once(self, lr))
        # Asking an array function whether a number is zero would take as long as an update.
        decays = isinstance(self.weight_decay, np.ndarray) or self.weight_decay != 0
        for w, g, state, tmp, spare in self._pieces:
            if decays:
                g = self.decay(w, g, lr, spare)
            if self.maximize:
                g = np.negative(g, out=spare)
            self.update(w, g, state, lr, tmp)

    def zero_grad(self):
        """Set every gradient to zero."""
        for _, g in segments(self.params):
            g.fill(0)

    def prepare(self, lr):
        """Compute what all pieces of a step share; called once a step, after ``t`` grew."""

    def update(self, w, g, state, lr, tmp):
        """Write the new weights into ``w`` and the new state into ``state``, both in place.

        All arrays have one shape; ``tmp`` is scratch memory of that shape.
        """
        raise NotImplementedError

    def decay(self, w, g, lr, out):
        """Return the gradient with weight decay; the hook that decoupled decay overrides.

        Climbing turns the gradient's sign afterwards, but decay always pulls towards zero.
        """
        return kernels.decay(w, g, -self.weight_decay if self.maximize else self.weight_decay, out)

    def state_dict(self):
        """Return a flat dictionary of arrays and numbers, fit for ``numpy.savez``.

        A schedule is not in it: hand it to the constructor again.
        """
        kept = self._kept() | {name: to_host(vector) for name, vector in self.state.items()}
        return {k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in kept.items()}

    def load_state_dict(self, saved):
        """Continue bit-identically from what ``state_dict`` returned; copies, never aliases.

        Raises
        ------
        ValueError
            If ``saved`` belongs to another optimizer or to parameters of other shapes. Nothing
            is changed then.
        """
        self.check_state(saved)
        for name, vector in self.state.items():
            vector[...] = as_array(saved[name], like=vector)
        self.t = int(saved["t"])
        for name in self._hyper_names():
            pair = isinstance(getattr(self, name), tuple)  # npz turns a pair into an array
            value = tuple(map(checks.plain, saved[name])) if pair else checks.plain(saved[name])
            setattr(self, name, value)
        if "lr" in saved:
            self.lr = checks.plain(saved["lr"])

    def check_state(self, saved):
        """Raise a ``ValueError`` if ``saved`` is not a state of this optimizer."""
        checks.state(saved, self._kept(), self.state)
        if "lr" in saved:
            self._number("lr", checks.plain(saved["lr"]), above=0)

    def _kept(self):
        """Return what ``state_dict`` copies."""
        hyper = {name: getattr(self, name) for name in self._hyper_names()}
        if not callable(self._lr):
            hyper["lr"] = self._lr
        about = {"class": self._label(), "shapes": self._shapes(), "t": self.t}
        return {**about, **hyper, **self.state}

    def __getstate__(self):
        """Leave out views of memory, which pickle and ``copy.deepcopy`` would tear from it."""
        return {**vars(self), "_pieces": None, "_sweeps": None}

    def _label(self):
        """Return whose state this is."""
        return type(self).__name__

    def _shapes(self):
        return " ".join(str(p.shape) for p in self.params)

    def __repr__(self):
        hyper = ", ".join(f"{k}={getattr(self, k)!r}" for k in self._hyper_names())
        return f"{type(self).__name__}(lr={self.lr!r}, {hyper}), t={self.t}"

    def _hyper_names(self):
        hidden = {"params", "t", "state", "slots"}
        return [k for k in vars(self) if not k.startswith("_") and k not in hidden]

    def _number(self, name, value, **bounds):
        """Check a hyperparameter; see :func:`optlearn.optim.checks.number`."""
        value = checks.number(name, value, **bounds)
        if isinstance(value, np.ndarray):
            value = checks.rows(name, value, self.params)
            self._by_rows, self._pieces = True, None
        return value

    def _pair(self, name, values):
        """Check a pair of decay rates, each in [0, 1)."""
        pair = enumerate(checks.two(name, values))
        return tuple(self._number(f"{name}[{i}]", value, low=0, below=1) for i, value in pair)

    def _cut(self):
        """Yield ``(w, g, state, tmp, spare)`` for each piece of memory that one update sweeps."""
        flat = self.elementwise and not self._by_rows
        whole = segments(self.params) if flat else [(p.data, p.grad) for p in self.params]
        block = longest = max(w.size for w, _ in whole)
        if flat and self.params[0].device == "cpu":  # a GPU would pay for every launch instead
            block = longest = min(BLOCK, longest)
        rows = self.scratch + 1
        scratch = {w.dtype: [zeros(longest, w) for _ in range(rows)] for w, _ in whole}
        start = 0
        for w, g in whole:
            for i in range(0, w.size, block):
                piece = (w, g) if w.size <= block else (w[i : i + block], g[i : i + block])
                shape, size = piece[0].shape, piece[0].size
                state = tuple(v[start : start + size].reshape(shape) for v in self.state.values())
                *tmp, spare = (s[:size].reshape(shape) for s in scratch[w.dtype])
                yield *piece, state, tmp[0] if self.scratch == 1 else tmp, spare
                start += size


class DecoupledDecay:
    """Mixin: weight decay shrinks the weights and leaves the gradient alone."""

    decoupled = True

    def decay(self, w, g, lr, out):
        kernels.shrink(w, 1 - lr * self.weight_decay)
        return g
