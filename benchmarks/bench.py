#!/usr/bin/env python3
"""Times fuser and its rivals on the same workloads, in turns, and writes a table.

Each rival is a process for each number of threads, pinned to that many cores. Workload by workload, every rival
compiles it, and then they take turns: each calls it for a burst of milliseconds, round by round, so that what else the
machine does falls on all of them. The least time of all rounds counts; the medians are in the JSON. What a rival
computed is compared with float64 at many positions.

A call is timed in two ways. fresh: it allocates its outputs and gives them back, as users' calls do. given: it writes
into outputs that there are, where the rival can do that.

Examples:
  scripts/bench.sh --peers fuser,c                     what needs no Python packages but NumPy
  scripts/bench.sh --peers fuser,c --only P01,P14 --threads 1
  scripts/bench.sh --venv ~/bench-venv --table table.md --json results.json
  scripts/bench.sh --quick --realtime --only P03
"""
import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("bench.sh: error: no NumPy; run scripts/install-deps.sh", file=sys.stderr)
    sys.exit(77)  # what test drivers take for skipped

import report
from worker_process import Worker, WorkerError, realtime_permitted
from workloads import FULL, TINY, WORKLOADS, compare, expected_samples

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILED = ["fuser", "fuser-fast", "c"]
IN_PYTHON = ["eager", "inductor", "jax", "iree", "iree-caching", "numexpr", "onnxruntime"]
DEFAULT = [peer for peer in COMPILED + IN_PYTHON if peer != "fuser-fast"]
MODES = ["fresh", "given"]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=",".join(DEFAULT),
                        help=f"of {', '.join(COMPILED + IN_PYTHON)} (all but fuser-fast)")
    parser.add_argument("--only", default="", help="workloads, such as P01,P14 (all)")
    parser.add_argument("--threads", default="1,2", help="numbers of threads (1,2)")
    parser.add_argument("--rounds", type=int, default=7, help="turns of every rival (7)")
    parser.add_argument("--ms", type=float, default=100, help="milliseconds of a burst, three calls at least (100)")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 30 ms")
    parser.add_argument("--tiny", action="store_true", help="tiny arrays: a test of the benchmark, nothing else")
    parser.add_argument("--realtime", action="store_true",
                        help="SCHED_FIFO 50 for the rival that is measured, so that no other process takes its cores; "
                             "needs the right to (root or CAP_SYS_NICE)")
    parser.add_argument("--no-bandwidth", action="store_true", help="leave out the bandwidth of memory")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--table", metavar="FILE", help="write the table there (stdout)")
    parser.add_argument("--worker", default=os.path.join(HERE, "..", "build", "bin", "fuser-bench"),
                        help="fuser-bench (build/bin/fuser-bench)")
    parser.add_argument("--list", action="store_true", help="print the workloads and end")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.ms = 3, 30
    options.peers = options.peers.split(",")
    for peer in options.peers:
        if peer not in COMPILED + IN_PYTHON:
            parser.error(f"unknown rival '{peer}': expected some of {', '.join(COMPILED + IN_PYTHON)}")
    names = [workload.name for workload in WORKLOADS]
    options.only = options.only.split(",") if options.only else names
    for name in options.only:
        if name not in names:
            parser.error(f"unknown workload '{name}': expected some of {', '.join(names)}")
    options.threads = [int(threads) for threads in options.threads.split(",")]
    cores = len(os.sched_getaffinity(0))
    if not all(1 <= threads <= cores for threads in options.threads):
        parser.error(f"--threads: expected 1 to {cores}")
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- set-up ------------------------------------------------------------------

def start_workers(options, threads, folder, log):
    """A worker for each rival; none runs yet."""
    cores = sorted(os.sched_getaffinity(0))[-threads:]
    everybody = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), "NUMEXPR_NUM_THREADS": str(threads),
                 "NUMEXPR_MAX_THREADS": str(threads), "TMPDIR": folder, "PYTHONWARNINGS": "ignore",
                 "TORCHINDUCTOR_CACHE_DIR": os.path.join(folder, f"inductor-{threads}")}
    workers = {}
    for peer in options.peers:
        if peer in COMPILED:
            command = [options.worker, peer, str(threads)]
        else:
            command = [sys.executable, os.path.join(HERE, "peers", "worker.py"), peer, str(threads)]
        pinned = {"OMP_PROC_BIND": "true", "OMP_PLACES": "threads"} if peer == "c" else {}
        workers[peer] = Worker(command, cores, {**everybody, **pinned}, log, options.realtime)
    return workers


def temporary_folder():
    """In memory, if there is room."""
    shm = "/dev/shm"
    in_memory = os.path.isdir(shm) and shutil.disk_usage(shm).free > 4 << 30
    return tempfile.TemporaryDirectory(prefix="fuser-bench-", dir=shm if in_memory else None)


def make_inputs(workload, size, folder):
    """Writes the inputs, always the same for one workload; returns the arrays and the paths."""
    rng = np.random.default_rng([int(byte) for byte in workload.name.encode()])
    arrays, paths = [], []
    for index, spec in enumerate(workload.inputs(size)):
        arrays.append(spec.make(rng))
        paths.append(os.path.join(folder, f"in{index}.npy"))
        np.save(paths[-1], arrays[-1])
    return arrays, paths


# ---- one workload --------------------------------------------------------------

class Contest:
    """The rivals on one workload with one number of threads."""

    def __init__(self, options, workload, workers, folder):
        self.options, self.workload, self.workers, self.folder = options, workload, workers, folder
        self.size = TINY if options.tiny else FULL
        self.results = {}

    def run(self, paths):
        """Prepares, measures and saves; returns the record of each rival."""
        for peer in self.workers:
            self._prepare(peer, paths)
        for turn in range(self.options.rounds):
            for mode in MODES:
                peers = self._alive(mode)
                first = turn % max(1, len(peers))
                for peer in peers[first:] + peers[:first]:
                    self._measure(peer, mode)
        return self.results

    def check(self, expected):
        """Compares what the rivals compute with what is right, and lets go of it all."""
        for mode in MODES:
            for peer in self._alive(mode):
                self._check(peer, mode, expected)
        for peer, result in self.results.items():
            if "error" not in result:
                with self._failures(peer):
                    self.workers[peer].ask("release")
            for mode in MODES:
                summarize(result.get(mode))

    def _alive(self, mode):
        return [peer for peer, result in self.results.items() if mode in result and "error" not in result]

    @contextlib.contextmanager
    def _failures(self, peer):
        """A rival that fails stays in the table, with the reason."""
        try:
            yield
        except WorkerError as error:
            self.results[peer].update(error=str(error), unsupported=error.unsupported)

    def _prepare(self, peer, paths):
        result = self.results[peer] = {"workload": self.workload.name, "peer": peer}
        outputs = [{"dtype": kind, "sizes": shape} for kind, shape in self.workload.outputs(self.size)]
        with self._failures(peer):
            reply = self.workers[peer].ask(
                "prepare", name=self.workload.name, inputs=paths, outputs=outputs, tiny=self.options.tiny,
                program=os.path.join(HERE, "workloads", self.workload.file + ".mlir"))
            for mode in reply.pop("modes"):
                result[mode] = {"bursts": []}
            result.update(reply)

    def _measure(self, peer, mode):
        with self._failures(peer):
            reply = self.workers[peer].ask("measure", mode=mode, ms=self.options.ms)
            result = self.results[peer]
            complaint = reply.pop("complaint", "")
            if complaint:
                result["complaint"] = complaint
            result[mode]["bursts"].append(reply)

    def _check(self, peer, mode, expected):
        files = [os.path.join(self.folder, f"out{index}.npy") for index in range(len(expected))]
        with self._failures(peer):
            result = self.results[peer]
            complaint = self.workers[peer].ask("save", mode=mode, files=files).get("complaint", "")
            if complaint:
                result["complaint"] = complaint
            outputs = [np.load(file, mmap_mode="r") for file in files]
            wrong, worst = compare(self.workload, self.size, expected, outputs)
            result[mode].update(wrong=wrong, max_relative_error=worst)


def summarize(timing):
    """Adds the least time and the median of the bursts' medians."""
    if timing and timing["bursts"]:
        timing["min_ms"] = min(burst["min_ms"] for burst in timing["bursts"])
        timing["median_ms"] = statistics.median(burst["median_ms"] for burst in timing["bursts"])


# ---- the whole run ---------------------------------------------------------------

def describe_machine(options):
    def first_line(path, prefix):
        with open(path) as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith(prefix)), "")

    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout
    with open("/sys/kernel/mm/transparent_hugepage/enabled") as file:
        huge_pages = file.read().strip()
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {"date": datetime.datetime.now().astimezone().isoformat(timespec="minutes"),
            "cpu": first_line("/proc/cpuinfo", "model name"), "cores": len(os.sched_getaffinity(0)),
            "memory": first_line("/proc/meminfo", "MemTotal"), "kernel": platform.release(), "huge_pages": huge_pages,
            "compiler": compiler.split("\n")[0], "commit": commit.stdout.strip(), "python": platform.python_version(),
            "realtime": options.realtime, "rounds": options.rounds, "burst_ms": options.ms, "tiny": options.tiny}


class Run:
    """All workloads, for one number of threads after another."""

    def __init__(self, options, folder, log):
        self.options, self.folder, self.log = options, folder, log
        self.expected = {}
        self.data = {"machine": describe_machine(options), "versions": {}, "bandwidth": {}, "workloads": {},
                     "results": []}

    def all(self):
        for threads in self.options.threads:
            workers = start_workers(self.options, threads, self.folder, self.log)
            try:
                self._threads(threads, workers)
            finally:
                for worker in workers.values():
                    worker.stop()
        return self.data

    def _threads(self, threads, workers):
        self._remove_absent(workers)
        self._bandwidth(threads)
        for workload in WORKLOADS:
            if workload.name in self.options.only:
                self._workload(workload, threads, workers)
        self._bandwidth(threads)

    def _remove_absent(self, workers):
        """Asks for versions. A rival that cannot start is reported once, and not asked again."""
        for peer in list(workers):
            try:
                self.data["versions"][peer] = workers[peer].ask("version")["version"]
            except (WorkerError, FileNotFoundError) as error:
                say(f"{peer} does not run: {error}")
                self.data["versions"][peer] = f"does not run: {error}"
                del workers[peer]

    def _bandwidth(self, threads):
        """Before and after the workloads; the best counts."""
        if self.options.no_bandwidth or self.options.tiny:
            return
        say(f"{threads} thread(s): bandwidth of memory")
        worker = start_workers(argparse.Namespace(**{**vars(self.options), "peers": ["c"]}), threads, self.folder,
                               self.log)["c"]
        try:
            found = worker.ask("bandwidth", ms=300, bytes=256 << 20)
        finally:
            worker.stop()
        best = self.data["bandwidth"].setdefault(str(threads), {})
        for way, rate in found.items():
            best[way] = max(best.get(way, 0), rate)

    def _workload(self, workload, threads, workers):
        say(f"{threads} thread(s): {workload.name} {workload.title}")
        size = TINY if self.options.tiny else FULL
        arrays, paths = make_inputs(workload, size, self.folder)
        self.data["workloads"][workload.name] = {"title": workload.title, "bytes": workload.bytes(size),
                                                 "launch": workload.launch}
        if workload.name not in self.expected:
            self.expected[workload.name] = expected_samples(workload, arrays)
        del arrays
        contest = Contest(self.options, workload, workers, self.folder)
        results = contest.run(paths)
        contest.check(self.expected[workload.name])
        for result in results.values():
            self.data["results"].append({"threads": threads, **result})
            say("    " + report.line(result))
        write_files(self.options, self.data)


def write_files(options, data):
    """The files that were asked for: after every workload, so that a run that is interrupted leaves what it has."""
    for path, text in ((options.json, json.dumps(data, indent=1) + "\n"), (options.table, report.table(data))):
        if path:
            with open(path, "w") as file:
                file.write(text)


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the temporary folder goes
    if options.list:
        for workload in WORKLOADS:
            print(f"{workload.name}  {workload.title}, {workload.bytes(FULL) / 1e6:.1f} MB")
        return 0
    if options.realtime and not realtime_permitted():
        sys.exit("bench.sh: error: --realtime: no right to real-time priority; run as root, or leave it out")
    with temporary_folder() as folder, open(os.path.join(folder, "log"), "w+") as log:
        data = Run(options, folder, log).all()
        if any("error" in result and not result["unsupported"] for result in data["results"]):
            log.seek(0)
            say("stderr of the rivals, its end:\n" + "".join(log.readlines()[-20:]))
    write_files(options, data)
    if not options.table:
        print(report.table(data))
    faults = report.faults(data)
    for fault in faults:
        say(f"bench.sh: error: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
