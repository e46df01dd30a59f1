# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fuser as a backend of torch.compile: `torch.compile(model, backend="fuser")`."""

from .aot import backend, compile_layers, explain, last_graph_stats

__all__ = ["backend", "compile_layers", "explain", "last_graph_stats"]
