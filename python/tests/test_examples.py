# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples in Python, each in a process of its own. They check their results themselves."""

import pathlib
import re
import subprocess
import sys

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def run(name, *arguments):
    process = subprocess.run([sys.executable, EXAMPLES / name, *arguments], capture_output=True, text=True, timeout=600)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_blocks_of_a_dask_array():
    output = run("dask_blocks.py", "--gib", "1.5", "--memory-mib", "1200")
    assert "kernels compiled twice: 0" in output


def test_two_processes_train():
    output = run("torch_ddp.py", "--steps", "10")
    assert len(re.findall(r"process \d: [1-9]\d* launches, [1-9]\d* kernels compiled, 0 of them twice", output)) == 2


def test_training():
    output = run("torch_train.py")
    assert float(re.search(r"greatest difference: (\S+)", output)[1]) < 1e-3


def test_sentences():
    output = run("torch_minilm.py")
    # Each sentence is nearest to the one that means the same.
    pairs = re.findall(r"^0\.\d+  (.*?)  ~  (.*)$", output, re.MULTILINE)
    assert len(pairs) == 8
    assert all((b, a) in pairs for a, b in pairs)
    assert "'fallbacks': 0" in output
