#!/usr/bin/env python3
"""What a cached call costs the legacy fuser of PyTorch 1.13: the rival of CallBenchmark.cpp.

Times x * y + z on 8x8 f32 tensors on one thread, as one FusionGroup of TorchScript, and a function that returns its
argument, which is what the call of any TorchScript function costs. The difference is the cost of the fused call and of
its output. Needs PyTorch 1.13 (Debian 12: python3-torch) and a C++ compiler.

Example:
  benchmarks/legacy_call.py
  benchmarks/legacy_call.py --json
"""
import argparse
import json
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("legacy_call.py: no PyTorch; on Debian 12: apt-get install python3-torch")
if not torch.__version__.startswith("1.13"):
    sys.exit(f"legacy_call.py: expected PyTorch 1.13, found {torch.__version__}: later ones have no legacy fuser")


@torch.jit.script
def fused(x, y, z):
    return x * y + z


@torch.jit.script
def identity(x, y, z):
    return x


def nanoseconds(function, arguments, calls=20000):
    start = time.perf_counter_ns()
    for _ in range(calls):
        function(*arguments)
    return (time.perf_counter_ns() - start) / calls


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=9, help="interleaved runs of each; the least counts (9)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch._C._jit_set_profiling_executor(False)
    torch._C._jit_set_profiling_mode(False)
    torch._C._jit_set_texpr_fuser_enabled(False)
    torch._C._jit_override_can_fuse_on_cpu(False)
    torch._C._jit_override_can_fuse_on_cpu_legacy(True)
    tensors = [torch.arange(64.0).reshape(8, 8) for _ in range(3)]
    with torch.no_grad():
        for _ in range(3):
            result = fused(*tensors)
        if not torch.equal(result, tensors[0] * tensors[1] + tensors[2]):
            sys.exit("legacy_call.py: wrong result")
        fused(*tensors)
        if "prim::FusionGroup" not in str(torch.jit.last_executed_optimized_graph()):
            sys.exit("legacy_call.py: the function was not fused; is there a C++ compiler?")
        times = {"fused": [], "identity": [], "eager": []}
        for _ in range(options.repetitions):
            times["fused"].append(nanoseconds(fused, tensors))
            times["identity"].append(nanoseconds(identity, tensors))
            times["eager"].append(nanoseconds(lambda x, y, z: x * y + z, tensors))
    best = {name: min(values) for name, values in times.items()}
    best["fused - identity"] = best["fused"] - best["identity"]
    if options.json:
        print(json.dumps({"torch": torch.__version__, "nanoseconds": best}, indent=2))
        return
    print(f"PyTorch {torch.__version__}, nanoseconds, least of {options.repetitions}:")
    for name, value in best.items():
        print(f"  {name:<18} {value:8.0f}")


if __name__ == "__main__":
    main()
