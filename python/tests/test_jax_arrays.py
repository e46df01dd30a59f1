# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of JAX as arguments and results."""

import pytest

jnp = pytest.importorskip("jax.numpy")

import numpy as np  # noqa: E402

import fuser  # noqa: E402
from conftest import SCALE_ADD, copy_program  # noqa: E402


@pytest.mark.parametrize("name", ["bool", "uint8", "int8", "int16", "int32", "float16", "bfloat16", "float32"])
def test_element_types(name):
    x = jnp.arange(10).astype(name)
    y = fuser.compile(copy_program(fuser._trace.MLIR_TYPES[name]))(x)
    assert isinstance(y, type(x)) and y.dtype == x.dtype and np.array_equal(y, x)


def test_calls(scale_add, two_results):
    x = jnp.linspace(0, 1, 12).reshape(3, 4)
    for _ in range(2):
        assert np.array_equal(scale_add(x, x), np.asarray(x) * np.asarray(x) + np.asarray(x))
        assert np.array_equal(scale_add(x.T, x.T).T, scale_add(x, x))
        a, b = two_results(x[0], x[1])
        assert isinstance(a, type(x)) and np.array_equal(a, x[0] + x[1]) and np.array_equal(b, x[0] * x[1])
    assert isinstance(scale_add(x, np.asarray(x)), type(x))
    assert np.array_equal(fuser.jit(lambda x: x * 2)(x), x * 2)


def test_bfloat16_beside_numpy():
    f = fuser.compile(SCALE_ADD.replace("f32", "bf16"))
    x = jnp.ones((2, 3), jnp.bfloat16)
    for _ in range(2):
        y = f(x, np.asarray(x))
        assert isinstance(y, type(x)) and y.dtype == x.dtype and (y == 2).all()
        assert np.array_equal(f(np.asarray(x), x), y)


def test_out_is_refused(scale_add):
    x = jnp.ones((3, 4))
    with pytest.raises(fuser.InvalidArgument, match="JAX"):
        scale_add(x, x, out=x)
