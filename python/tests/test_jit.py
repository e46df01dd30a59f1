# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fuser.jit, against NumPy."""

import inspect
import threading

import numpy as np
import pytest
from conftest import ulps

import fuser
from fuser import _trace, _ufuncs

RNG = np.random.default_rng(2)
FLOATS = [np.float16, np.float32, np.float64]
INTEGERS = [np.uint8, np.int8, np.int16, np.int32, np.int64]
DTYPES = [np.bool_, *INTEGERS, *FLOATS]

# The values where a function is worth testing.
DOMAINS = {
    "log": (1e-3, 1e3),
    "log2": (1e-3, 1e3),
    "log10": (1e-3, 1e3),
    "log1p": (-0.9, 1e3),
    "sqrt": (0, 1e3),
    "arcsin": (-1, 1),
    "arccos": (-1, 1),
    "arctanh": (-0.99, 0.99),
    "arccosh": (1, 100),
    "power": (0.01, 5),
    "float_power": (0.01, 5),
}
# Correctly rounded, or exact.
EXACT = set(
    "add subtract multiply divide floor_divide remainder fmod negative absolute fabs minimum maximum fmin fmax bitwise_and "
    "bitwise_or bitwise_xor invert left_shift right_shift sqrt reciprocal rint ceil floor trunc square sign positive "
    "conjugate heaviside logical_and logical_or logical_xor logical_not isnan isinf isfinite".split()
) | set(_ufuncs._COMPARISONS)
UFUNCS = sorted(
    {*_ufuncs._NUMERIC, *_ufuncs._FLOAT, *_ufuncs._COMPOSED, *_ufuncs._LOGICAL, *_ufuncs._COMPARISONS, *_ufuncs._TESTS}
    | {"logical_not", "positive", "conjugate"}
)


def operands(name, dtype, count):
    low, high = DOMAINS.get(name, (-20, 20))
    if np.dtype(dtype).kind == "f":
        return [(RNG.random(300) * (high - low) + low).astype(dtype) for _ in range(count)]
    if dtype is np.bool_:
        if name in ("floor_divide", "remainder", "fmod"):
            return [np.ones(300, np.bool_) for _ in range(count)]
        return [RNG.random(300) < 0.5 for _ in range(count)]
    low, high = (1, 5) if "shift" in name or "power" in name else (1, 100)
    return [RNG.integers(low, high, 300).astype(dtype) for _ in range(count)]


def check(name, found, expected, reference=None):
    assert found.dtype == expected.dtype and found.shape == expected.shape
    if name in EXACT or found.dtype.kind != "f":
        assert np.array_equal(found, expected, equal_nan=found.dtype.kind == "f")
        return
    # docs/Numerics.md, rounded up; the reference has 64 bits.
    bounds = {"sinh": 1.8, "cosh": 1.31, "arccosh": 1.73, "tan": 1.43, "arctan2": 1.42, "power": 1.16, "float_power": 1.16}
    assert ulps(found, expected if reference is None else reference) <= bounds.get(name, 1.1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs(name, dtype):
    ufunc = getattr(np, name)
    args = operands(name, dtype, ufunc.nin)
    function = lambda *args: ufunc(*args)  # noqa: E731
    function.__signature__ = inspect.Signature(
        [inspect.Parameter(c, inspect.Parameter.POSITIONAL_ONLY) for c in "xy"[: ufunc.nin]]
    )
    traced = fuser.jit(function)
    try:
        with np.errstate(all="ignore"):
            expected = ufunc(*args)
    except TypeError as error:
        with pytest.raises(TypeError) as raised:
            traced(*args)
        assert type(raised.value) is type(error)
        return
    wide = [arg.astype(np.longdouble) if expected.dtype.kind == "f" else arg for arg in args]
    if "deg" in name or "rad" in name:
        assert ulps(traced(*args), ufunc(*wide)) < 2  # two roundings: of the factor and of the product
        return
    try:
        found = traced(*args)
    except fuser.InvalidArgument as error:
        assert "can't trace np." in str(error) and dtype not in FLOATS, str(error)
        assert name in ("reciprocal", "sign"), "an op is missing"
        return
    with np.errstate(all="ignore"):
        reference = ufunc(*wide) if name not in EXACT and expected.dtype.kind == "f" else None
    check(name, found, expected, reference)


@pytest.mark.parametrize("other", [*DTYPES, int, float, bool])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["add", "multiply", "divide", "maximum", "less"])
def test_promotion(name, dtype, other):
    ufunc = getattr(np, name)
    x = np.array([1, 0, 1], dtype)
    y = other(1) if other in (int, float, bool) else np.array([1, 1, 0], other)
    traced = fuser.jit(lambda x, y: ufunc(x, y))
    constant = fuser.jit(lambda x: ufunc(x, y))
    with np.errstate(all="ignore"):
        expected = ufunc(x, y)
        check(name, traced(x, y), expected)
        check(name, constant(x), expected)


def test_numbers_stay_weak():
    x = np.ones(3, np.float32)
    f = fuser.jit(lambda x, s, n: (x * (s * 2 + n), (x > s) * n, np.exp(s) * x))
    a, b, c = f(x, 0.25, 3)
    assert a.dtype == np.float32 and a[0] == 3.5
    assert b.dtype == ((x > 0.25) * 3).dtype
    assert c.dtype == (np.exp(0.25) * x).dtype == np.float64
    launches = len(f._specialisations)
    f(x, 0.5, 7)
    assert len(f._specialisations) == launches
    assert np.array_equal(fuser.jit(lambda x: x + np.float64(0.1))(x), x + np.float64(0.1))
    with pytest.raises(OverflowError):
        fuser.jit(lambda x: x + 300)(np.ones(3, np.int8))


X = RNG.random((4, 6, 1), np.float32)
FUNCTIONS = {
    "where": lambda x: np.where(x > 0.5, x, 0),
    "where of dtypes": lambda x: np.where(x > 0.5, x.astype(np.int32), x),
    "clip": lambda x: np.clip(x, 0.25, 0.75),
    "clip method": lambda x: x.clip(max=0.5),
    "concatenate": lambda x: np.concatenate([x, x[1:], x.astype(np.float64)]),
    "concatenate last": lambda x: np.concatenate([x, x * 2], axis=-1),
    "concatenate flat": lambda x: np.concatenate([x, x[0]], axis=None),
    "stack": lambda x: np.stack([x, x + 1], axis=-1),
    "broadcast_to": lambda x: np.broadcast_to(x, (3, 4, 6, 5)) + 1,
    "broadcast to a shape": lambda x: np.broadcast_to(x[0], x.shape) * 2,
    "transpose": lambda x: np.transpose(x, (1, 0, 2)),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "swapaxes": lambda x: np.swapaxes(x, 0, -1),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1),
    "moveaxis of several": lambda x: np.moveaxis(x, (0, 2), (1, 0)),
    "expand_dims": lambda x: np.expand_dims(x, (0, -1)),
    "squeeze": lambda x: np.squeeze(x, axis=2),
    "squeeze method": lambda x: x.squeeze(-1),
    "reshape": lambda x: np.reshape(x, (2, -1)) + x.reshape(2, 12),
    "ravel": lambda x: x.ravel() + np.ravel(x),
    "zeros_like": lambda x: np.zeros_like(x) + np.ones_like(x, dtype=np.float64),
    "full_like": lambda x: np.full_like(x, 2.5),
    "round": lambda x: np.round(x * 10) + (x * 10).round(),
    "nan_to_num": lambda x: np.nan_to_num(np.log(x - 0.5)),
    "astype": lambda x: (x * 300).astype(np.int16),
    "copy": lambda x: x.copy(),
    "slice": lambda x: x[1:3, ::2],
    "negative slice": lambda x: x[-3:-1, -1:],
    "index": lambda x: x[1, :, 0] + x[-1, :, 0] + x[-2, :, -1],
    "newaxis": lambda x: x[None, ..., None] + x[:, np.newaxis, :, :, np.newaxis],
    "ellipsis": lambda x: x[..., 0],
    "powers": lambda x: x**2 + x**0.5 + x**-1 + x**1,
    "reflected": lambda x: 1 - x + 2 / (x + 1) - (2 ** (x > 0.5)),
    "ndim": lambda x: x * x.ndim + np.ndim(x),
    "bitwise": lambda x: ~(x > 0.5) & (x < 0.9) | (x == 1),
    "real": lambda x: x.real + np.conj(x) + abs(-x) + +x,
    "constant": lambda x: np.float32(2.5) * x,
    "several": lambda x: [x, x + 1],
    "one in a tuple": lambda x: (x + 1,),
    "number": lambda x: (x, 2.5, 3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    function = FUNCTIONS[name]
    traced = fuser.jit(function)
    shapes = [(4, 6, 1), (8, 6, 1)] if name not in ("reshape", "broadcast_to") else [(4, 6, 1)]
    for shape in shapes:
        x = RNG.random(shape, np.float32)
        with np.errstate(all="ignore"):
            expected, found = function(x), traced(x)
        assert isinstance(found, tuple) == isinstance(expected, (tuple, list))
        if not isinstance(expected, (tuple, list)):
            expected, found = (expected,), (found,)
        assert len(found) == len(expected)
        for a, b in zip(found, expected):
            assert a.shape == np.shape(b) and a.dtype == np.asarray(b).dtype
            assert ulps(a, b) <= 1 if a.dtype.kind == "f" else np.array_equal(a, b)
    assert len(traced._specialisations) == 1, "traced once for all shapes"


def test_captured_arrays():
    w = np.arange(3, dtype=np.float32)
    f = fuser.jit(lambda x: x * w + w)
    x = np.ones(3, np.float32)
    assert np.array_equal(f(x), x * w + w)
    w[:] = 7
    assert np.array_equal(f(x), x * w + w)


def test_keys():
    f = fuser.jit(lambda x: x + 1)
    for x in (np.ones(3), np.ones((3, 3)), np.ones(3, np.float32), np.ones(5), np.float32(1)):
        assert np.array_equal(f(x), x + 1)
    assert len(f._specialisations) == 4


def test_static_arguments():
    @fuser.jit(static=["axis"])
    def f(x, y, axis, scale=True, name="a"):
        assert name == "a"
        z = np.concatenate([x, y], axis=axis)
        return z * 2 if scale else z

    x = np.ones((2, 2))
    assert f(x, x, 0).shape == (4, 2) and f(x, y=x, axis=1).shape == (2, 4)
    assert f(x, x, axis=0, scale=False)[0, 0] == 1
    with pytest.raises(fuser.InvalidArgument, match="no argument b"):
        fuser.jit(lambda a: a, static=["b"])


def test_descriptions(capsys):
    @fuser.jit
    def gate(x):
        """Doc."""
        return np.exp(x) * x

    x = np.ones(3, np.float32)
    gate(x)
    assert gate.__name__ == "gate" and gate.__doc__ == "Doc."
    assert "fuser.exp" in gate.text(x)
    assert "linalg.generic" in gate.code(x, stage="linalg")
    fuser.show(gate, x, stage="llvm")
    assert "define" in capsys.readouterr().out
    explained = fuser.explain(gate)
    assert explained["function"] == "gate" and explained["specialisations"][0]["decisions"]


def in_place(x):
    x += 1
    return x


def assign(x):
    x[0] = 1
    return x


@pytest.mark.parametrize(
    "function, message",
    [
        (lambda x: x if x[0] > 0 else -x, "control flow.*np.where"),
        (lambda x: max(x, 1), "control flow"),
        (lambda x: np.sum(x), "sum.*combines"),
        (lambda x: x.mean(), "mean.*combines"),
        (lambda x: np.add.reduce(x), "add.reduce"),
        (lambda x: x @ x, "matmul.*combines"),
        (lambda x: np.linalg.norm(x), "norm.*combines"),
        (lambda x: x[x > 0], "np.where"),
        (lambda x: x[::-1], "positive"),
        (lambda x: x[:, 0], "too many indices"),
        (in_place, "y = y"),
        (assign, "np.where"),
        (lambda x: float(x[0]), "Python number"),
        (lambda x: [y for y in x], "loop"),
        (lambda x: len(x), r"len\(\)"),
        (lambda x: x.reshape(x.shape[0], 1), "-1"),
        (lambda x: np.zeros(x.shape), "size of an array"),
        (lambda x: np.cbrt(x), "np.cbrt of float64"),
        (lambda x: np.modf(x), "several results"),
        (lambda x: np.add(x, x, out=x), "out="),
        (lambda x: np.asarray(x), "NumPy array"),
        (lambda x: x.astype(np.complex128), "complex128"),
        (lambda x: x * 1j, "complex"),
        (lambda x: x.tobytes(), "tobytes"),
        (lambda x: np.roll(x, 1), "roll.*concatenate"),
        (lambda x: None, "None"),
        (lambda x: "text", "str"),
    ],
)
def test_what_can_not_be_traced(function, message):
    with pytest.raises((fuser.InvalidArgument, IndexError), match=message):
        fuser.jit(function)(np.ones(3))


def test_arguments_that_can_not_be_traced():
    f = fuser.jit(lambda x: x)
    for bad in (np.ones(3, complex), np.ones(3, np.uint16), [1, 2], np.array(["a"])):
        with pytest.raises(fuser.InvalidArgument):
            f(bad)
    kept = []
    g = fuser.jit(lambda x: kept.append(x) or x)
    g(np.ones(3))
    with pytest.raises(fuser.InvalidArgument, match="another call"):
        fuser.jit(lambda x: x + kept[0])(np.ones(3))


def test_torch():
    torch = pytest.importorskip("torch")
    f = fuser.jit(lambda x, y: (np.exp(x) * y, np.where(x > y, x, y)))
    x, y = torch.rand(3, 4), torch.rand(3, 4)
    a, b = f(x, y)
    assert type(a) is torch.Tensor and torch.allclose(a, torch.exp(x) * y) and torch.equal(b, torch.maximum(x, y))
    x = x.bfloat16()
    (y,) = fuser.jit(lambda x: (x * 2.5 + x,))(x)
    assert y.dtype == torch.bfloat16 and torch.equal(y, (x * 2.5 + x))


def test_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.arange(5).astype(ml_dtypes.bfloat16)
    f = fuser.jit(lambda x, y: (x + 1, x * y, x.astype(np.float32), x > 1))
    a, b, c, d = f(x, np.ones(5, np.float16))
    assert a.dtype == x.dtype and b.dtype == np.float32 and c.dtype == np.float32 and d.dtype == np.bool_
    assert np.array_equal(a, x + 1)


def test_threads():
    f = fuser.jit(lambda x: x * 2 + 1)
    failures = []

    def work(rank):
        for size in range(50):
            x = np.full((2,) * rank + (size,), 3.0)
            if not np.array_equal(f(x), x * 2 + 1):
                failures.append((rank, size))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(f._specialisations) == 4


def test_every_function_is_tested():
    tested = " ".join(inspect.getsource(function) for function in FUNCTIONS.values())
    aliases = {"concat", "around", "permute_dims", "matrix_transpose", "astype", "shape", "copy", "real"}
    missing = [name for name in _trace.FUNCTIONS if f"np.{name}(" not in tested and name not in aliases]
    assert not missing
