# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""NumPy's ufuncs as ops.

NumPy chooses the element types (`ufunc.resolve_dtypes`), so that results have those that NumPy's would have. A ufunc is one
op of the dialect, or a function (program, operands) -> value in `_COMPOSED`.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Sequence

import numpy as np

from ._emit import Program, Value
from ._trace import MLIR_TYPES, NUMPY_NAMES, Trace, Traced, refuse

_FLOATS = frozenset(("f16", "bf16", "f32", "f64"))

# Ops of floats and integers alike.
_NUMERIC = {
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "floor_divide": "div_floor",
    "remainder": "remainder",
    "fmod": "fmod",
    "power": "pow",
    "float_power": "pow",
    "negative": "neg",
    "absolute": "abs",
    "fabs": "abs",
    "minimum": "minimum",
    "maximum": "maximum",
    "bitwise_and": "bitwise_and",
    "bitwise_or": "bitwise_or",
    "bitwise_xor": "bitwise_xor",
    "invert": "bitwise_not",
    "left_shift": "shl",
    "right_shift": "shr",
}
# Ops that are there for floats only.
_FLOAT = {
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "expm1",
    "log": "log",
    "log2": "log2",
    "log10": "log10",
    "log1p": "log1p",
    "sqrt": "sqrt",
    "reciprocal": "reciprocal",
    "rint": "round",
    "ceil": "ceil",
    "floor": "floor",
    "trunc": "trunc",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}
# The same of bools.
_BOOL = {
    "add": "bitwise_or",
    "maximum": "bitwise_or",
    "fmax": "bitwise_or",
    "minimum": "bitwise_and",
    "fmin": "bitwise_and",
    "multiply": "bitwise_and",
}
_LOGICAL = {"logical_and": "bitwise_and", "logical_or": "bitwise_or", "logical_xor": "bitwise_xor"}
_COMPARISONS = {"equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge"}
_TESTS = {"isnan": "is_nan", "isinf": "is_inf", "isfinite": "is_finite"}
# Of integers and bools these change nothing.
_IDENTITIES = frozenset(("positive", "conjugate", "ceil", "floor", "trunc", "rint"))

_COMPOSED: dict[str, Callable[..., Value]] = {}


def _composed(handler: Callable[..., Value]) -> Callable[..., Value]:
    _COMPOSED[handler.__name__.strip("_")] = handler
    return handler


@_composed
def _square(program: Program, x: Value) -> Value:
    return program.pointwise("bitwise_and" if x.dtype == "i1" else "mul", x, x)


@_composed
def _sign(program: Program, x: Value) -> Value:
    sign = program.pointwise("sign", x)
    # NumPy's sign of NaN is NaN; the op's is 0.
    return program.select(program.test("is_nan", x), x, sign) if x.dtype in _FLOATS else sign


def _ignoring_nan(op: str) -> Callable[..., Value]:
    def handler(program: Program, x: Value, y: Value) -> Value:
        value = program.pointwise(op, x, y)
        if x.dtype in _FLOATS:
            value = program.select(program.test("is_nan", x), y, program.select(program.test("is_nan", y), x, value))
        return value

    return handler


_COMPOSED.update(fmax=_ignoring_nan("maximum"), fmin=_ignoring_nan("minimum"))


def _scaled(factor: float) -> Callable[..., Value]:
    return lambda program, x: program.pointwise("mul", x, program.constant(factor, x.dtype))


_COMPOSED.update(dict.fromkeys(("deg2rad", "radians"), _scaled(math.pi / 180)))
_COMPOSED.update(dict.fromkeys(("rad2deg", "degrees"), _scaled(180 / math.pi)))


@_composed
def _heaviside(program: Program, x: Value, y: Value) -> Value:
    zero, one = program.constant(0, x.dtype), program.constant(1, x.dtype)
    value = program.select(program.compare("eq", x, zero), y, one)
    value = program.select(program.compare("lt", x, zero), zero, value)
    return program.select(program.test("is_nan", x), x, value)


# Ufuncs whose results are Python numbers again where all operands are.
_WEAK = frozenset("add subtract multiply divide floor_divide remainder power negative positive absolute".split())


def with_bfloat16(types: Sequence[Any], resolve: Callable) -> list[str]:
    """Element types that `resolve` finds for `types`: MLIR's names, or numbers or classes that stand for weak numbers.
    bfloat16, which NumPy may not know, follows the rules of float16, and makes float32 with it."""
    bfloat = "bf16" in types
    half = "f32" if "f16" in types else "f16"

    def name(kind: Any) -> Any:
        if not isinstance(kind, str):
            return kind
        return np.dtype(NUMPY_NAMES[half if kind == "bf16" else kind])

    resolved = []
    for dtype in resolve([name(kind) for kind in types]):
        if dtype.name not in MLIR_TYPES:
            raise refuse(f"a computation in {dtype}", f"there are {', '.join(MLIR_TYPES)}")
        mlir = MLIR_TYPES[dtype.name]
        resolved.append("bf16" if bfloat and mlir == "f16" else mlir)
    return resolved


def apply(trace: Trace, ufunc: np.ufunc, inputs: Sequence[Any]) -> Traced:
    """The traced array ufunc(*inputs)."""
    if ufunc.nout != 1:
        raise refuse(f"np.{ufunc.__name__}", "it has several results")
    lifted = [None if type(value) in (int, float) else trace.lift(value) for value in inputs]
    weak = [type(value) if array is None else array.weak for value, array in zip(inputs, lifted)]
    all_weak = all(weak)
    if all_weak:
        types: list[Any] = ["f64" if float in weak else "i64"] * len(inputs)
    else:
        types = [kind or array.value.dtype for kind, array in zip(weak, lifted)]
    loop = with_bfloat16(types, lambda types: ufunc.resolve_dtypes((*types, None)))
    operands = [
        trace.operand(value if array is None else array, dtype) for value, array, dtype in zip(inputs, lifted, loop)
    ]
    value = trace.program.cast(_emit(trace.program, ufunc.__name__, operands), loop[-1])
    is_weak = all_weak and ufunc.__name__ in _WEAK
    return trace.wrap(value, (float if value.dtype == "f64" else int) if is_weak else None)


def _emit(program: Program, name: str, operands: list[Value]) -> Value:
    kind = operands[0].dtype
    if name in _COMPARISONS:
        return program.compare(_COMPARISONS[name], *operands)
    if name == "logical_not":
        return program.pointwise("bitwise_not", program.cast(operands[0], "i1"))
    if name in _LOGICAL:
        return program.pointwise(_LOGICAL[name], *(program.cast(operand, "i1") for operand in operands))
    if name in _TESTS:
        return _test(program, _TESTS[name], operands[0])
    if name in ("positive", "conjugate") or (kind not in _FLOATS and name in _IDENTITIES):
        return operands[0]
    if kind == "i1" and name in _BOOL:
        return program.pointwise(_BOOL[name], *operands)
    if kind == "i1" and name == "absolute":
        return operands[0]
    if name in _NUMERIC:
        return program.pointwise(_NUMERIC[name], *operands)
    if name in _FLOAT and kind in _FLOATS:
        return program.pointwise(_FLOAT[name], *operands)
    if name in _COMPOSED:
        return _COMPOSED[name](program, *operands)
    raise refuse(f"np.{name} of {NUMPY_NAMES[kind]}", "there is no such op; docs/Dialect.md has those that there are")


def _test(program: Program, op: str, x: Value) -> Value:
    if x.dtype in _FLOATS:
        return program.test(op, x)
    value = program.constant(op == "is_finite", "i1")
    return program.broadcast_like(value, x) if x.shape else value
