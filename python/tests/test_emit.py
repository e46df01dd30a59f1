# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The writer of programs: everything that it writes can be compiled."""

import struct

import numpy as np
import pytest

import fuser
from fuser import _emit


def compiled(program, *results):
    return fuser.compile(program.text(results))


@pytest.mark.parametrize("dtype", ["f16", "f32", "f64"])
def test_float_literals(dtype):
    numpy = {"f16": np.float16, "f32": np.float32, "f64": np.float64}[dtype]
    program = _emit.Program()
    numbers = [0.0, -0.0, 1.5, 0.1, -1e-7, 65504.0, float("inf"), float("-inf"), float("nan")]
    results = compiled(program, *[program.constant(number, dtype) for number in numbers])()
    for found, number in zip(results, numbers):
        expected = numpy(number)
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes() or number != number and np.isnan(found)


def test_bfloat16_literals():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    program = _emit.Program()
    numbers = [0.0, -0.0, 1.5, 0.1, 1.00390625, 1.01171875, -3e38, float("inf"), float("nan")]
    results = compiled(program, *[program.constant(number, "bf16") for number in numbers])()
    for found, number in zip(results, numbers):
        assert found.tobytes() == ml_dtypes.bfloat16(number).tobytes() or number != number and np.isnan(found)


def test_literals_that_do_not_fit():
    with pytest.raises(OverflowError):
        _emit.literal(1e6, "f16")
    assert _emit.literal(True, "i1") == "true" and _emit.literal(-3, "i8") == "-3"
    assert _emit.literal(1.0, "f32") == f"0x{struct.unpack('<I', struct.pack('<f', 1.0))[0]:08X}"


def test_broadcast_shape():
    assert _emit.broadcast_shape([(None, 4), (4,)]) == (None, 4)
    assert _emit.broadcast_shape([(1, 4), (3, 1)]) == (3, 4)
    assert _emit.broadcast_shape([(None,), (1,), ()]) == (None,)
    assert _emit.broadcast_shape([(None,), (4,)]) == (None,)


def test_static_shapes():
    program = _emit.Program("shapes")
    x = program.argument("f32", (2, 6))
    parts = [program.slice(x, 1, 0, 4), program.slice(x, 1, -1, 2**63 - 1), program.slice(x, 1, 0, 6, 3)]
    joined = program.concat(parts, 1)
    assert joined.shape == (2, 7)
    turned = program.transpose(joined, [1, 0])
    wide = program.broadcast_to(program.expand_dims(turned, 0), [5, -1, -1])
    flat = program.reshape(program.squeeze(program.expand_dims(wide, 3), 3), [-1, 2])
    f = compiled(program, flat)
    assert f.name == "shapes"
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    expected = np.concatenate([x[:, :4], x[:, -1:], x[:, ::3]], 1).T
    assert np.array_equal(f(x), np.broadcast_to(expected, (5, 7, 2)).reshape(-1, 2))


def test_attributes_and_numbers():
    program = _emit.Program()
    x = program.argument("f32", (None,))
    s = program.splat(program.number("f64"), "f32")
    y = program.pointwise("leaky_relu", x, attributes="slope 1.000000e-01")
    z = program.select(program.compare("gt", y, s), y, program.cast(program.test("is_nan", x), "f32"))
    f = compiled(program, z)
    x = np.array([-10, 1, 3, np.nan], np.float32)
    assert np.array_equal(f(x, 0.5), np.array([0, 1, 3, 1], np.float32))
