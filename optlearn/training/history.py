"""What a training leaves behind."""


class History:
    """What happened in training.

    Attributes
    ----------
    steps : dict of str to list
        One value a batch; ``steps["loss"]`` is the loss of each batch before its update.
    grad_evals : int
        Forward and backward passes, the cost of training in a unit that no machine changes.
    examples : int
        Examples seen, repeats included.
    skipped : int
        Updates left out because a gradient was not finite.
    interrupted : bool
        Whether Ctrl-C ended the training.
    best : dict
        By what :class:`EarlyStopping` watches, the model's ``state_dict`` at its best epoch.
    """

    def __init__(self):
        self.epochs = {}
        self.steps = {"loss": []}
        self.grad_evals = self.examples = self.skipped = 0
        self.interrupted = False
        self.best = {}

    def __getitem__(self, name):
        """Return one value an epoch: ``"loss"``, and with validation ``"val_loss"``, ..."""
        return self.epochs[name]

    def __contains__(self, name):
        return name in self.epochs

    def __len__(self):
        """Return the number of whole epochs."""
        return len(self.epochs.get("loss", ()))

    def __repr__(self):
        last = ", ".join(f"{name} {values[-1]:.3g}" for name, values in self.epochs.items())
        return f"History({len(self)} epochs: {last})"
