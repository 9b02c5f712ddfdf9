"""What an optimizer can be told: the arguments of its constructor."""

import inspect


def constructor(cls):
    """Return the hyperparameters of a class with their defaults, those handed upwards too."""
    found = {}
    for base in cls.__mro__:
        arguments = inspect.signature(base.__init__).parameters if "__init__" in vars(base) else {}
        for p in arguments.values():
            if p.default is not p.empty:
                found.setdefault(p.name, p.default)
        if arguments and not any(p.kind is p.VAR_KEYWORD for p in arguments.values()):
            return found
    raise AssertionError(f"{cls.__name__} hands its arguments to nobody")
