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


_NUMPY = (np.ndarray, np.generic)


def _takes_bits(f: Any, types: list) -> bool:
    """Whether a call with arrays of such types passes bfloat16 as its bits: NumPy's can't be passed otherwise."""
    arrays = [cls for cls in types if is_array_type(cls)]
    return f._numpy_call is not f.call and (not arrays or any(issubclass(cls, _NUMPY) for cls in types))


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


def _not_bits(array: Any) -> Any:
    """`array`, which is passed beside bits of bfloat16, and must not be taken for such."""
    if str(array.dtype).endswith("uint16"):
        raise InvalidArgument("an array is uint16, which is not supported")
    return array


def _bits(array: np.ndarray) -> np.ndarray:
    """bfloat16 as its bits, which DLPack can say; see callBitsPacked in python/src/Callee.h."""
    if array.dtype.char == "E" and array.dtype.name == "bfloat16":
        return array.view(np.uint16)
    return _not_bits(array)


def _step(f: Any, index: int, cls: type, bits: bool) -> Callable | None:
    """What is done to argument `index`, an instance of `cls`; None for nothing."""
    if issubclass(cls, np.ndarray):
        if issubclass(cls, np.ma.MaskedArray):
            raise InvalidArgument("masked arrays are not supported: pass array.data or array.filled()")
        return _bits if bits else None
    if issubclass(cls, np.generic):
        is_scalar = index < len(f.arguments) and f.arguments[index].is_scalar
        if is_scalar:
            return lambda scalar: scalar.item()
        return (lambda scalar: _bits(np.asarray(scalar))) if bits else np.asarray
    if issubclass(cls, _torch_tensor()):
        _check_torch_type(cls)
        return (lambda tensor: _not_bits(_resolved(tensor))) if bits else _resolved
    return _not_bits if bits and is_array_type(cls) else None


def _steps(f: Any, types: tuple, bits: bool) -> list[tuple[int, Callable]]:
    steps = [(i, _step(f, i, cls, bits)) for i, cls in enumerate(types)]
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


def _result_maker(types: tuple) -> tuple[Callable, Callable]:
    """What makes an array of the caller's kind of one result, and what gives its bfloat16."""
    cls = next((cls for cls in types if issubclass(cls, np.generic) or is_array_type(cls)), np.ndarray)
    if issubclass(cls, _NUMPY):
        return np.from_dlpack, bfloat16
    if issubclass(cls, _torch_tensor()):
        return _as_is, lambda: sys.modules["torch"].bfloat16
    if hasattr(cls, "__array_namespace__"):
        namespace = _namespace(cls)
        return namespace.from_dlpack, lambda: getattr(namespace, "bfloat16", None)
    return _as_is, lambda: None


def _namespace(cls: type) -> Any:
    """The array library that `cls` is of."""
    import importlib

    package = cls.__module__.partition(".")[0]
    package = {"jaxlib": "jax.numpy", "jax": "jax.numpy"}.get(package, package)
    return importlib.import_module(package)


def _finisher(f: Any, types: tuple, bits: bool) -> Callable:
    """What turns that which the packed function returns into what the caller gets."""
    make, named = _result_maker(types)
    if bits and any(each.dtype == "bfloat16" for each in f.results):
        dtype = named()
        if dtype is None:
            raise InvalidArgument("NumPy's bfloat16 beside arrays that can't be seen as another dtype")
        dtypes = [dtype if each.dtype == "bfloat16" else None for each in f.results]

        def finish(results: Any) -> Any:
            results = (results,) if f._single else results
            arrays = map(make, results)
            arrays = tuple(array if dtype is None else array.view(dtype) for array, dtype in zip(arrays, dtypes))
            return arrays[0] if f._single else arrays

        return finish
    if f._single:
        return make
    return lambda results: tuple(map(make, results))


# ---- paths -----------------------------------------------------------------------------------------------------------


def _path(f: Any, types: tuple) -> Callable:
    bits = _takes_bits(f, types)
    steps = _steps(f, types, bits)
    call = f._numpy_call if bits else f.call
    finish = _finisher(f, types, bits)

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


def to_packed(f: Any, args: tuple, bits: bool = True) -> list:
    """Arguments for a packed function, which takes bits or does not."""
    args = list(args)
    for i, step in _steps(f, tuple(map(type, args)), bits and f._numpy_call is not f.call):
        args[i] = step(args[i])
    return [_tensor(_numpy_in(value)) if isinstance(value, np.ndarray) else value for value in args]


# ---- outputs of the caller -------------------------------------------------------------------------------------------


def _output(index: int, array: Any, bits: bool) -> tuple[Any, np.ndarray | None]:
    """What to pass for output `array`; and an array that is passed in its place and to be copied from, or None."""
    cls = type(array)
    if bits and is_array_type(cls) and not isinstance(array, np.ndarray):
        _not_bits(array)
    if isinstance(array, np.ndarray):
        if not array.flags.writeable:
            raise InvalidArgument(f"output {index} is read-only")
        array = _bits(array) if bits else array
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
    bits = _takes_bits(f, [type(array) for array in (*args, *outs)])
    passed = [_output(i, array, bits) for i, array in enumerate(outs)]
    values = to_packed(f, args, bits)
    into = f._numpy_into if bits else f.into
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
