"""What a lesson asks of the learner, and the machinery that keeps lessons and exercises true.

``question``, ``recall`` and ``believe`` ask; ``facts`` shows what the registry knows,
``conventions`` how libraries differ and ``same_in`` the line of code there; ``capstone`` holds
a learner's settings against the default. In the exercises ``check`` looks at a solution, ``hint``
and ``reveal`` help, ``student`` and ``variant`` give a learner numbers of their own, and
``working`` stands in for an answer that is not right yet. Everything loads when first used.
"""

import importlib

_PLACES = {
    "believe": ".asking",
    "capstone": ".contest",
    "check": ".checks",
    "conventions": ".cards",
    "facts": ".cards",
    "hint": ".checks",
    "question": ".asking",
    "recall": ".asking",
    "reveal": ".checks",
    "same_in": ".cards",
    "student": ".checks",
    "variant": ".checks",
    "working": ".checks",
}

__all__ = sorted(_PLACES)


def __getattr__(name):
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
