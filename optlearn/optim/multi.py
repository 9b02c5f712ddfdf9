"""Different optimizers for different parameters of one model."""


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
        missed = [p.name for p in params or () if id(p) not in owner]
        if missed:
            raise ValueError(f"no child updates parameter {', '.join(map(repr, missed))}")

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
        """Take one step with every child; none moves if a schedule is broken."""
        for child in self.children:
            _ = child.lr  # a bad rate is refused here, before the first child has moved
        for child in self.children:
            child.step()

    def zero_grad(self):
        """Set every gradient to zero."""
        for child in self.children:
            child.zero_grad()

    def state_dict(self):
        """Return the children's states in one flat dictionary, keys prefixed ``"0/"``, ..."""
        return {
            f"{number}/{key}": value
            for number, child in enumerate(self.children)
            for key, value in child.state_dict().items()
        }

    def load_state_dict(self, saved):
        """Continue bit-identically from what ``state_dict`` returned."""
        parts = [{} for _ in self.children]
        for key, value in saved.items():
            number, _, name = key.partition("/")
            if not number.isdigit() or int(number) >= len(parts):
                raise ValueError(f"{key!r} belongs to no child: there are {len(parts)}")
            parts[int(number)][name] = value
        for child, part in zip(self.children, parts, strict=True):
            child.check_state(part)
        for child, part in zip(self.children, parts, strict=True):
            child.load_state_dict(part)
