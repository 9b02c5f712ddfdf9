"""Take a rule apart: what is done for each weight, and what is done once a step.

A rule is written for whole arrays. To run it for one weight after the other at full speed, only
what depends on the weights, the gradients or the state may stay inside the loop. Everything else,
from the literal ``1`` to ``1 - beta2**t``, becomes a number that Python computes before the loop,
in float64 as ever. So no number is left that would make a loop in float32 compute in float64.
"""

import ast
import functools
import inspect
import textwrap
from typing import NamedTuple


class Parts(NamedTuple):
    """A rule in two functions.

    Attributes
    ----------
    once : str
        Source of ``RULE_once(t, lr, ...)``, which returns the numbers of a step.
    each : str
        Source of ``RULE(w, g, *state, c0, c1, ...)``, the rule for one weight.
    numbers : int
        How many numbers there are.
    calls : tuple of callable
        The other rules that the two functions call.
    """

    once: str
    each: str
    numbers: int
    calls: tuple


def elements(rule):
    """Return the names of a rule's arguments that have one value for each weight."""
    names = list(inspect.signature(rule).parameters)
    if "t" in names:
        return names[: names.index("t")]
    return [name for name in names if name in ("w", "g")]  # a helper for weight decay


@functools.cache
def split(rule):
    """Return the :class:`Parts` of a function of :mod:`optlearn.rules`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule))).body[0]
    splitter = _Splitter(rule)
    each = [kept for kept in map(splitter.visit, tree.body[1:]) if kept]  # without the docstring
    once, numbers = splitter.once, [f"c{i}" for i in range(splitter.count)]
    result = f"({''.join(f'{number}, ' for number in numbers)})"
    if any(isinstance(node, ast.If) for node in once):  # not every path sets every number
        once = [ast.parse(f"{' = '.join(numbers)} = 0.0"), *once]
    names = list(inspect.signature(rule).parameters)
    own = elements(rule)
    rest = [name for name in names if name not in own]
    return Parts(
        _function(f"{rule.__name__}_once", rest, once).replace(_Splitter.RESULT, result),
        _function(rule.__name__, own + numbers, each),
        len(numbers),
        tuple(splitter.calls),
    )


def _function(name, arguments, body):
    lines = "\n".join(ast.unparse(node) for node in body)
    return f"def {name}({', '.join(arguments)}):\n{textwrap.indent(lines, '    ')}\n"


class _Splitter(ast.NodeTransformer):
    """Leave of a rule what is done for each weight, and collect the rest in ``once``."""

    #: Stands in ``once`` for the tuple of all numbers until they are counted.
    RESULT = "ALL_NUMBERS"

    def __init__(self, rule):
        self.of_elements = set(elements(rule))
        self.namespace = rule.__globals__
        self.once, self.calls, self.count = [], [], 0

    def visit(self, node):
        if isinstance(node, ast.expr) and not self._has_elements(node):
            # A truth value is a number too: the loop takes nothing else.
            form = "{} = float({})" if isinstance(node, ast.Compare) else "{} = {}"
            return self._keep(form, node, 1)[0]
        return super().visit(node)

    def visit_Assign(self, node):
        if not self._has_elements(node.value):
            self.once.append(node)
            return None
        node.value = self.visit(node.value)
        self.of_elements.update(n.id for n in ast.walk(node.targets[0]) if isinstance(n, ast.Name))
        return node

    def visit_If(self, node):
        test, before = self.visit(node.test), self.once
        self.once = []
        body = [kept for kept in map(self.visit, node.body) if kept]
        self.once = [*before, ast.If(test, self.once, [])]
        return ast.If(test, body, [])

    def visit_Return(self, node):
        node.value = self.visit(node.value)
        self.once.append(ast.Return(ast.Name(self.RESULT)))
        return node

    def visit_BinOp(self, node):
        if isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "2":
            square = ast.Attribute(ast.Name("np"), "square")
            return ast.Call(square, [self.visit(node.left)], [])
        return self.generic_visit(node)

    def visit_Call(self, node):
        if not isinstance(node.func, ast.Name):  # np.sqrt, ...
            node.args = [self.visit(argument) for argument in node.args]
            return node
        rule = self.namespace[node.func.id]
        self.calls.append(rule)
        own = len(elements(rule))
        each = [self.visit(argument) for argument in node.args[:own]]
        once = ast.Call(ast.Name(f"{rule.__name__}_once"), node.args[own:], [])
        return ast.Call(node.func, each + self._keep("{}, = {}", once, split(rule).numbers), [])

    def _keep(self, form, value, count):
        """Let ``once`` compute ``value``; return the names of its ``count`` numbers."""
        names = [f"c{i}" for i in range(self.count, self.count + count)]
        self.count += count
        self.once.append(ast.parse(form.format(", ".join(names), ast.unparse(value))))
        return [ast.Name(name) for name in names]

    def _has_elements(self, node):
        return any(isinstance(n, ast.Name) and n.id in self.of_elements for n in ast.walk(node))
