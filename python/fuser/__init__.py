# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fuser compiles tensor programs into fused kernels and runs them on arrays of NumPy, PyTorch and JAX.

`compile` takes a program as MLIR text, `jit` a Python function over arrays, `evaluate` an expression as numexpr does,
and `torch.compile(model, backend="fuser")` a PyTorch model. One compiler session serves the process; it starts at first
use.
"""

from ._evaluate import evaluate
from ._function import Function, Signature, compile, explain, show
from ._jit import jit
from ._library import (
    Error,
    InvalidArgument,
    NotFound,
    OutOfMemory,
    can_fuse_on_gpu,
    empty_cache,
    num_threads,
    set_cache_limit,
    stats,
    synchronize_compilations,
)

__version__ = "0.1.0"

__all__ = [
    "Error",
    "Function",
    "InvalidArgument",
    "NotFound",
    "OutOfMemory",
    "Signature",
    "can_fuse_on_gpu",
    "compile",
    "empty_cache",
    "evaluate",
    "explain",
    "jit",
    "num_threads",
    "set_cache_limit",
    "show",
    "stats",
    "synchronize_compilations",
]
