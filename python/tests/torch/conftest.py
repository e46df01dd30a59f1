# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import pytest
import torch


@pytest.fixture(autouse=True)
def fresh_dynamo():
    """Each test compiles its own graphs."""
    torch._dynamo.reset()
    torch.manual_seed(0)
    yield
