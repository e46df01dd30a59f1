# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled functions."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from . import _arrays
from ._library import InvalidArgument, core, module

_DTYPES = {
    (6, 8): "bool",
    (1, 8): "uint8",
    (0, 8): "int8",
    (0, 16): "int16",
    (0, 32): "int32",
    (0, 64): "int64",
    (2, 16): "float16",
    (4, 16): "bfloat16",
    (2, 32): "float32",
    (2, 64): "float64",
}
_STAGES = {"linalg": 0, "llvm": 1, "asm": 2, "gpu": 3, "nvvm": 4, "ptx": 5}


class Signature(NamedTuple):
    """An argument or a result of a function."""

    name: str
    """As the program has it, without %; may be empty."""
    dtype: str
    """NumPy's name, or "bfloat16"."""
    shape: tuple[int | None, ...]
    """Sizes; None for one that is not fixed."""
    is_scalar: bool
    """Whether it is a number, not an array."""


def _signature(description: dict) -> Signature:
    shape = tuple(None if size < 0 else size for size in description["shape"])
    return Signature(description["name"], _DTYPES[tuple(description["dtype"])], shape, description["scalar"])


class Function(core.Caller):
    """A compiled function, made by `fuser.compile`.

    Call it with arrays that speak DLPack (NumPy, PyTorch, JAX; all on the CPU) and with numbers where the program has
    scalars. It may be called from several threads. Shapes that the program leaves open can differ from call to call;
    kernels are made when they are needed and kept.
    """

    name: str
    """The function's name in the program."""
    arguments: tuple[Signature, ...]
    results: tuple[Signature, ...]

    into: Any
    """into(*arguments, *outputs): the fast way. A packed function of tvm_ffi: everything is a torch or tvm_ffi tensor or
    a number, outputs are written in place, nothing is returned. Does not look at what DLPack can't say: a tensor with
    the negative bit (`Tensor.is_neg`) is read as if it had none, and fake tensors must not be given."""
    call: Any
    """call(*arguments): the same, but outputs are allocated by fuser (on huge pages where they are large, and reused when
    dropped) and returned: a torch tensor if an argument is one, else a tvm_ffi tensor; an `ffi.Array` of several."""

    def __init__(self, text: str | bytes, options: tuple, explain: bool) -> None:
        self._text = text
        self._options = options
        load = module().load(text, *options, explain)
        self.call, self.into, self._call_bits, self._into_bits, self._code, self._query = load
        self._explains = explain
        self._bind(self._query("reference"))
        signature = json.loads(self._query("signature"))
        self.name = signature["name"]
        self.arguments = tuple(map(_signature, signature["arguments"]))
        self.results = tuple(map(_signature, signature["results"]))
        self.num_groups = signature["groups"]
        if any(each.dtype == "bfloat16" for each in self.arguments + self.results):
            self._numpy_call, self._numpy_into = self._call_bits, self._into_bits
        else:
            self._numpy_call, self._numpy_into = self.call, self.into
        self._single = len(self.results) == 1
        self._paths: dict[tuple, Any] = {}

    def __reduce__(self) -> tuple:
        return Function, (self._text, self._options, self._explains)

    def __repr__(self) -> str:
        def show(each: Signature) -> str:
            shape = "" if each.is_scalar else str([("?" if size is None else size) for size in each.shape])
            return f"{each.name + ': ' if each.name else ''}{each.dtype}{shape}".replace("'", "")

        arguments = ", ".join(map(show, self.arguments))
        return f"<fuser.Function {self.name}({arguments}) -> ({', '.join(map(show, self.results))})>"

    def __new__(cls, *_: Any) -> Function:
        return super().__new__(cls)

    def _call(self, *args: Any, out: Any = None) -> Any:
        """Runs the function; this is what a call does.

        Arguments are arrays of the program's dtypes and sizes, and numbers for its scalars. Results are arrays of the
        same kind as the first array among the arguments (NumPy's if there is none): one, or a tuple. They share no
        memory with arguments and belong to the caller.

        `out`: an array, or a sequence of as many arrays as there are results, to write into instead; it is returned as
        it is given. An output may be an argument, to be replaced element by element.

        PyTorch: tensors that require gradients are taken as they are; results have none (use `fuser.torch` for them).
        Sparse, quantised, meta and fake tensors and those with the negative or conjugate bit are refused.

        Raises `InvalidArgument` if numbers, dtypes, ranks, sizes or devices do not fit, and where an integer is divided
        by zero; `OutOfMemory`.
        """
        # Calls with torch tensors and numbers alone do not come here: see python/src/Caller.cpp.
        if out is None:
            path = self._paths.get(tuple(map(type, args)))
            if path is not None:
                return path(args)
            return _arrays.first_call(self, args)
        return _arrays.call_out(self, args, out)

    def groups(self) -> str:
        """The program's text as it was cut into fusion groups."""
        return self._query("groups")

    def explain(self) -> dict:
        """What was fused and what was not, and why."""
        query = self._query
        if not self._explains:
            query = module().load(self._text, *self._options, True)[5]
        for function in json.loads(query("explain")):
            if function.get("function") == self.name:
                return function
        return {}

    def code(self, *args: Any, stage: str = "asm") -> str:
        """The text of the kernels that a call with `args` uses, group by group: "asm" of this machine, "llvm" IR after
        optimisation, or "linalg" in MLIR; of the same call with arrays on a GPU, which need not be there, "gpu" or "nvvm"
        in MLIR, or "ptx"."""
        if stage not in _STAGES:
            raise InvalidArgument(f"stage is {stage!r}; there are {', '.join(_STAGES)}")
        return self._code(_STAGES[stage], *_arrays.to_packed(self, args))


def compile(
    text: str | bytes,
    *,
    function: str | None = None,
    name: str = "program",
    max_ops: int | None = None,
    max_operands: int | None = None,
    fast: bool = False,
    explain: bool = False,
) -> Function:
    """Compiles a function of a program.

    text: MLIR text or bytecode; docs/Dialect.md has the ops.
    function: which function; None for the only one.
    name: stands for the program in messages.
    max_ops, max_operands: of one group, at most; None for 500 and 256. max_ops=1 fuses nothing.
    fast: groups may leave out roundings of halves; results then depend on what is fused.
    explain: keep why ops were fused or not; `Function.explain` works without, but loads the text again.

    Raises `InvalidArgument` with the text's line and column, `NotFound` if there is no such function. Kernels are made
    by calls. Thread-safe.
    """
    if not isinstance(text, (str, bytes)):
        raise InvalidArgument(f"text is {type(text).__name__}, str or bytes expected")
    options = (name, function or "", max_ops or 0, max_operands or 0, bool(fast))
    return Function(text, options, bool(explain))


def explain(f: Any) -> dict:
    """`f.explain()`: what was fused in a compiled or traced function and what was not, and why."""
    return f.explain()


def show(f: Any, *args: Any, stage: str = "asm") -> None:
    """Prints the code of the kernels that `f(*args)` uses; see `Function.code`."""
    print(f.code(*args, stage=stage))
