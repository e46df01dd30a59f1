# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fuser.compile and Function, with NumPy's arrays."""

import json
import pickle
import threading

import numpy as np
import pytest
from conftest import NUMBERS, SCALE_ADD, TWO_RESULTS, copy_program

import fuser

RNG = np.random.default_rng(1)


def pair(*shape):
    return RNG.random(shape, np.float32), RNG.random(shape, np.float32)


# ---- calls ----


@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (0, 4), (300, 1000)])
def test_call(scale_add, shape):
    x, y = pair(*shape)
    z = scale_add(x, y)
    assert type(z) is np.ndarray and z.dtype == np.float32 and z.flags.writeable
    assert np.array_equal(z, x * y + y)


def test_bytes(scale_add):
    x, y = pair(2, 2)
    assert np.array_equal(fuser.compile(SCALE_ADD.encode())(x, y), scale_add(x, y))


def test_read_only_inputs(scale_add):
    x, y = pair(3, 4)
    x.flags.writeable = False
    assert np.array_equal(scale_add(x, y), x * y + y)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[::2, 1:],
        lambda x: x.T,
        lambda x: x[::-1],
        lambda x: x[:, ::-1],
        lambda x: np.broadcast_to(x[:1], (6, 8)),
        lambda x: x.astype(">f4"),
        lambda x: np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float32).reshape(x.shape),
    ],
    ids=["strided", "transposed", "reversed", "reversed columns", "broadcast", "big-endian", "misaligned"],
)
def test_layouts(scale_add, view):
    x = view(RNG.random((6, 8), np.float32))
    y = np.ascontiguousarray(x, np.float32)
    assert np.array_equal(scale_add(x, y), y * y + y)
    assert np.array_equal(scale_add(y, x), y * y + y)


@pytest.mark.parametrize("name", fuser._trace.MLIR_TYPES)
def test_element_types(name):
    mlir = fuser._trace.MLIR_TYPES[name]
    dtype = name
    if name == "bfloat16":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    x = RNG.integers(0, 2 if name == "bool" else 100, 10).astype(dtype)
    f = fuser.compile(copy_program(mlir))
    y = f(x)
    assert y.dtype == x.dtype and np.array_equal(y, x) and not np.shares_memory(x, y)
    assert f.arguments[0].dtype == name
    out = np.zeros_like(x)
    assert f(x, out=out) is out and np.array_equal(out, x)


def test_bfloat16_is_not_uint16():
    f = fuser.compile(copy_program("bf16"))
    with pytest.raises(fuser.InvalidArgument, match="uint16"):
        f(np.zeros(3, np.uint16))


def test_rank_0():
    f = fuser.compile(copy_program("f64", 0))
    assert f(np.array(2.5)) == 2.5
    assert f(np.float64(2.5)) == 2.5


def test_numbers(numbers):
    x = np.arange(4.0)
    assert np.array_equal(numbers(x, 2.5, 3, True), x * 2.5 + 3)
    assert np.array_equal(numbers(x, 2, 3, False), x)
    assert np.array_equal(numbers(x, np.float32(2.5), np.int8(3), np.bool_(True)), x * 2.5 + 3)
    assert np.array_equal(numbers(x, True, False, True), x)
    with pytest.raises(fuser.InvalidArgument, match="i64"):
        numbers(x, 2.5, 3.5, True)
    with pytest.raises(fuser.InvalidArgument):
        numbers(x, 2.5, 2**70, True)


def test_several_results(two_results):
    x, y = pair(5)
    results = two_results(x, y)
    assert type(results) is tuple
    assert np.array_equal(results[0], x + y) and np.array_equal(results[1], x * y)


def test_large_results_are_reused(scale_add):
    x, y = pair(1024, 1024)
    expected = x * y + y
    for _ in range(5):
        z = scale_add(x, y)
        assert np.array_equal(z, expected)
    assert fuser.stats()["memory"]["hits"] > 0


# ---- outputs of the caller ----


def test_out(scale_add, two_results):
    x, y = pair(3, 4)
    out = np.empty((3, 4), np.float32)
    assert scale_add(x, y, out=out) is out
    assert np.array_equal(out, x * y + y)
    x, y = pair(5)
    outs = [np.empty(5, np.float32), np.empty(5, np.float32)]
    returned = two_results(x, y, out=outs)
    assert returned is outs
    assert np.array_equal(outs[0], x + y) and np.array_equal(outs[1], x * y)


def test_out_in_place_of_an_input(scale_add):
    x, y = pair(3, 4)
    expected = x * y + y
    scale_add(x, y, out=x)
    assert np.array_equal(x, expected)


def test_out_of_any_layout(scale_add):
    x, y = pair(4, 6)
    for out in (
        np.zeros((6, 4), np.float32).T,
        np.zeros((8, 6), np.float32)[::2],
        np.zeros((4, 6), np.float32)[::-1],
        np.zeros((4, 6), ">f4"),
    ):
        scale_add(x, y, out=out)
        assert np.array_equal(out, x * y + y)


def test_out_errors(scale_add, two_results):
    x, y = pair(3, 4)
    read_only = np.empty((3, 4), np.float32)
    read_only.flags.writeable = False
    for out, message in [
        (read_only, "read-only"),
        (np.empty((3, 5), np.float32), r"\[3, 5\]"),
        (np.empty((3, 4), np.float64), "f64"),
        ([1.0], "array expected"),
        ([x, y], "2 arrays"),
    ]:
        with pytest.raises(fuser.InvalidArgument, match=message):
            scale_add(x, y, out=out)
    before = x.copy()
    with pytest.raises(fuser.InvalidArgument):
        scale_add(x[:, :2], y[:, :2], out=x[:, 1:3])
    assert np.array_equal(x, before)


# ---- errors ----


def test_errors_are_pythons_too():
    assert issubclass(fuser.InvalidArgument, ValueError) and issubclass(fuser.InvalidArgument, fuser.Error)
    assert issubclass(fuser.NotFound, LookupError) and issubclass(fuser.OutOfMemory, MemoryError)


def test_program_errors():
    with pytest.raises(fuser.InvalidArgument, match="mine:2:"):
        fuser.compile("func.func @f() {\n  oops\n}", name="mine")
    with pytest.raises(fuser.InvalidArgument, match="str or bytes"):
        fuser.compile(3)
    with pytest.raises(fuser.NotFound, match="scale_add"):
        fuser.compile(SCALE_ADD, function="other")
    with pytest.raises(fuser.InvalidArgument):
        fuser.compile(SCALE_ADD, max_ops=-1)


def test_choice_of_function():
    text = SCALE_ADD + TWO_RESULTS
    assert fuser.compile(text, function="sum_and_product").name == "sum_and_product"
    with pytest.raises(fuser.Error, match="scale_add"):
        fuser.compile(text)


@pytest.mark.parametrize(
    "args, message",
    [
        ((np.zeros((2, 2), np.float32),), "takes 2 arguments"),
        ((np.zeros((2, 2), np.float32),) * 3, "takes 2 arguments"),
        ((np.zeros((2, 2)), np.zeros((2, 2))), "'x'.*f64"),
        ((np.zeros(2, np.float32),) * 2, "'x'"),
        ((np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32)), r"\[2, 3\]"),
        ((np.zeros((2, 2), np.complex64),) * 2, "complex64|c64"),
        ((np.zeros((2, 2), "U3"),) * 2, "<U3"),
        (("text", None), "neither an array nor a number"),
        (([1.0], [2.0]), "neither an array nor a number"),
        ((1.0, 2.0), "'x'"),
        ((np.ma.zeros((2, 2)), np.zeros((2, 2))), "masked"),
    ],
)
def test_argument_errors(scale_add, args, message):
    for _ in range(2):
        with pytest.raises(fuser.InvalidArgument, match=message):
            scale_add(*args)


def test_integer_division_by_zero():
    f = fuser.compile(
        """func.func @f(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
          %0 = fuser.div_floor %x, %y : tensor<?xi32>
          return %0 : tensor<?xi32>
        }"""
    )
    x = np.arange(4, dtype=np.int32)
    assert np.array_equal(f(x, x + 1), x // (x + 1))
    with pytest.raises(fuser.InvalidArgument, match="zero"):
        f(x, x)


# ---- descriptions ----


def test_signature(numbers):
    assert [a.name for a in numbers.arguments] == ["x", "f", "i", "b"]
    assert [a.dtype for a in numbers.arguments] == ["float64", "float64", "int64", "bool"]
    assert [a.is_scalar for a in numbers.arguments] == [False, True, True, True]
    assert numbers.results[0].shape == (None,)
    f = fuser.compile("func.func @f(%x: tensor<2x?xf32>) -> tensor<2x?xf32> { return %x : tensor<2x?xf32> }")
    assert f.arguments[0].shape == (2, None)
    assert repr(f) == "<fuser.Function f(x: float32[2, ?]) -> (float32[2, ?])>"


def test_descriptions(scale_add, capsys):
    x, y = pair(3, 4)
    assert "fuser.group" in scale_add.groups()
    decisions = scale_add.explain()["decisions"]
    assert any(decision["fused"] for decision in decisions)
    assert fuser.explain(fuser.compile(SCALE_ADD, explain=True))["decisions"] == decisions
    assert fuser.explain(fuser.compile(SCALE_ADD, max_ops=1)) != scale_add.explain()
    assert fuser.compile(SCALE_ADD, max_ops=1).num_groups == 2 and scale_add.num_groups == 1
    assert "linalg.generic" in scale_add.code(x, y, stage="linalg")
    assert "define" in scale_add.code(x, y, stage="llvm")
    assert "gpu.func" in scale_add.code(x, y, stage="gpu")
    assert "nvvm.kernel" in scale_add.code(x, y, stage="nvvm")
    assert ".visible .entry" in scale_add.code(x, y, stage="ptx")
    fuser.show(scale_add, x, y)
    assert "mul" in capsys.readouterr().out
    with pytest.raises(fuser.InvalidArgument, match="linalg, llvm, asm, gpu, nvvm, ptx"):
        scale_add.code(x, y, stage="wasm")


def test_session(scale_add):
    x, y = pair(3, 4)
    scale_add(x, y)
    fuser.synchronize_compilations()
    scale_add(x, y)
    before = fuser.stats()
    scale_add(x, y)
    assert fuser.stats()["launches"] == before["launches"] + 1
    json.dumps(fuser.stats())
    assert fuser.num_threads() >= 1
    fuser.synchronize_compilations()
    fuser.empty_cache()
    assert fuser.stats()["memory"]["bytes_cached"] == 0
    fuser.set_cache_limit(1 << 20)
    scale_add(*pair(1024, 1024))
    assert fuser.stats()["memory"]["bytes_cached"] <= 1 << 20
    fuser.set_cache_limit(1 << 30)
    with pytest.raises(fuser.InvalidArgument):
        fuser.set_cache_limit(-1)


def test_pickle(scale_add):
    x, y = pair(3, 4)
    assert np.array_equal(pickle.loads(pickle.dumps(scale_add))(x, y), scale_add(x, y))


# ---- threads ----


def test_threads():
    f = fuser.compile(SCALE_ADD)
    failures = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for i in range(200):
            x, y = rng.random((2, 1 + i % 7, 5 + seed), np.float32)
            if not np.array_equal(f(x, y), x * y + y):
                failures.append((seed, i))
            if i % 50 == 0:
                fuser.compile(NUMBERS)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
