# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The compiled module, loaded at first use.

The package tvm_ffi imports PyTorch where that is installed, which takes a second or two, and has no switch for it. So
`import fuser` loads its library alone, which the extension is linked with, and the package when something is compiled.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import pathlib
import sys
import threading
from typing import Any



def _load_tvm_ffi() -> None:
    spec = importlib.util.find_spec("tvm_ffi")
    library = pathlib.Path(spec.origin).parent / "lib" / "libtvm_ffi.so" if spec and spec.origin else None
    if library and library.exists():
        ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)
    else:
        import tvm_ffi  # noqa: F401


if "tvm_ffi" not in sys.modules:
    _load_tvm_ffi()

from . import _core as core  # noqa: E402

_lock = threading.Lock()
_module: Any = None


class Error(Exception):
    """An error of fuser; the message is the library's."""


class InvalidArgument(Error, ValueError):
    """What was given is wrong: a program's text, an option, or the number, shape, dtype, device or strides of values."""


class NotFound(Error, LookupError):
    """There is no such function; the message lists those that there are."""


class OutOfMemory(Error, MemoryError):
    """There is no memory for outputs."""


def module() -> Any:
    """The module `_core`. Its packed functions are described in python/src/Core.cpp."""
    return _module or _load()


def _load() -> Any:
    global _module
    with _lock:
        if _module is None:
            has_torch = "torch" in sys.modules
            import tvm_ffi

            for cls in (Error, InvalidArgument, NotFound, OutOfMemory):
                tvm_ffi.register_error(f"fuser.{cls.__name__}", cls)
            core.use_errors(InvalidArgument, NotFound, OutOfMemory, Error, Error)
            _module = tvm_ffi.load_module(core.__file__)
            if has_torch:
                _module.share_threads()
        return _module


def stats() -> dict:
    """What the process's session has done: hits and misses of the kernel cache, compilations with their stages and
    reasons, launches, fallbacks by reason, memory. Thread-safe."""
    return json.loads(module().stats())


def empty_cache() -> None:
    """Gives freed outputs that are kept for later ones back to the system."""
    module().trim(0)


def set_cache_limit(bytes: int) -> None:
    """From now on keeps at most `bytes` bytes of freed outputs; 0: none. Until then FUSER_CACHE_MIB says, or 1 GiB."""
    module().set_cache_limit(bytes)


def synchronize_compilations() -> None:
    """Returns when the session's thread has no kernel to make any more: calls that come again run final kernels."""
    module().wait()


def can_fuse_on_gpu() -> bool:
    """Whether arrays on CUDA devices can be used: there is a driver and a device that fuser knows. The first such
    question of a process loads the driver."""
    return bool(module().can_fuse_on_gpu())


def num_threads() -> int:
    """How many threads run a kernel, at the most: what FUSER_NUM_THREADS says, or as many as the process may use."""
    return module().num_threads()
