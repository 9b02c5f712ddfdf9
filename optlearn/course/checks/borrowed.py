"""Notice a solution that calls the library instead of doing the work."""

import ast
import importlib
import inspect

from .probe import source

#: Where the answers live: what makes batches or intervals is one as well. Landscapes, plots and
#: data are for everyone's use.
ANSWERS = tuple(
    f"optlearn.{name}"
    for name in (
        "optim", "rules", "wrong_rules.right", "schedules", "training", "course",
        "datasets.loader", "datasets.DataLoader",
        "tuning.Comparison", "tuning.compare.Comparison", "tuning.lr_range_test",
        "tuning.range_test",
    )
)  # fmt: skip

#: Asking whether an answer is right, or for one's own numbers, is no answer.
ASKING = tuple(f"optlearn.course.checks.engine.{name}" for name in ("check", "student", "variant"))


def borrowed(function, seen=()):
    """Return the names from the library's answers that ``function`` uses, sorted.

    Names are looked up where the function would find them, and in the functions beside it that
    it calls, so that renaming an import does not hide it. Where there is no source to read, the
    list is empty.
    """
    text = source(function) if callable(function) else None
    try:
        tree = ast.parse(text or "")
    except SyntaxError:  # half a line around a lambda
        return []
    nodes = [node for part in _own(tree, function) for node in ast.walk(part)]
    scope = {**getattr(function, "__globals__", {}), **_plain_imports(nodes)}
    found = set(_from_imports(nodes))
    for node in nodes:
        value = _resolve(node, scope)
        if _is_answer(value):
            found.add(_home(value))
        elif _is_helper(value, function) and value not in seen:
            found.update(borrowed(value, (*seen, function, value)))
    return sorted(found)


def _own(tree, function):
    """Return the parts of ``tree`` that are the function, not what else stands on its lines.

    A lambda's source is the whole line around it, a call of ``check`` included.
    """
    name = getattr(function, "__name__", "")
    code = getattr(function, "__code__", None)
    own = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Lambda) and name == "<lambda>")
        or (isinstance(node, ast.FunctionDef) and name == node.name)
    ]
    if code and len(own) > 1:  # two lambdas on one line: the arguments tell them apart
        names = list(code.co_varnames[: code.co_argcount])
        own = [node for node in own if [a.arg for a in node.args.args] == names] or own
    return own or [tree]


def _plain_imports(nodes):
    """Return what ``import optlearn as o`` inside the function makes of ``o``."""
    aliases = [a for node in nodes if isinstance(node, ast.Import) for a in node.names]
    ours = [alias for alias in aliases if alias.name.split(".")[0] == "optlearn"]
    return {
        alias.asname or "optlearn": importlib.import_module(
            alias.name if alias.asname else "optlearn"
        )
        for alias in ours
    }


def _from_imports(nodes):
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in names if name.startswith(ANSWERS))


def _resolve(node, scope):
    """Return what ``a.b.c`` stands for, or None. Only the library's own names are looked into."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, scope)
        if getattr(owner, "__name__", "").startswith("optlearn"):
            return getattr(owner, node.attr, None)
    return None


def _home(value):
    """Return the full name of a module, class or function; of anything else an empty string."""
    if inspect.ismodule(value):
        return value.__name__
    if inspect.isclass(value) or inspect.isfunction(value):
        return f"{value.__module__}.{value.__name__}"
    return ""


def _is_answer(value):
    home = _home(value)
    return home.startswith(ANSWERS) and home not in ASKING


def _is_helper(value, function):
    """Return whether ``value`` is another function written beside ``function``."""
    same = getattr(value, "__module__", None) == getattr(function, "__module__", "")
    return same and inspect.isfunction(value) and value is not function
