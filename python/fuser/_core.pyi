# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The extension; python/src/Caller.cpp."""

from typing import Any

__file__: str

class Caller:
    def __call__(self, *args: Any, out: Any = None) -> Any: ...
    def _bind(self, reference: int) -> None: ...

def use_errors(*classes: type) -> None: ...
def use_torch(tensor: type, parameter: type, exchange_api: Any) -> bool: ...
