#!/usr/bin/env python3
"""A worker of bench.py that holds one rival written in Python: what fuser-bench does for fuser and C.

Reads requests from stdin, a JSON object a line, and answers each with one on stdout; see `fuser-bench --help`.
"""
import gc
import importlib
import json
import os
import statistics
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.dirname(FOLDER)]

from rival import Unsupported  # noqa: E402
from workloads import FULL, TINY, WORKLOADS  # noqa: E402

RIVALS = {"eager": ("torch_rivals", "Eager"), "inductor": ("torch_rivals", "Inductor"), "jax": ("jax_rivals", "Jax"),
          "iree": ("jax_rivals", "Iree"), "iree-caching": ("jax_rivals", "IreeCaching"),
          "numexpr": ("numexpr_rival", "Numexpr"), "onnxruntime": ("onnxruntime_rival", "OnnxRuntime")}
SHORTEST = 100e-6


class Session:
    """One workload at a time."""

    def __init__(self, rival):
        self.rival = rival
        self.calls = {}

    def version(self, request):
        return {"version": self.rival.version()}

    def prepare(self, request):
        self.release(request)
        import numpy
        self.workload = next(w for w in WORKLOADS if w.name == request["name"])
        arrays = [numpy.load(path) for path in request["inputs"]]
        size = TINY if request.get("tiny") else FULL
        self.rival.load(self.workload, size, arrays)
        start = time.perf_counter()
        self.calls["fresh"] = self.rival.compile()
        self.calls["fresh"]()
        reply = {"first_ms": (time.perf_counter() - start) * 1e3}
        try:
            given = self.rival.compile_given()
            if given:
                given()
                self.calls["given"] = given
        except Exception as error:  # A rival that cannot do this one is still one that can do the other.
            reply["given_error"] = describe(error)
        return {**reply, **self.rival.details(), "modes": list(self.calls)}

    def measure(self, request):
        call, seconds = self.calls[request["mode"]], request["ms"] * 1e-3
        now = time.perf_counter
        call()
        start = now()
        call()
        once = now() - start
        batch = 1 if once >= SHORTEST / 2 else max(1, int(SHORTEST / max(once, 10e-9)))
        times, start = [], now()
        gc.disable()
        try:
            while len(times) < 3 or now() - start < seconds:
                before = now()
                for _ in range(batch):
                    call()
                times.append((now() - before) / batch)
        finally:
            gc.enable()
        return {"min_ms": min(times) * 1e3, "median_ms": statistics.median(times) * 1e3, "calls": len(times) * batch}

    def save(self, request):
        import numpy
        outputs = self.rival.to_numpy(self.calls[request["mode"]]())
        if len(outputs) != len(request["files"]):
            raise ValueError(f"{len(outputs)} outputs, expected {len(request['files'])}")
        for file, output in zip(request["files"], outputs):
            numpy.save(file, output)
        return {}

    def release(self, request):
        self.calls = {}
        self.rival.release()
        gc.collect()
        return {}


def describe(error):
    """The first lines of an error that say something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines[:3])}"[:400]


def main():
    # Libraries print: what they say goes to stderr.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, name = RIVALS[sys.argv[1]]
    rival = error = None
    try:
        rival = getattr(importlib.import_module(module), name)(int(sys.argv[2]))
        rival.warm_up()
    except Exception as failure:
        error = describe(failure)
    session = Session(rival)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"error": error} if error else getattr(session, request["op"])(request)
        except Unsupported as reason:
            reply = {"error": str(reason), "unsupported": True}
        except Exception as failure:
            reply = {"error": describe(failure)}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
