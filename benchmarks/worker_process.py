"""A worker process as the driver sees it: pinned, asked by lines of JSON, in real time only while it is measured."""
import json
import os
import select
import signal
import subprocess
import time


class WorkerError(Exception):
    """What a worker says went wrong, or that it is gone."""

    def __init__(self, text, unsupported=False):
        super().__init__(text)
        self.unsupported = unsupported  # the rival cannot do such a workload at all


class Worker:
    """One rival on some cores. Starts when it is first asked, and again after it died."""

    def __init__(self, command, cores, environment, log, realtime=False, timeout=300):
        self.command, self.cores, self.environment = command, set(cores), environment
        self.log, self.realtime, self.timeout = log, realtime, timeout
        self.process = None

    def _start(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=False,
            env={**os.environ, **self.environment}, start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, self.cores))
        self.buffer = b""

    def ask(self, op, **arguments):
        """The reply to a request; raises WorkerError."""
        if self.process is None:
            self._start()
        in_real_time = self.realtime and op in ("measure", "bandwidth")
        if in_real_time:
            self._set_policy(os.SCHED_FIFO, 50)
        try:
            self.process.stdin.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
            self.process.stdin.flush()
            reply = json.loads(self._read_line(time.monotonic() + self.timeout))
        except (OSError, EOFError) as error:
            self.stop()
            raise WorkerError(f"the process died in '{op}'") from error
        except TimeoutError as error:
            self.stop()
            raise WorkerError(f"no answer to '{op}' within {self.timeout} s") from error
        finally:
            if in_real_time and self.process is not None:
                self._set_policy(os.SCHED_OTHER, 0)
        if "error" in reply:
            raise WorkerError(reply["error"], reply.get("unsupported", False))
        return reply

    def _read_line(self, deadline):
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                raise EOFError
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def _set_policy(self, policy, priority):
        """For all threads that the worker has; those that it starts meanwhile get the same."""
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            try:
                os.sched_setscheduler(int(thread), policy, os.sched_param(priority))
            except ProcessLookupError:
                pass

    def stop(self):
        """Ends the process and what it started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None


def realtime_permitted():
    """Whether this process may give others real-time priority."""
    probe = subprocess.Popen(["sleep", "10"])
    try:
        os.sched_setscheduler(probe.pid, os.SCHED_FIFO, os.sched_param(50))
        return True
    except PermissionError:
        return False
    finally:
        probe.kill()
        probe.wait()
