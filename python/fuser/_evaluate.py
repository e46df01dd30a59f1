# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`fuser.evaluate`: expressions as numexpr takes them."""

from __future__ import annotations

import ast
import functools
import inspect
import operator
import sys
from typing import Any, Callable, Mapping

import numpy as np

from ._jit import JitFunction
from ._library import InvalidArgument

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_UNARY = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert}
_COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NAMES = (
    "where sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh exp expm1 log log10 log1p log2 "
    "sqrt fmod floor ceil trunc round sign isnan isinf isfinite ones_like maximum minimum"
).split()
_FUNCTIONS: dict[str, Callable] = {name: getattr(np, name) for name in _NAMES}
_FUNCTIONS.update(abs=np.absolute)


def _build(node: ast.AST, names: dict[str, int]) -> Callable[[tuple], Any]:
    """A function of the variables' values; `names` has their places and gets the new ones."""
    if isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
        constant = node.value
        return lambda values: constant
    if isinstance(node, ast.Name):
        index = names.setdefault(node.id, len(names))
        return lambda values: values[index]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _apply(_BINARY[type(node.op)], [_build(node.left, names), _build(node.right, names)])
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _apply(_UNARY[type(node.op)], [_build(node.operand, names)])
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
        return _apply(_COMPARE[type(node.ops[0])], [_build(node.left, names), _build(node.comparators[0], names)])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _build_call(node.func.id, node, names)
    raise InvalidArgument(f"fuser.evaluate can't compute {ast.unparse(node)!r}{_advice(node)}")


def _build_call(name: str, node: ast.Call, names: dict[str, int]) -> Callable:
    if name in ("sum", "prod", "min", "max"):
        raise InvalidArgument(f"fuser.evaluate has no {name}, which combines elements: apply NumPy's to the result")
    if name not in _FUNCTIONS:
        raise InvalidArgument(f"fuser.evaluate has no function {name}; there are {', '.join(sorted(_FUNCTIONS))}")
    return _apply(_FUNCTIONS[name], [_build(argument, names) for argument in node.args])


def _apply(function: Callable, operands: list[Callable]) -> Callable:
    return lambda values: function(*[operand(values) for operand in operands])


def _advice(node: ast.AST) -> str:
    if isinstance(node, (ast.BoolOp, ast.Not)) or isinstance(getattr(node, "op", None), ast.Not):
        return ": use &, | and ~ in place of and, or and not"
    if isinstance(node, ast.Compare):
        return ": write (a < b) & (b < c) in place of a < b < c"
    return ""


@functools.lru_cache(maxsize=1024)
def _parse(text: str) -> tuple[tuple[str, ...], JitFunction]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidArgument(f"fuser.evaluate can't read {text!r}: {error}") from None
    names: dict[str, int] = {}
    compute = _build(tree.body, names)

    def expression(*values: Any) -> Any:
        return compute(values)

    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    expression.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return tuple(names), JitFunction(expression, (), {})


def _lookup(name: str, local: Mapping, globals: Mapping) -> Any:
    for names in (local, globals):
        if name in names:
            value = names[name]
            return np.asarray(value) if isinstance(value, (list, bool)) else value
    raise InvalidArgument(f"fuser.evaluate: there is no variable {name}")


def evaluate(text: str, local_dict: Mapping | None = None, global_dict: Mapping | None = None, out: Any = None) -> Any:
    """The value of an expression over arrays, compiled into one kernel; for those who know numexpr.

    text: operators + - * / // % ** & | ^ ~ << >>, comparisons, and the functions where, sin, cos, exp, sqrt, abs, ... of
    numexpr. Names are looked up in `local_dict` and `global_dict`: those of the caller if they are None.
    out: an array to write into.

    Element types are NumPy's, where numexpr's differ: 2.5 * x is float32 if x is. The compiled expression is kept, for
    each combination of element types and ranks; sizes and numbers may change. Raises `InvalidArgument` for what can't be
    read or computed. Nothing in `text` is run as Python.
    """
    names, function = _parse(text)
    frame = sys._getframe(1)
    local = frame.f_locals if local_dict is None else local_dict
    globals = frame.f_globals if global_dict is None else global_dict
    return function._run(tuple([_lookup(name, local, globals) for name in names]), out)
