# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`fuser.jit`: functions over arrays, traced and compiled."""

from __future__ import annotations

import functools
import inspect
import threading
from typing import Any, Callable, NamedTuple, Sequence

import numpy as np

from . import _arrays, _function
from ._library import InvalidArgument
from ._trace import Trace, Traced, mlir_type, refuse

_NUMBERS = {int: "i64", float: "f64"}


class _Specialisation(NamedTuple):
    """The compiled function for one key."""

    function: _function.Function
    passed: tuple[int, ...]
    """Which arguments it takes; the others are fixed."""
    captured: tuple[np.ndarray, ...]
    """Arrays that follow them."""
    text: str
    single: bool
    """Whether it returns an array, not a tuple."""


def _key_of(value: Any) -> Any:
    """What the specialisation for argument `value` depends on."""
    cls = type(value)
    if cls is np.ndarray:
        return value.dtype, value.ndim
    if cls in _NUMBERS:
        return cls
    if hasattr(cls, "__dlpack__") or isinstance(value, np.generic):
        return cls, value.dtype, value.ndim
    if isinstance(value, (list, dict, set)):
        raise refuse(f"an argument that is a {cls.__name__}", "pass arrays one by one")
    return cls, value


class JitFunction:
    """What `fuser.jit` makes. May be called from several threads."""

    def __init__(self, function: Callable, static: Sequence[str], options: dict) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._signature = inspect.signature(function)
        self._options = options
        self._specialisations: dict[tuple, _Specialisation] = {}
        self._lock = threading.RLock()
        names = list(self._signature.parameters)
        unknown = [name for name in static if name not in names]
        if unknown:
            raise InvalidArgument(f"static: {function.__name__} has no argument {', '.join(unknown)}")
        self._static = frozenset(names.index(name) for name in static)
        self._plain = not self._static
        self._count = len(names)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._run(self._bind(args, kwargs), None)

    def _run(self, args: tuple, out: Any) -> Any:
        spec = self._specialise(args)
        if len(spec.passed) != len(args):
            args = tuple(args[i] for i in spec.passed)
        if spec.captured:
            args = (*args, *spec.captured)
        if out is not None:
            return spec.function(*args, out=out)
        results = spec.function(*args)
        return results if spec.single or isinstance(results, tuple) else (results,)

    def _bind(self, args: tuple, kwargs: dict) -> tuple:
        if not kwargs and len(args) == self._count:
            return args
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if bound.kwargs:
            raise refuse("keyword-only arguments and **kwargs", "name the arguments")
        return bound.args

    def _specialise(self, args: tuple) -> _Specialisation:
        if self._plain:
            key = tuple([_key_of(value) for value in args])
        else:
            key = tuple([(type(value), value) if i in self._static else _key_of(value) for i, value in enumerate(args)])
        spec = self._specialisations.get(key)
        if spec is None:
            with self._lock:
                spec = self._specialisations.get(key)
                if spec is None:
                    spec = self._specialisations[key] = self._compile(args)
        return spec

    def _compile(self, args: tuple) -> _Specialisation:
        trace = Trace()
        values = []
        passed = []
        for i, value in enumerate(args):
            traced = None if i in self._static else _traced(trace, value)
            values.append(value if traced is None else traced)
            if traced is not None:
                passed.append(i)
        results, single = trace.results(self._function(*values))
        text = trace.program.text(results)
        function = _function.compile(text, name=self._function.__name__, **self._options)
        return _Specialisation(function, tuple(passed), tuple(trace.captured), text, single)

    def text(self, *args: Any, **kwargs: Any) -> str:
        """The program that a call with these arguments runs."""
        return self._specialise(self._bind(args, kwargs)).text

    def code(self, *args: Any, stage: str = "asm", **kwargs: Any) -> str:
        """The code of the kernels that such a call runs; see `Function.code`."""
        args = self._bind(args, kwargs)
        spec = self._specialise(args)
        return spec.function.code(*(args[i] for i in spec.passed), *spec.captured, stage=stage)

    def explain(self) -> dict:
        """What was fused and what was not, and why, for each combination of element types and ranks so far."""
        specs = list(self._specialisations.values())
        return {
            "function": self._function.__name__,
            "specialisations": [
                {"arguments": [str(each) for each in spec.function.arguments], **spec.function.explain()} for spec in specs
            ],
        }


def _traced(trace: Trace, value: Any) -> Traced | None:
    """A stand-in for argument `value`; None if that is fixed."""
    cls = type(value)
    if cls in _NUMBERS:
        number = trace.program.number(_NUMBERS[cls])
        return trace.wrap(trace.program.splat(number, _NUMBERS[cls]), cls)
    if hasattr(cls, "__dlpack__") or isinstance(value, np.generic):
        return trace.wrap(trace.program.argument(mlir_type(value.dtype), (None,) * value.ndim))
    return None


def jit(function: Callable | None = None, *, static: Sequence[str] = (), **options: Any) -> Any:
    """Compiles a Python function over arrays; a decorator.

    The function is run once for each combination of element types and ranks of its arguments, with stand-ins for the
    arrays, to see what it does with them: operators, NumPy's ufuncs and functions such as np.where, np.concatenate,
    np.broadcast_to and np.transpose, slices, reshape, astype. Sizes may differ from call to call. Results are one array
    or a tuple, of the kind of the first array that is passed (NumPy, PyTorch, JAX), with the element types that NumPy 2
    chooses: Python's numbers do not promote arrays.

    Arguments: arrays; Python's ints and floats, which may change from call to call without another kernel; anything else
    that can be hashed, as strings and bools, is fixed, and a new value is a new trace, as for arguments in `static`.
    Arrays that the function takes from around it are those of its first run, with the elements that they have at the call.

    What differs from NumPy: integer division by zero is an error, integer powers with negative exponents are not, and
    casts of floats that are out of an integer's range saturate; docs/Numerics.md has the details.

    options: as for `fuser.compile`. Raises `InvalidArgument` for what can't be traced: control flow on elements,
    reductions, assignments; the message says what to do.
    """
    if function is None:
        return lambda function: JitFunction(function, static, options)
    return JitFunction(function, static, options)
