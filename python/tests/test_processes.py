# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What needs a process of its own: imports, other libraries, forks, the end of the process."""

import ctypes.util
import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

import fuser

FOLDER = pathlib.Path(fuser.__file__).parent
NEEDS_TORCH = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch")
USE = """
import numpy as np
from conftest import SCALE_ADD
def use():
    import fuser
    f = fuser.compile(SCALE_ADD)
    x = np.random.rand(30, 40).astype(np.float32)
    for _ in range(3):
        assert np.array_equal(f(x, x), x * x + x)
    fuser.synchronize_compilations()
    assert np.array_equal(f(x, x), x * x + x)
    return f, x
"""


def run(code, **environment):
    path = os.pathsep.join([str(FOLDER.parent), str(pathlib.Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", USE + code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_import_is_light():
    run("import sys, fuser; assert 'torch' not in sys.modules and 'tvm_ffi' not in sys.modules")


@NEEDS_TORCH
def test_torch_first():
    run(
        """
import torch
f, x = use()
t = torch.from_numpy(x)
assert torch.equal(f(t, t), t * t + t)
"""
    )


@NEEDS_TORCH
def test_torch_later():
    run(
        """
f, x = use()
import torch
t = torch.from_numpy(x)
assert torch.equal(f(t, t), t * t + t) and torch.equal(torch.exp(t), t.exp())
model = torch.nn.Linear(40, 3)
assert model(f(t, t)).shape == (30, 3)
"""
    )


def other_llvm():
    for version in range(14, 22):
        name = ctypes.util.find_library(f"LLVM-{version}")
        if name:
            return name
    return None


@pytest.mark.parametrize("order", ["first", "later"])
def test_beside_another_llvm(order):
    name = other_llvm()
    if name is None:
        pytest.skip("no other LLVM here")
    load = f"import ctypes; llvm = ctypes.CDLL({name!r}, ctypes.RTLD_GLOBAL); llvm.LLVMContextCreate()\n"
    run(load + "use()" if order == "first" else "use()\n" + load + "use()")


def test_what_is_loaded():
    output = run(
        """
use()
paths = {line.split(maxsplit=5)[5].strip() for line in open("/proc/self/maps") if ".so" in line}
print(*sorted(paths), sep="\\n")
"""
    )
    own = [path for path in output.split() if any(name in path for name in ("libfuser", "libtbb", "libabsl"))]
    assert own and all(pathlib.Path(path).parent == FOLDER.resolve() for path in own)
    assert "LLVM" not in output and "MLIR" not in output


def test_the_end_of_the_process():
    run(
        """
f, x = use()
kept = [f(x, x) for _ in range(10)] + [f.call(*map(__import__('tvm_ffi').from_dlpack, (x, x)))]
class Late:
    def __del__(self, f=f, x=x):
        f(x, x)
late = Late()
"""
    )


@NEEDS_TORCH
def test_the_end_of_the_process_with_torch():
    run("import torch\nf, x = use()\nt = torch.from_numpy(x)\nkept = [f(t, t) for _ in range(10)]\nf(t, torch.rand(30, 40))")


def test_end_while_compiling():
    run(
        """
import fuser
x = np.ones((100, 100), np.float32)
for i in range(20):
    fuser.compile(SCALE_ADD.replace("fuser.add %0, %y", f"fuser.{['add', 'sub', 'mul', 'div'][i % 4]} %0, %y"))(x, x)
"""
    )


@pytest.mark.parametrize("before", [True, False])
def test_fork(before):
    run(
        f"""
import os, warnings
import fuser
warnings.simplefilter("ignore")
if {before}:
    f, x = use()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        if {before}:
            assert np.array_equal(f(x, x), x * x + x)
            big = np.ones((2000, 1000), np.float32)
            assert f(big, big)[-1, -1] == 2
        use()
        os._exit(0)
    children.append(child)
if {before}:
    assert np.array_equal(f(x, x), x * x + x)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
use()
"""
    )


def test_multiprocessing():
    run(
        """
import multiprocessing
f, x = use()
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert all(np.array_equal(y, x * x + x) for y in pool.starmap(f, [(x, x)] * 4))
"""
    )


def test_threads_variable():
    assert run("import fuser; print(fuser.num_threads())", FUSER_NUM_THREADS="1").strip() == "1"


@NEEDS_TORCH
def test_torch_threads():
    """Kernels run on PyTorch's threads where it was imported first; on one in a fork."""
    run(
        """
import os, warnings
import fuser, torch
warnings.simplefilter("ignore")
torch.set_num_threads(2)
torch.ones(1 << 22).exp()
f, x = use()
threads = len(os.listdir("/proc/self/task"))
big = np.random.rand(2000, 1000).astype(np.float32)
expected = big * big + big
for number in (2, 1, 2):
    torch.set_num_threads(number)
    assert np.array_equal(f(big, big), expected)
fuser.synchronize_compilations()
assert np.array_equal(f(big, big), expected)
assert len(os.listdir("/proc/self/task")) == threads
child = os.fork()
if child == 0:
    os._exit(not np.array_equal(f(big, big), expected))
assert os.waitpid(child, 0)[1] == 0
""",
        FUSER_NUM_THREADS="2",
        OMP_NUM_THREADS="2",
    )


def test_version():
    from importlib.metadata import PackageNotFoundError, version

    assert fuser._library.module().version() == fuser.__version__
    try:
        assert version("fuser") == fuser.__version__
    except PackageNotFoundError:
        pytest.skip("the package is not installed")
