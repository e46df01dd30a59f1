"""Graphs of tensors on a GPU: what becomes of them. No kernel runs, as the tensors are fake."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx

from fuser.torch import aot, importer, kernels, options

aten = torch.ops.aten


@pytest.fixture
def compiled(monkeypatch):
    """Compiles a function of fake tensors; gives the groups' sources, op names and what was said of others."""
    monkeypatch.setattr(importer, "_devices", lambda: ("cpu", "cuda"))
    sources = []
    make = kernels.make_callable

    def remember(*args):
        result = make(*args)
        sources.append(result)
        return result

    monkeypatch.setattr(aot, "make_callable", remember)

    def run(f, *tensors):
        sources.clear()
        with FakeTensorMode():
            fakes = [torch.empty(size, dtype=dtype, device=device) for size, dtype, device in tensors]
            gm = make_fx(f)(*fakes)
            aot.compile_fx(gm, options.Options())
        return sources, aot._last

    return run


def test_groups(compiled):
    x = ((16, 32), torch.float32, "cuda")
    b = ((32,), torch.float32, "cuda")
    sources, stats = compiled(lambda x, b: aten.gelu(aten.mul(aten.add(x, b), 2.0)), x, b)
    assert stats["fused_ops"] == 3 and stats["kernels"] == 1, aot.explain()
    (group,) = sources
    assert "into(" in group.source and "call(" not in group.source


def test_large_results_are_pytorchs(compiled):
    x = ((4096, 4096), torch.float32, "cuda")
    sources, _ = compiled(lambda x: aten.gelu(aten.add(x, x)), x)
    assert "into(" in sources[0].source and "call(" not in sources[0].source
    with FakeTensorMode():
        made = sources[0].__globals__["empty"]((4, 2), (1, 4), torch.bfloat16)
    assert made.device.type == "cuda" and made.stride() == (1, 4) and made.dtype == torch.bfloat16


def test_one_device_a_group(compiled):
    # A number in a tensor of the host beside one of the device: PyTorch's own way of taking it stays.
    x = ((64,), torch.float32, "cuda")
    n = ((), torch.float32, "cpu")
    sources, stats = compiled(lambda x, n: aten.exp(aten.sin(aten.add(x, n))), x, n)
    assert [len(group) for group in stats["groups"]] == [2]
    assert "several devices" in aot.explain()
    _, stats = compiled(lambda x, n: (aten.exp(aten.sin(x)), aten.exp(aten.cos(n))), x, n)
    assert [len(group) for group in stats["groups"]] == [2, 2]


def test_no_tricks_of_the_host(compiled):
    x = ((16, 64), torch.bfloat16, "cuda")
    w = ((128, 64), torch.bfloat16, "cuda")
    f = lambda x, w: aten.exp(aten.sin(aten.mm(x, aten.t(w))))
    sources, stats = compiled(f, x, w)
    assert [len(group) for group in stats["groups"]] == [2]
    # Constants are made on the device.
    _, stats = compiled(lambda x: aten.add(aten.mul(x, aten.full_like(x, 2.0)), aten.ones_like(x)), x)
    assert stats["fused_ops"] == 4, aot.explain()


def test_without_a_gpu_pytorch_keeps_them(monkeypatch):
    monkeypatch.setattr(importer, "_devices", lambda: ("cpu",))
    with FakeTensorMode():
        x = torch.empty(8, device="cuda")
        gm = make_fx(lambda x: aten.exp(aten.sin(x)))(x)
        aot.compile_fx(gm, options.Options())
    assert aot.last_graph_stats()["fused_ops"] == 0
