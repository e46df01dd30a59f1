# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors of PyTorch as arguments and results."""

import threading
import weakref

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

import fuser  # noqa: E402
from conftest import SCALE_ADD, copy_program  # noqa: E402

DTYPES = [name for name in fuser._trace.MLIR_TYPES]


def pair(*shape):
    return torch.rand(shape), torch.rand(shape)


@pytest.mark.parametrize("name", DTYPES)
def test_element_types(name):
    f = fuser.compile(copy_program(fuser._trace.MLIR_TYPES[name]))
    x = torch.randint(0, 2 if name == "bool" else 100, (10,)).to(getattr(torch, name))
    y = torch.zeros_like(x)
    f.into(x, y)
    for result in (f(x), f(x), f.call(x), y):
        assert type(result) is torch.Tensor and result.dtype == x.dtype and torch.equal(result, x)


def test_call(scale_add, two_results, numbers):
    x, y = pair(3, 4)
    for _ in range(3):
        assert torch.equal(scale_add(x, y), x * y + y)
        assert torch.equal(scale_add(x.T, y.T), (x * y + y).T)
        a, b = two_results(x[0], y[0])
        assert torch.equal(a, x[0] + y[0]) and torch.equal(b, x[0] * y[0])
    assert isinstance(two_results(x[0], y[0]), tuple)
    z = torch.rand(4, dtype=torch.float64)
    for number in (2.5, 2, True):
        assert torch.equal(numbers(z, number, 3, True), z * number + 3)
    assert torch.equal(numbers(z, 2.5, 3, False), z)
    with pytest.raises(fuser.InvalidArgument, match="i64"):
        numbers(z, 2.5, 3.5, True)
    with pytest.raises(fuser.InvalidArgument):
        numbers(z, 2.5, 2**70, True)


def test_into(scale_add, numbers):
    x, y = pair(3, 4)
    out = torch.empty(3, 4)
    assert scale_add.into(x, y, out) is None
    assert torch.equal(out, x * y + y)
    expected = x * y + y
    scale_add.into(x, y, x)
    assert torch.equal(x, expected)
    z = torch.rand(4, dtype=torch.float64)
    out = torch.empty_like(z)
    numbers.into(z, 2.5, 3, True, out)
    assert torch.equal(out, z * 2.5 + 3)
    with pytest.raises(fuser.InvalidArgument, match="takes 2 arguments and 1 outputs"):
        scale_add.into(x, y)
    with pytest.raises(fuser.InvalidArgument, match="output 0"):
        scale_add.into(x, y, 3)
    with pytest.raises(fuser.InvalidArgument, match="neither"):
        scale_add.into(x, None, x)


def test_out(scale_add):
    x, y = pair(3, 4)
    out = torch.empty(4, 3).T
    version = out._version
    assert scale_add(x, y, out=out) is out
    assert torch.equal(out, x * y + y)
    assert out._version > version, "autograd would not see that the tensor has changed"
    with pytest.raises(fuser.InvalidArgument, match="gradient"):
        scale_add(x, y, out=torch.empty(3, 4, requires_grad=True))


def test_mixed_kinds(scale_add):
    x, y = pair(3, 4)
    assert type(scale_add(x, y.numpy())) is torch.Tensor
    assert type(scale_add(x.numpy(), y)) is np.ndarray
    assert np.array_equal(scale_add(x.numpy(), y), scale_add(x, y.numpy()).numpy())


def test_mixed_kinds_of_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    f = fuser.compile(SCALE_ADD.replace("f32", "bf16"))
    x = torch.arange(6).reshape(2, 3).bfloat16()
    array = x.float().numpy().astype(ml_dtypes.bfloat16)
    expected = (x * x + x).float().tolist()
    for _ in range(2):
        tensor, other = f(x, array), f(array, x)
        assert type(tensor) is torch.Tensor and tensor.dtype == x.dtype
        assert type(other) is np.ndarray and other.dtype == array.dtype
        assert tensor.tolist() == expected and other.astype(np.float32).tolist() == expected
        for args in ((x, x), (x, array), (array, x), (array, array)):
            for out in (torch.zeros_like(x), np.zeros_like(array)):
                assert f(*args, out=out) is out and [list(map(float, row)) for row in out] == expected
    bits = x.view(torch.uint16)
    for args in ((array, bits), (bits, array), (x, bits)):
        with pytest.raises(fuser.InvalidArgument, match="uint16|dtype"):
            f(*args)
    with pytest.raises(fuser.InvalidArgument, match="uint16"):
        f(x, array, out=bits.clone())


def test_gradients_are_not_tracked(scale_add):
    x, y = pair(3, 4)
    x.requires_grad_()
    for _ in range(2):
        z = scale_add(x, torch.nn.Parameter(y))
        assert not z.requires_grad and torch.equal(z, (x * y + y).detach())


@pytest.mark.parametrize("warm", [False, True])
def test_what_is_refused(warm, scale_add):
    x, y = pair(3, 4)
    if warm:
        scale_add(x, y)
    negative = torch.view_as_complex(torch.rand(3, 4, 2)).conj().imag
    assert negative.is_neg()
    for bad, message in [
        (negative, "resolve_neg"),
        (x.to_sparse(), "DLPack|sparse"),
        (torch.empty(3, 4, device="meta"), "meta|DLPack"),
        (torch.quantize_per_tensor(x, 0.1, 0, torch.quint8), "DLPack|quant|QUInt8|expected|found"),
        (torch.rand(3, 4, dtype=torch.complex64), "DLPack|c64|complex|expected"),
        (torch.view_as_complex(torch.rand(3, 4, 2)).conj(), "DLPack|conj|expected"),
    ]:
        with pytest.raises(fuser.InvalidArgument, match=message):
            scale_add(bad, y)
        with pytest.raises(fuser.InvalidArgument, match=message):
            scale_add(y, bad)
    with torch._subclasses.FakeTensorMode() as mode:
        fake = mode.from_tensor(x)
    with pytest.raises(fuser.InvalidArgument, match="FakeTensor"):
        scale_add(fake, y)
    assert torch.equal(scale_add(negative.resolve_neg(), y), negative * y + y)


def test_results_outlive_their_function():
    f = fuser.compile(copy_program("f32"))
    x = torch.rand(1 << 20)
    results = [f(x), f.call(x)]
    views = [result[10:20] for result in results]
    gone = weakref.ref(f)
    del f, results
    assert gone() is None
    fuser.empty_cache()
    for view in views:
        assert torch.equal(view, x[10:20])


def test_results_dropped_on_other_threads(scale_add):
    results = [scale_add(*pair(64, 64)) for _ in range(50)]
    thread = threading.Thread(target=results.clear)
    thread.start()
    thread.join()
    assert not results


def test_threads(scale_add):
    failures = []

    def work(seed):
        generator = torch.Generator().manual_seed(seed)
        for i in range(200):
            x = torch.rand((1 + i % 9, 7 + seed), generator=generator)
            out = torch.empty_like(x)
            scale_add.into(x, x, out)
            if not (torch.equal(scale_add(x, x), x * x + x) and torch.equal(out, x * x + x)):
                failures.append((seed, i))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
