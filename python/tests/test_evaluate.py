# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fuser.evaluate, against numexpr and NumPy."""

import numpy as np
import pytest
from conftest import ulps

import fuser

a = np.linspace(0.5, 2, 7)
EXPRESSIONS = [
    "2*a + 3*b",
    "2*a + exp(b)",
    "sin(a)**2 + cos(a)**2",
    "where(a > b, a, -b)",
    "sqrt(a) * arctan2(a, b) - log1p(a) / expm1(b)",
    "a % b + a ** 3 - (a - b)",
    "abs(-a) + floor(a) + ceil(b)",
    "~(a > b) & (b < 2) | (a == b)",
    "(a <= b) & (a != 3) & (b >= 0)",
    "arcsinh(a) + tanh(b) * log10(a) + log(b) - sinh(a) + cosh(a) - tan(b) + arctanh(a / 9)",
    "fmod(a, b) + arcsin(a / 9) + arccos(b / 9) + arctan(a) + arccosh(a + 1)",
    "ones_like(a) * 3 - -a + +b",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_as_numexpr(text):
    numexpr = pytest.importorskip("numexpr")
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 4, 5)) + 0.5
    found, expected = fuser.evaluate(text), numexpr.evaluate(text)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15) if found.dtype.kind == "f" else np.testing.assert_equal(found, expected)


def test_integers_as_numexpr():
    numexpr = pytest.importorskip("numexpr")
    i, j = np.array([-7, 7, 5, -5]), np.array([2, -2, 3, 3])
    for text in ("i % j", "i + j * 2", "i & j | i ^ 3", "~i", "i << 2", "i >> 1", "i / j", "i // j"):
        found, expected = fuser.evaluate(text), numexpr.evaluate(text)
        assert found.dtype == expected.dtype and np.array_equal(found, expected), text


def test_names():
    b = np.float32(2) * np.ones(7, np.float32)
    assert ulps(fuser.evaluate("a * b"), a * b) == 0
    assert fuser.evaluate("a", {"a": np.ones(2)})[1] == 1
    assert fuser.evaluate("a + c", {"a": np.ones(2)}, {"c": 3})[1] == 4
    with pytest.raises(fuser.InvalidArgument, match="no variable missing"):
        fuser.evaluate("missing + 1")


def test_dtypes():
    x = np.ones(3, np.float32)
    for text, dtype in [("2*x", np.float32), ("2.5*x", np.float32), ("x > 0", np.bool_), ("x * a[0]", None)]:
        if dtype:
            assert fuser.evaluate(text).dtype == dtype
    s = 2.5
    assert fuser.evaluate("x * s").dtype == np.float32


def test_out():
    out = np.empty(7)
    assert fuser.evaluate("2 * a", out=out) is out
    assert np.array_equal(out, 2 * a)


def test_kept():
    before = fuser._evaluate._parse.cache_info().hits
    for size in range(1, 5):
        x = np.ones(size)
        assert fuser.evaluate("x * 123 + 1")[0] == 124
    assert fuser._evaluate._parse.cache_info().hits == before + 3
    assert len(fuser._evaluate._parse("x * 123 + 1")[1]._specialisations) == 1


def test_torch():
    torch = pytest.importorskip("torch")
    x = torch.ones(3)
    assert type(fuser.evaluate("x * 2")) is torch.Tensor


@pytest.mark.parametrize(
    "text, message",
    [
        ("sum(a)", "combines elements"),
        ("frobnicate(a)", "no function frobnicate"),
        ("a and a", "use &"),
        ("not a", "use &"),
        ("a < a < a", r"\(a < b\)"),
        ("a.T", "can't compute"),
        ("a[0]", "can't compute"),
        ("__import__('os').system('true')", "can't compute"),
        ("(lambda: 1)()", "can't compute"),
        ("[a for a in a]", "can't compute"),
        ("'text'", "can't compute"),
        ("2j * a", "can't compute"),
        ("a +", "can't read"),
        ("a; a", "can't read"),
        ("a\0", "can't read"),
        ("(" * 500 + "a" + ")" * 500, "can't read"),
    ],
)
def test_errors(text, message):
    with pytest.raises(fuser.InvalidArgument, match=message):
        fuser.evaluate(text)
