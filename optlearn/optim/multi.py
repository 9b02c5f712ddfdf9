"""Different optimizers for different parameters of one model."""

import contextlib


class MultiOptimizer:
    """Several optimizers that step as one.

    Parameters
    ----------
    *children : Optimizer
        Each with its own parameters and hyperparameters.
    params : iterable of Parameter, optional
        Usually ``model.parameters()``: every one of them must then have an optimizer.

    Raises
    ------
    ValueError
        If a parameter stands in two children, or in none; the message names it.

    Examples
    --------
    Muon for the hidden matrices and AdamW for the rest::

        matrices = [p for p in model.parameters() if len(p.shape) == 2]
        rest = [p for p in model.parameters() if len(p.shape) != 2]
        optimizer = MultiOptimizer(Muon(matrices), AdamW(rest), params=model.parameters())

    PyTorch calls hyperparameters for some parameters a parameter group; different rules need
    different optimizers there too. Keras, MLX and Optax (``partition``) have this class's like.
    """

    def __init__(self, *children, params=None):
        if not children:
            raise ValueError("MultiOptimizer needs at least one optimizer")
        self.children = list(children)
        owner = {}
        for number, child in enumerate(self.children):
            for p in child.params:
                if id(p) in owner:
                    raise ValueError(
                        f"parameter {p.name!r} stands in children {owner[id(p)]} and {number}: "
                        "leave it out of one"
                    )
                owner[id(p)] = number
        missed = [
            repr(p.name or f"number {i}") for i, p in enumerate(params or ()) if id(p) not in owner
        ]
        if missed:
            raise ValueError(f"no child updates parameter {', '.join(missed)}: give it to one")

    @property
    def params(self):
        """The parameters of all children, in order."""
        return [p for child in self.children for p in child.params]

    @property
    def t(self):
        """Steps taken so far."""
        return self.children[0].t

    @property
    def lr(self):
        """The learning rates of the next step, one a child."""
        return tuple(child.lr for child in self.children)

    def step(self):
        """Take one step with every child; none moves if one cannot."""
        self.apply(self.plan())

    def plan(self):
        """Return the children's next rates; a bad schedule or rule is refused here, unmoved."""
        return [child.plan() for child in self.children]

    def apply(self, rates):
        """Take the step that ``plan`` found possible."""
        for child, rate in zip(self.children, rates, strict=True):
            child.apply(rate)

    def zero_grad(self):
        """Set every gradient to zero."""
        for child in self.children:
            child.zero_grad()

    @contextlib.contextmanager
    def averaged(self):
        """Put the averages of schedule-free children into their parameters for a ``with`` block."""
        with contextlib.ExitStack() as stack:
            for child in self.children:
                if hasattr(child, "averaged"):
                    stack.enter_context(child.averaged())
            yield

    def state_dict(self):
        """Return the children's states in one flat dictionary, keys prefixed ``"0/"``, ..."""
        return {
            f"{number}/{key}": value
            for number, child in enumerate(self.children)
            for key, value in child.state_dict().items()
        }

    def load_state_dict(self, saved):
        """Continue bit-identically from what ``state_dict`` returned.

        Raises
        ------
        ValueError
            If a part of ``saved`` does not belong to its child. Nothing is changed then.
        """
        self.check_state(saved)
        for child, part in zip(self.children, self._split(saved), strict=True):
            child.load_state_dict(part)

    def check_state(self, saved):
        """Raise a ``ValueError`` if ``saved`` is not a state of these children."""
        for child, part in zip(self.children, self._split(saved), strict=True):
            child.check_state(part)

    def _split(self, saved):
        """Return one dictionary a child, without the prefixes."""
        parts = [{} for _ in self.children]
        for key, value in saved.items():
            number, _, name = key.partition("/")
            if not number.isdigit() or int(number) >= len(parts):
                raise ValueError(f"{key!r} belongs to no child: there are {len(parts)}")
            parts[int(number)][name] = value
        return parts
