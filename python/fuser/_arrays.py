# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of callers: how they cross to the library, and how results come back.

tvm_ffi takes whatever speaks DLPack, so that most arguments are passed as they are. What is left is done in steps, one
for each argument that needs one; which they are depends on the types of the arguments alone. Steps, the function to call
and what makes arrays of results are a *path*, which `Function` keeps by types.
"""

from __future__ import annotations

import sys
from typing import Any, Callable

import numpy as np

from ._library import Error, InvalidArgument, core

# The DLPack version that NumPy is asked for: with it, arrays that are read-only cross too.
_DLPACK = (1, 0)


# ---- kinds of arrays -------------------------------------------------------------------------------------------------


def _torch_tensor() -> Any:
    """torch.Tensor if PyTorch was imported, else a type that nothing has."""
    torch = sys.modules.get("torch")
    return torch.Tensor if torch is not None and hasattr(torch, "Tensor") else _Nothing


class _Nothing:
    pass


_torch_is_known = False


def _use_torch(torch: Any) -> None:
    """Lets python/src/Caller.cpp make calls with tensors from now on."""
    global _torch_is_known
    _torch_is_known = True
    if hasattr(torch.Tensor, "__dlpack_c_exchange_api__"):
        core.use_torch(torch.Tensor, torch.nn.Parameter, torch.Tensor.__dlpack_c_exchange_api__)


def is_array_type(cls: type) -> bool:
    return hasattr(cls, "__dlpack__")


def _check_torch_type(cls: type) -> None:
    torch = sys.modules["torch"]
    if not _torch_is_known:
        _use_torch(torch)
    if cls not in (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer):
        raise InvalidArgument(
            f"{cls.__module__}.{cls.__qualname__} is not supported: of PyTorch, only torch.Tensor and torch.nn.Parameter"
        )


# ---- arguments -------------------------------------------------------------------------------------------------------


def _resolved(tensor: Any) -> Any:
    if tensor.is_neg():
        raise InvalidArgument("a tensor has the negative bit: pass tensor.resolve_neg()")
    return tensor


def _bits(array: np.ndarray) -> np.ndarray:
    """bfloat16 as its bits, which DLPack can say; see callBitsPacked in python/src/Callee.h."""
    if array.dtype.char == "E" and array.dtype.name == "bfloat16":
        return array.view(np.uint16)
    if array.dtype == np.uint16:
        raise InvalidArgument("an array is uint16, which is not supported")
    return array


def _step(f: Any, index: int, cls: type) -> Callable | None:
    """What is done to argument `index`, an instance of `cls`; None for nothing."""
    if issubclass(cls, np.ndarray):
        if issubclass(cls, np.ma.MaskedArray):
            raise InvalidArgument("masked arrays are not supported: pass array.data or array.filled()")
        return None if f._numpy_call is f.call else _bits
    if issubclass(cls, np.generic):
        is_scalar = index < len(f.arguments) and f.arguments[index].is_scalar
        if is_scalar:
            return lambda scalar: scalar.item()
        return np.asarray if f._numpy_call is f.call else lambda scalar: _bits(np.asarray(scalar))
    if issubclass(cls, _torch_tensor()):
        _check_torch_type(cls)
        return _resolved
    return None


def _steps(f: Any, types: tuple) -> list[tuple[int, Callable]]:
    steps = [(i, _step(f, i, cls)) for i, cls in enumerate(types)]
    return [(i, step) for i, step in steps if step]


def _numpy_in(array: np.ndarray) -> np.ndarray:
    """`array`, or a copy where DLPack or fuser can't say its layout or byte order."""
    if array.dtype.kind not in "biuf":
        raise InvalidArgument(f"arrays of {array.dtype} are not supported")
    aligned = all(stride >= 0 and stride % array.itemsize == 0 for stride in array.strides)
    if aligned and array.flags.aligned and array.dtype.isnative:
        return array
    return np.array(array, array.dtype.newbyteorder("="), order="C")


def _retry(call: Callable, args: list, error: Exception) -> Any:
    """Calls again after `error`, with NumPy arrays passed in a way that does not depend on how they lie in memory."""
    if isinstance(error, Error) and not isinstance(error, InvalidArgument):
        raise error
    changed = False
    for i, value in enumerate(args):
        if isinstance(value, np.ndarray):
            array = _numpy_in(value)
            changed = changed or array is not value or not array.flags.writeable
            args[i] = _tensor(array)
    if changed:
        return call(*args)
    if isinstance(error, Error):
        raise error
    raise InvalidArgument(f"an argument can't be passed by DLPack: {error}") from error


def _tensor(array: np.ndarray) -> Any:
    import tvm_ffi

    return tvm_ffi.from_dlpack(array.__dlpack__(max_version=_DLPACK))


# ---- results ---------------------------------------------------------------------------------------------------------


def bfloat16() -> np.dtype:
    """NumPy's bfloat16, which the package ml_dtypes has."""
    try:
        import ml_dtypes
    except ImportError:
        raise InvalidArgument("results of bfloat16 need the package ml_dtypes in NumPy") from None
    return np.dtype(ml_dtypes.bfloat16)


def _as_is(tensor: Any) -> Any:
    return tensor


def _result_maker(f: Any, types: tuple) -> tuple[Callable, Callable]:
    """The packed function to call, and what makes an array of the caller's kind of one result."""
    cls = next((cls for cls in types if issubclass(cls, np.generic) or is_array_type(cls)), np.ndarray)
    if issubclass(cls, (np.ndarray, np.generic)):
        return f._numpy_call, np.from_dlpack
    if hasattr(cls, "__array_namespace__") and not issubclass(cls, _torch_tensor()):
        return f.call, _namespace_maker(cls)
    return f.call, _as_is


def _namespace_maker(cls: type) -> Callable:
    """from_dlpack of the array library that `cls` is of."""
    import importlib

    package = cls.__module__.partition(".")[0]
    package = {"jaxlib": "jax.numpy", "jax": "jax.numpy"}.get(package, package)
    return importlib.import_module(package).from_dlpack


def _finisher(f: Any, make: Callable) -> Callable:
    """What turns that which the packed function returns into what the caller gets."""
    bits = make is np.from_dlpack and f._numpy_call is not f.call
    if bits and any(each.dtype == "bfloat16" for each in f.results):
        dtype = bfloat16()
        dtypes = [dtype if each.dtype == "bfloat16" else None for each in f.results]

        def finish(results: Any) -> Any:
            results = (results,) if f._single else results
            arrays = (np.from_dlpack(result) for result in results)
            arrays = tuple(array if dtype is None else array.view(dtype) for array, dtype in zip(arrays, dtypes))
            return arrays[0] if f._single else arrays

        return finish
    if f._single:
        return make
    return lambda results: tuple(map(make, results))


# ---- paths -----------------------------------------------------------------------------------------------------------


def _path(f: Any, types: tuple) -> Callable:
    steps = _steps(f, types)
    call, make = _result_maker(f, types)
    finish = _finisher(f, make)

    def plain(args: tuple) -> Any:
        try:
            results = call(*args)
        except Exception as error:
            results = _retry(call, list(args), error)
        return finish(results)

    def stepped(args: tuple) -> Any:
        args = list(args)
        for i, step in steps:
            args[i] = step(args[i])
        try:
            results = call(*args)
        except Exception as error:
            results = _retry(call, args, error)
        return finish(results)

    if not steps:
        return plain
    return stepped


def first_call(f: Any, args: tuple) -> Any:
    """Calls `f` with arguments of types that it was not called with before."""
    types = tuple(map(type, args))
    path = _path(f, types)
    results = path(args)
    f._paths[types] = path
    return results


def to_packed(f: Any, args: tuple) -> list:
    """Arguments for a packed function that takes bits."""
    args = list(args)
    for i, step in _steps(f, tuple(map(type, args))):
        args[i] = step(args[i])
    return [_tensor(_numpy_in(value)) if isinstance(value, np.ndarray) else value for value in args]


# ---- outputs of the caller -------------------------------------------------------------------------------------------


def _output(f: Any, index: int, array: Any) -> tuple[Any, np.ndarray | None]:
    """What to pass for output `array`; and an array that is passed in its place and to be copied from, or None."""
    cls = type(array)
    if isinstance(array, np.ndarray):
        if not array.flags.writeable:
            raise InvalidArgument(f"output {index} is read-only")
        array = _bits(array) if f._numpy_call is not f.call else array
        passed = _numpy_in(array)
        return _tensor(passed), None if passed is array else passed
    if issubclass(cls, _torch_tensor()):
        _check_torch_type(cls)
        torch = sys.modules["torch"]
        if array.requires_grad and torch.is_grad_enabled():
            raise InvalidArgument(f"output {index} requires a gradient, which writing into it would lose")
        torch.autograd.graph.increment_version(array)
        return _resolved(array), None
    if not is_array_type(cls):
        raise InvalidArgument(f"output {index} is {cls.__name__}, an array expected")
    if cls.__module__.partition(".")[0] in ("jax", "jaxlib"):
        raise InvalidArgument(f"output {index} is an array of JAX, which can't be written into")
    return array, None


def call_out(f: Any, args: tuple, out: Any) -> Any:
    """f(*args, out=out)."""
    outs = tuple(out) if isinstance(out, (tuple, list)) else (out,)
    if len(outs) != len(f.results):
        raise InvalidArgument(f"out has {len(outs)} arrays, {f.name} has {len(f.results)} results")
    passed = [_output(f, i, array) for i, array in enumerate(outs)]
    values = to_packed(f, args)
    into = f._numpy_into if any(isinstance(array, np.ndarray) for array in (*args, *outs)) else f.into
    try:
        into(*values, *(tensor for tensor, _ in passed))
    except Error:
        raise
    except Exception as error:
        raise InvalidArgument(f"an argument can't be passed by DLPack: {error}") from error
    for array, (_, copy) in zip(outs, passed):
        if copy is not None:
            (_bits(array) if copy.dtype == np.uint16 else array)[...] = copy
    return out
