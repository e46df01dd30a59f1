# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The options of the backend."""

from __future__ import annotations

from dataclasses import dataclass, fields


_VALUES = {"allocator": ("fuser", "torch"), "random": ("fused", "eager")}


@dataclass(frozen=True)
class Options:
    """What `torch.compile(..., options={...})` may say.

    min_ops: the least ops of a group, costly functions counted twice; 1 has
        every op fused that can be.
    fast: round halves once a group, and contract products and sums.
    allocator: "fuser" or "torch", where results of 2 MiB and more lie. Those of
        "torch" can be resized.
    in_place: let groups write into arguments that the program updates.
    random: "fused": random numbers are computed where they are used, from a seed
        that each call of a graph draws; "eager": PyTorch's own kernels draw them.
    """

    min_ops: int = 2
    fast: bool = False
    allocator: str = "fuser"
    in_place: bool = True
    random: str = "fused"

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not type(field.default):
                kind = type(field.default).__name__
                raise ValueError(f"fuser: option {field.name} wants {kind}, not {value!r}")
        for name, values in _VALUES.items():
            if getattr(self, name) not in values:
                a, b = values
                raise ValueError(f'fuser: option {name} is "{a}" or "{b}", not {getattr(self, name)!r}')


def options_of(given):
    """The options of a dict; ValueError if a name is unknown."""
    names = [f.name for f in fields(Options)]
    unknown = [name for name in given or () if name not in names]
    if unknown:
        raise ValueError(f"fuser: no option {', '.join(map(str, unknown))}; there are {', '.join(names)}")
    return Options(**(given or {}))
