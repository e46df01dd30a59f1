# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays that record what is done with them.

`Traced` stands for an array, or a number, while `fuser.jit` runs a function. NumPy hands it the ufuncs (in _ufuncs.py) and
functions (below) that are applied to it; each appends ops to the program. Element types are those that NumPy 2 chooses,
with Python's numbers weak (NEP 50).
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

import numpy as np

from . import _emit
from ._library import InvalidArgument

MLIR_TYPES = {
    "bool": "i1",
    "uint8": "ui8",
    "int8": "i8",
    "int16": "i16",
    "int32": "i32",
    "int64": "i64",
    "float16": "f16",
    "bfloat16": "bf16",
    "float32": "f32",
    "float64": "f64",
}
NUMPY_NAMES = {mlir: name for name, mlir in MLIR_TYPES.items()}
_END = 2**63 - 1

REDUCTIONS = frozenset(
    "sum prod mean std var min max amin amax any all argmin argmax cumsum cumprod nansum nanmean median average norm dot "
    "matmul vecdot inner outer tensordot einsum trace sort argsort ptp count_nonzero".split()
)


def refuse(what: str, advice: str = "") -> InvalidArgument:
    if what.removeprefix("np.").partition(" ")[0] in REDUCTIONS:
        advice = "it combines elements, and fuser has no such ops: compute it outside of the function"
    return InvalidArgument(f"fuser.jit can't trace {what}" + (f": {advice}" if advice else ""))


def mlir_type(dtype: Any) -> str:
    """The element type for a dtype of any array library."""
    name = getattr(dtype, "name", None) or str(dtype).rpartition(".")[2]
    if name not in MLIR_TYPES:
        raise InvalidArgument(f"arrays of {name} are not supported; there are {', '.join(MLIR_TYPES)}")
    return MLIR_TYPES[name]


class Size:
    """A size that the call gives: code can pass it on, but not compute with it."""

    def __init__(self, owner: "Traced", dim: int) -> None:
        self.owner, self.dim = owner, dim

    def _refuse(self, *_: Any) -> Any:
        advice = "it differs from call to call; use -1 in reshape, and np.broadcast_to(y, x.shape) with a whole shape"
        raise refuse("a computation on a size of an array", advice)

    __index__ = __int__ = __float__ = __bool__ = __eq__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __truediv__ = __mod__ = _refuse
    __hash__ = None  # type: ignore[assignment]


class TracedShape(tuple):
    """`x.shape`; knows x."""

    owner: "Traced"


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """An array in a traced function; or, if `weak`, a number that Python's rules promote."""

    __slots__ = ("trace", "value", "weak")
    __array_priority__ = 1000

    def __init__(self, trace: "Trace", value: _emit.Value, weak: type | None = None) -> None:
        self.trace, self.value, self.weak = trace, value, weak

    def __repr__(self) -> str:
        return f"<traced {NUMPY_NAMES[self.value.dtype]} array of rank {self.ndim}>"

    # ---- protocols ----

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        from ._ufuncs import apply

        if method != "__call__":
            raise refuse(f"np.{ufunc.__name__}.{method}", "only whole-array calls of ufuncs can be")
        options = {name: value for name, value in options.items() if value is not None}
        if options:
            raise refuse(f"np.{ufunc.__name__} with {', '.join(options)}=")
        return apply(self.trace, ufunc, inputs)

    def __array_function__(self, function: Callable, types: Any, args: tuple, kwargs: dict) -> Any:
        handler = FUNCTIONS.get(function.__name__)
        if handler is None:
            known = ", ".join(sorted(FUNCTIONS))
            raise refuse(function.__name__, f"of NumPy's functions it knows the ufuncs and {known}")
        return handler(self.trace, *args, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise refuse("a conversion to a NumPy array", "elements are known when the function is called, not when it is traced")

    # ---- what needs elements ----

    def __bool__(self) -> bool:
        raise refuse("control flow that depends on elements of an array", "use np.where")

    def _no_number(self) -> Any:
        raise refuse("a conversion of an array to a Python number", "elements are not known when it is traced")

    __int__ = __float__ = __complex__ = __index__ = item = tolist = _no_number

    def __len__(self) -> int:
        raise refuse("len()", "sizes differ from call to call")

    def __iter__(self) -> Any:
        raise refuse("a loop over an array", "its size differs from call to call")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise refuse("an assignment to elements", "use np.where or np.concatenate")

    def _no_update(self, other: Any) -> Any:
        raise refuse("an operator that changes an array in place", "write y = y + ... in place of y += ...")

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __ipow__ = _no_update
    __iand__ = __ior__ = __ixor__ = __ilshift__ = __irshift__ = _no_update

    def __pow__(self, other: Any) -> Any:
        # As NumPy's arrays do: these exponents have ways of their own.
        if type(other) in (int, float) and self.value.dtype in ("f16", "bf16", "f32", "f64"):
            special = {1: np.positive, 2: np.square, 0.5: np.sqrt, -1: np.reciprocal}.get(other)
            if special is not None:
                return special(self)
        return np.power(self, other)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise refuse(name)

    # ---- what arrays have ----

    @property
    def ndim(self) -> int:
        return len(self.value.shape)

    @property
    def dtype(self) -> np.dtype:
        name = NUMPY_NAMES[self.value.dtype]
        if name == "bfloat16":
            from ._arrays import bfloat16

            return bfloat16()
        return np.dtype(name)

    @property
    def shape(self) -> TracedShape:
        shape = TracedShape(Size(self, i) if s is None else s for i, s in enumerate(self.value.shape))
        shape.owner = self
        return shape

    @property
    def T(self) -> "Traced":
        return np.transpose(self)

    @property
    def mT(self) -> "Traced":
        return np.swapaxes(self, -1, -2)

    @property
    def real(self) -> "Traced":
        return self

    def conj(self) -> "Traced":
        return self

    conjugate = conj

    def astype(self, dtype: Any, copy: bool = True) -> "Traced":
        return self.trace.cast(self, mlir_type(np.dtype(dtype)))

    def copy(self) -> "Traced":
        return self

    def reshape(self, *shape: Any) -> "Traced":
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> "Traced":
        return np.reshape(self, -1)

    flatten = ravel

    def transpose(self, *axes: Any) -> "Traced":
        if len(axes) == 1 and not isinstance(axes[0], int):
            axes = axes[0]
        return np.transpose(self, axes or None)

    def swapaxes(self, a: int, b: int) -> "Traced":
        return np.swapaxes(self, a, b)

    def squeeze(self, axis: Any = None) -> "Traced":
        return np.squeeze(self, axis)

    def clip(self, min: Any = None, max: Any = None) -> "Traced":
        return np.clip(self, min, max)

    def round(self, decimals: int = 0) -> "Traced":
        return np.round(self, decimals)

    def __getitem__(self, key: Any) -> "Traced":
        return self.trace.wrap(_getitem(self, key if isinstance(key, tuple) else (key,)))


class Trace:
    """One run of a function on traced arrays."""

    def __init__(self) -> None:
        self.program = _emit.Program()
        self.captured: list[np.ndarray] = []
        """Arrays that the function uses without having them as arguments: arguments of the program after the others."""
        self._captured: dict[int, Traced] = {}

    def wrap(self, value: _emit.Value, weak: type | None = None) -> Traced:
        return Traced(self, value, weak)

    def lift(self, value: Any) -> Traced:
        """`value` of a traced function as a traced array or number."""
        if isinstance(value, Traced):
            if value.trace is not self:
                raise refuse("an array of another call of a traced function", "it was kept beyond that call")
            return value
        if type(value) in (int, float):
            dtype = "f64" if type(value) is float else "i64"
            return self.wrap(self.program.constant(value, dtype), type(value))
        if isinstance(value, (bool, np.generic)):
            dtype = "i1" if isinstance(value, bool) else mlir_type(value.dtype)
            return self.wrap(self.program.constant(value.item() if isinstance(value, np.generic) else value, dtype))
        if isinstance(value, np.ndarray):
            return self._capture(value)
        raise refuse(f"a {type(value).__module__}.{type(value).__qualname__}", "arrays of NumPy and numbers can be used")

    def _capture(self, array: np.ndarray) -> Traced:
        if id(array) not in self._captured:
            self.captured.append(array)
            value = self.program.argument(mlir_type(array.dtype), (None,) * array.ndim)
            self._captured[id(array)] = self.wrap(value)
        return self._captured[id(array)]

    def operand(self, value: Any, dtype: str) -> _emit.Value:
        """`value` as a tensor of `dtype`; Python numbers directly, so that they are rounded once."""
        if type(value) in (bool, int, float):
            name = NUMPY_NAMES[dtype]
            if dtype not in ("bf16", "i1"):
                np.array(value if type(value) is not bool else int(value), name)  # OverflowError as in NumPy
            return self.program.constant(value, dtype)
        return self.program.cast(self.lift(value).value, dtype)

    def cast(self, array: Traced, dtype: str) -> Traced:
        return self.wrap(self.program.cast(array.value, dtype))

    def common_type(self, *values: Any) -> str:
        """The element type that np.result_type gives."""
        from ._ufuncs import with_bfloat16

        def stand_in(value: Any) -> Any:
            value = self.lift(value)
            return {int: 0, float: 0.0}[value.weak] if value.weak else value.value.dtype

        return with_bfloat16(
            [stand_in(value) for value in values],
            lambda types: [np.result_type(*types)],
        )[0]

    def results(self, returned: Any) -> tuple[list[_emit.Value], bool]:
        """The values of what a function returned, and whether that is one array."""
        single = not isinstance(returned, (tuple, list))
        returned = (returned,) if single else returned
        if any(value is None for value in returned):
            raise refuse("a result of None", "return an array or a tuple of arrays")
        return [self.lift(value).value for value in returned], single


# ---- indexing --------------------------------------------------------------------------------------------------------


def _getitem(array: Traced, keys: tuple) -> _emit.Value:
    program, value = array.trace.program, array.value
    used = sum(key is not None and key is not Ellipsis for key in keys)
    if used > array.ndim:
        raise IndexError(f"too many indices: the array has {array.ndim} dimensions, {used} were indexed")
    if not any(key is Ellipsis for key in keys):
        keys = (*keys, Ellipsis)
    dim = 0
    for key in keys:
        if key is Ellipsis:
            dim += array.ndim - used
        elif key is None:
            value = program.expand_dims(value, dim)
            dim += 1
        elif isinstance(key, slice):
            value = _slice(program, value, dim, key)
            dim += 1
        elif isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            end = key + 1 if key != -1 else _END
            value = program.squeeze(program.slice(value, dim, int(key), int(end)), dim)
        else:
            raise refuse(f"indexing with a {type(key).__name__}", "integers, slices, None and ... can be; use np.where for masks")
    return value


def _slice(program: _emit.Program, value: _emit.Value, dim: int, key: slice) -> _emit.Value:
    bounds = (key.start, key.stop, key.step)
    if any(isinstance(bound, (Traced, Size)) for bound in bounds):
        raise refuse("a slice whose bounds are known at the call only", "bounds are numbers when it is traced")
    step = 1 if key.step is None else int(key.step)
    if step < 1:
        raise refuse(f"a slice with step {step}", "steps are positive")
    if key.start is None and key.stop is None and step == 1:
        return value
    start = 0 if key.start is None else int(key.start)
    end = _END if key.stop is None else int(key.stop)
    return program.slice(value, dim, start, end, step)


# ---- NumPy's functions -----------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Callable] = {}


def _function(*names: str) -> Callable:
    def register(handler: Callable) -> Callable:
        FUNCTIONS.update(dict.fromkeys(names or (handler.__name__.strip("_"),), handler))
        return handler

    return register


def _axis(axis: int, ndim: int) -> int:
    axis = int(axis)
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(axis, ndim)
    return axis % ndim


@_function("where")
def _where(trace: Trace, condition: Any, x: Any, y: Any) -> Traced:
    dtype = trace.common_type(x, y)
    condition = trace.operand(condition, "i1")
    return trace.wrap(trace.program.select(condition, trace.operand(x, dtype), trace.operand(y, dtype)))


@_function("clip")
def _clip(trace: Trace, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Traced:
    low, high = a_min if min is None else min, a_max if max is None else max
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@_function("concatenate", "concat")
def _concatenate(trace: Trace, arrays: Sequence, axis: int | None = 0) -> Traced:
    if axis is None:
        arrays, axis = [np.reshape(trace.lift(array), -1) for array in arrays], 0
    dtype = trace.common_type(*arrays)
    parts = [trace.operand(array, dtype) for array in arrays]
    return trace.wrap(trace.program.concat(parts, _axis(axis, len(parts[0].shape))))


@_function("stack")
def _stack(trace: Trace, arrays: Sequence, axis: int = 0) -> Traced:
    lifted = [trace.lift(array) for array in arrays]
    axis = _axis(axis, lifted[0].ndim + 1)
    return _concatenate(trace, [np.expand_dims(array, axis) for array in lifted], axis)


@_function("broadcast_to")
def _broadcast_to(trace: Trace, array: Any, shape: Any) -> Traced:
    value = trace.lift(array).value
    if isinstance(shape, TracedShape):
        return trace.wrap(trace.program.broadcast_like(value, shape.owner.value))
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(isinstance(size, Size) for size in sizes):
        raise refuse("np.broadcast_to with a part of a shape", "give the whole x.shape, or numbers")
    return trace.wrap(trace.program.broadcast_to(value, [int(size) for size in sizes]))


@_function("transpose", "permute_dims")
def _transpose(trace: Trace, a: Any, axes: Any = None) -> Traced:
    array = trace.lift(a)
    axes = range(array.ndim)[::-1] if axes is None else [_axis(axis, array.ndim) for axis in axes]
    if sorted(axes) != list(range(array.ndim)):
        raise ValueError("axes don't match array")
    return trace.wrap(trace.program.transpose(array.value, list(axes)))


@_function("swapaxes")
def _swapaxes(trace: Trace, a: Any, axis1: int, axis2: int) -> Traced:
    array = trace.lift(a)
    axes = list(range(array.ndim))
    i, j = _axis(axis1, array.ndim), _axis(axis2, array.ndim)
    axes[i], axes[j] = axes[j], axes[i]
    return np.transpose(array, axes)


@_function("matrix_transpose")
def _matrix_transpose(trace: Trace, x: Any) -> Traced:
    return _swapaxes(trace, x, -1, -2)


@_function("moveaxis")
def _moveaxis(trace: Trace, a: Any, source: Any, destination: Any) -> Traced:
    array = trace.lift(a)
    sources, targets = np.atleast_1d(source).tolist(), np.atleast_1d(destination).tolist()
    sources, targets = ([_axis(axis, array.ndim) for axis in axes] for axes in (sources, targets))
    order = [axis for axis in range(array.ndim) if axis not in sources]
    for target, axis in sorted(zip(targets, sources)):
        order.insert(target, axis)
    return np.transpose(array, order)


@_function("expand_dims")
def _expand_dims(trace: Trace, a: Any, axis: Any) -> Traced:
    array = trace.lift(a)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    ndim = array.ndim + len(axes)
    value = array.value
    for dim in sorted(_axis(axis, ndim) for axis in axes):
        value = trace.program.expand_dims(value, dim)
    return trace.wrap(value)


@_function("squeeze")
def _squeeze(trace: Trace, a: Any, axis: Any = None) -> Traced:
    if axis is None:
        raise refuse("np.squeeze without axis", "which sizes are 1 is known at the call only; say which axis")
    array = trace.lift(a)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    value = array.value
    for dim in sorted((_axis(axis, array.ndim) for axis in axes), reverse=True):
        value = trace.program.squeeze(value, dim)
    return trace.wrap(value)


@_function("reshape")
def _reshape(trace: Trace, a: Any, shape: Any, order: str = "C", **options: Any) -> Traced:
    if order != "C" or options:
        raise refuse("np.reshape with an order or copy")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(isinstance(size, Size) for size in sizes):
        raise refuse("np.reshape to a size of an array", "give numbers, and -1 for one that differs from call to call")
    return trace.wrap(trace.program.reshape(trace.lift(a).value, [int(size) for size in sizes]))


@_function("ravel")
def _ravel(trace: Trace, a: Any, order: str = "C") -> Traced:
    return _reshape(trace, a, -1, order)


def _filled_like(fill: Any) -> Callable:
    def handler(trace: Trace, a: Any, dtype: Any = None) -> Traced:
        return _full_like(trace, a, fill, dtype)

    return handler


@_function("full_like")
def _full_like(trace: Trace, a: Any, fill_value: Any, dtype: Any = None) -> Traced:
    array = trace.lift(a)
    value = trace.operand(fill_value, array.value.dtype if dtype is None else mlir_type(np.dtype(dtype)))
    return trace.wrap(trace.program.broadcast_like(value, array.value) if array.ndim else value)


FUNCTIONS.update(zeros_like=_filled_like(0), ones_like=_filled_like(1))


@_function("round", "around")
def _round(trace: Trace, a: Any, decimals: int = 0) -> Traced:
    if decimals:
        raise refuse("np.round to decimals", "it rounds to integers only")
    return np.rint(a) if trace.lift(a).value.dtype in ("f16", "bf16", "f32", "f64") else a


@_function("nan_to_num")
def _nan_to_num(trace: Trace, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Traced:
    array = trace.lift(x)
    if array.value.dtype not in ("f16", "f32", "f64"):
        return array
    limits = np.finfo(array.dtype)
    infinity = np.where(array > 0, limits.max if posinf is None else posinf, limits.min if neginf is None else neginf)
    return np.where(np.isnan(array), nan, np.where(np.isinf(array), infinity.astype(array.dtype), array)).astype(array.dtype)


@_function("astype")
def _astype(trace: Trace, x: Any, dtype: Any, *, copy: bool = True) -> Traced:
    return trace.lift(x).astype(dtype)


@_function("copy")
def _copy(trace: Trace, a: Any) -> Traced:
    return trace.lift(a)


@_function("ndim")
def _ndim(trace: Trace, a: Any) -> int:
    return trace.lift(a).ndim


@_function("shape")
def _shape(trace: Trace, a: Any) -> TracedShape:
    return trace.lift(a).shape


@_function("real")
def _real(trace: Trace, a: Any) -> Traced:
    return trace.lift(a)
