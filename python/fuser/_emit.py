# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes programs of one function in the fuser dialect; docs/Dialect.md describes the ops.

Element types are named as in MLIR: i1 ui8 i8 i16 i32 i64 f16 bf16 f32 f64. Sizes are ints, or None for one that the call
gives. The program is verified when it is compiled, not here.
"""

from __future__ import annotations

import itertools
import struct
from typing import Iterable, NamedTuple, Sequence

Shape = tuple["int | None", ...]

_FLOAT_BITS = {"f16": ("<e", "<H", 4), "f32": ("<f", "<I", 8), "f64": ("<d", "<Q", 16)}


class Value(NamedTuple):
    """A tensor of a program."""

    name: str
    dtype: str
    shape: Shape

    @property
    def type(self) -> str:
        return tensor_type(self.dtype, self.shape)


class Number(NamedTuple):
    """A scalar argument: f64, i64 or i1."""

    name: str
    type: str


def tensor_type(dtype: str, shape: Shape) -> str:
    sizes = "".join(f"{'?' if size is None else size}x" for size in shape)
    return f"tensor<{sizes}{dtype}>"


def broadcast_shape(shapes: Iterable[Shape]) -> Shape:
    """The shape that `shapes` broadcast to, as far as it is known."""

    def size(sizes: Iterable[int | None]) -> int | None:
        known = set(sizes) - {1}
        return 1 if not known else known.pop() if len(known) == 1 else None

    reverse = itertools.zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1)
    return tuple(map(size, reverse))[::-1]


def literal(value: bool | int | float, dtype: str) -> str:
    """`value` as an element of a dense attribute; floats by their bits. Raises OverflowError if a float does not fit."""
    if dtype == "i1":
        return "true" if value else "false"
    if dtype == "bf16":
        (bits,) = struct.unpack("<I", struct.pack("<f", value))
        if value == value and abs(value) != float("inf"):
            return f"0x{_round_to_bf16(bits):04X}"
        return f"0x{bits >> 16 | (0x40 if value != value else 0):04X}"
    if dtype not in _FLOAT_BITS:
        return str(int(value))
    float_code, bits_code, digits = _FLOAT_BITS[dtype]
    (bits,) = struct.unpack(bits_code, struct.pack(float_code, value))
    return f"0x{bits:0{digits}X}"


def _round_to_bf16(bits: int) -> int:
    """The upper half of the bits of a finite f32, rounded to nearest even."""
    return bits + 0x7FFF + (bits >> 16 & 1) >> 16


class Program:
    """A function under construction. Methods append ops and return their results."""

    def __init__(self, name: str = "main") -> None:
        self._name = name
        self._arguments: list[str] = []
        self._lines: list[str] = []
        self._constants: dict[tuple[str, str], Value] = {}
        self._next = 0

    # ---- arguments and constants ----

    def argument(self, dtype: str, shape: Shape) -> Value:
        value = Value(f"%a{len(self._arguments)}", dtype, tuple(shape))
        self._arguments.append(f"{value.name}: {value.type}")
        return value

    def number(self, type: str) -> Number:
        """A scalar argument: f64, i64 or i1. A call with another number needs no new kernel."""
        number = Number(f"%a{len(self._arguments)}", type)
        self._arguments.append(f"{number.name}: {type}")
        return number

    def constant(self, value: bool | int | float, dtype: str) -> Value:
        """A rank-0 tensor."""
        key = literal(value, dtype), dtype
        if key not in self._constants:
            self._constants[key] = self._op(f"fuser.constant dense<{key[0]}> : tensor<{dtype}>", dtype, ())
        return self._constants[key]

    def splat(self, number: Number, dtype: str) -> Value:
        """A rank-0 tensor of a scalar, converted as by `cast`."""
        return self._op(f"fuser.splat {number.name} : {number.type} -> tensor<{dtype}>", dtype, ())

    # ---- pointwise ----

    def pointwise(self, op: str, *operands: Value, dtype: str | None = None, attributes: str = "") -> Value:
        """An op of one result whose operands broadcast. `dtype`: of the result, that of the last operand by default.
        `attributes`: as they are written after the operands, as "slope 0.1"."""
        dtype = dtype or operands[-1].dtype
        shape = broadcast_shape(operand.shape for operand in operands)
        names = ", ".join(operand.name for operand in operands)
        types = operands[0].type
        if len(operands) > 1:
            types = f"({', '.join(operand.type for operand in operands)}) -> {tensor_type(dtype, shape)}"
        return self._op(f"fuser.{op} {names}{' ' * bool(attributes)}{attributes} : {types}", dtype, shape)

    def compare(self, predicate: str, x: Value, y: Value) -> Value:
        """predicate: eq ne lt le gt ge."""
        return self.pointwise(f"compare {predicate},", x, y, dtype="i1")

    def test(self, op: str, x: Value) -> Value:
        """is_nan, is_inf, is_finite."""
        return self.pointwise(op, x, dtype="i1")

    def select(self, condition: Value, x: Value, y: Value) -> Value:
        return self.pointwise("select", condition, x, y)

    def cast(self, x: Value, dtype: str) -> Value:
        if x.dtype == dtype:
            return x
        return self._to("cast", x, "", dtype, x.shape)

    # ---- shapes; dimensions are counted from the start ----

    def broadcast_to(self, x: Value, sizes: Sequence[int]) -> Value:
        """-1 keeps a size of `x`."""
        offset = len(sizes) - len(x.shape)
        shape = tuple(x.shape[i - offset] if size == -1 else size for i, size in enumerate(sizes))
        return self._to("broadcast_to", x, f" sizes {list(sizes)}", x.dtype, shape)

    def broadcast_like(self, x: Value, *others: Value) -> Value:
        """`x` expanded to the shape that all broadcast to."""
        shape = broadcast_shape(value.shape for value in (x, *others))
        names = ", ".join(value.name for value in (x, *others))
        types = ", ".join(value.type for value in (x, *others))
        return self._op(f"fuser.broadcast_like {names} : {types} to {tensor_type(x.dtype, shape)}", x.dtype, shape)

    def transpose(self, x: Value, permutation: Sequence[int]) -> Value:
        shape = tuple(x.shape[i] for i in permutation)
        return self._to("transpose", x, f" permutation {list(permutation)}", x.dtype, shape)

    def expand_dims(self, x: Value, dim: int) -> Value:
        return self._to("expand_dims", x, f" dim {dim}", x.dtype, (*x.shape[:dim], 1, *x.shape[dim:]))

    def squeeze(self, x: Value, dim: int) -> Value:
        return self._to("squeeze", x, f" dim {dim}", x.dtype, (*x.shape[:dim], *x.shape[dim + 1 :]))

    def reshape(self, x: Value, sizes: Sequence[int]) -> Value:
        """At most one size is -1."""
        shape = tuple(None if size == -1 else size for size in sizes)
        return self._to("reshape", x, f" sizes {list(sizes)}", x.dtype, shape)

    def slice(self, x: Value, dim: int, start: int, end: int, step: int = 1) -> Value:
        """As Python slices, step >= 1."""
        size = x.shape[dim]
        size = None if size is None else len(range(size)[start:end:step])
        attributes = f" dim {dim} start {start} end {end} step {step}"
        return self._to("slice", x, attributes, x.dtype, (*x.shape[:dim], size, *x.shape[dim + 1 :]))

    def concat(self, parts: Sequence[Value], dim: int) -> Value:
        sizes = [part.shape[dim] for part in parts]
        size = None if None in sizes else sum(sizes)
        first = parts[0]
        shape = (*first.shape[:dim], size, *first.shape[dim + 1 :])
        shape = tuple(s if i == dim or all(p.shape[i] == s for p in parts) else None for i, s in enumerate(shape))
        names = ", ".join(part.name for part in parts)
        types = ", ".join(part.type for part in parts)
        return self._op(f"fuser.concat {names} dim {dim} : {types} to {tensor_type(first.dtype, shape)}", first.dtype, shape)

    # ---- the text ----

    def text(self, results: Sequence[Value]) -> str:
        names = ", ".join(value.name for value in results)
        types = ", ".join(value.type for value in results)
        head = f"func.func @{self._name}({', '.join(self._arguments)}) -> ({types}) {{"
        tail = f"  return {names} : {types}\n}}\n" if results else "  return\n}\n"
        return "\n".join([head, *self._lines, tail])

    def _to(self, op: str, x: Value, attributes: str, dtype: str, shape: Shape) -> Value:
        return self._op(f"fuser.{op} {x.name}{attributes} : {x.type} to {tensor_type(dtype, shape)}", dtype, shape)

    def _op(self, text: str, dtype: str, shape: Shape) -> Value:
        value = Value(f"%{self._next}", dtype, shape)
        self._next += 1
        self._lines.append(f"  {value.name} = {text}")
        return value
