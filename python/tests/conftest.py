# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests share."""

import os

import numpy as np
import pytest

import fuser

SCALE_ADD = """
func.func @scale_add(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %y : tensor<?x?xf32>
  %1 = fuser.add %0, %y : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
"""

TWO_RESULTS = """
func.func @sum_and_product(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = fuser.add %x, %y : tensor<?xf32>
  %1 = fuser.mul %x, %y : tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}
"""

NUMBERS = """
func.func @numbers(%x: tensor<?xf64>, %f: f64, %i: i64, %b: i1) -> tensor<?xf64> {
  %0 = fuser.splat %f : f64 -> tensor<f64>
  %1 = fuser.splat %i : i64 -> tensor<f64>
  %2 = fuser.splat %b : i1 -> tensor<i1>
  %3 = fuser.mul %x, %0 : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %4 = fuser.add %3, %1 : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %5 = fuser.select %2, %4, %x : (tensor<i1>, tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>
  return %5 : tensor<?xf64>
}
"""


@pytest.fixture(scope="session")
def scale_add():
    return fuser.compile(SCALE_ADD)


@pytest.fixture(scope="session")
def two_results():
    return fuser.compile(TWO_RESULTS)


@pytest.fixture(scope="session")
def numbers():
    return fuser.compile(NUMBERS)


def copy_program(dtype, rank=1):
    """A program that copies a tensor of an element type of MLIR."""
    type = f"tensor<{'?x' * rank}{dtype}>"
    return f"func.func @copy(%x: {type}) -> {type} {{\n  return %x : {type}\n}}\n"


def ulps(found, expected):
    """The greatest distance of elements, in units of the last place of `found`'s type; `expected` may be wider."""
    rounded = np.asarray(expected).astype(found.dtype)
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    with np.errstate(all="ignore"):
        unit = np.spacing(np.abs(rounded)).astype(np.longdouble)
        distance = np.abs(found.astype(np.longdouble) - np.asarray(expected, np.longdouble)) / unit
    distance = np.where(same, 0, distance)
    assert not np.isnan(distance).any(), "NaN or infinity on one side only"
    return float(distance.max(initial=0))


def pytest_sessionfinish(session):
    """Where FUSER_TESTS_SKIP_NOTHING is set, as scripts/test-python.sh does, a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("FUSER_TESTS_SKIP_NOTHING") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
