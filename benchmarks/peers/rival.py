"""What a rival written in Python has to do."""


class Unsupported(Exception):
    """The rival cannot do this workload; says why."""


class Rival:
    """One rival with so many threads; holds one workload at a time."""

    def __init__(self, threads):
        self.threads = threads

    def version(self):
        """What it is, for people."""
        raise NotImplementedError

    def warm_up(self):
        """Compiles something else, so that first calls do not pay for the start of the compiler."""

    def load(self, workload, size, arrays):
        """Takes the inputs, as they are stored; not timed."""
        raise NotImplementedError

    def compile(self):
        """A function that runs the workload, and returns new outputs when they are complete."""
        raise NotImplementedError

    def compile_given(self):
        """The same, into outputs that there are; None if the rival cannot do that."""
        return None

    def details(self):
        """What else to report of `compile`."""
        return {}

    def to_numpy(self, outputs):
        """The outputs as NumPy arrays, bf16 as type V2."""
        raise NotImplementedError

    def release(self):
        """Lets go of the workload."""


def as_list(outputs):
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
