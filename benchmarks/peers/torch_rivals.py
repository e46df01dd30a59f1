"""PyTorch, op by op and through TorchInductor."""
import numpy as np
import torch
import torch.nn.functional as F
from rival import Rival, as_list
from workloads import NUMPY_TYPES


class Torch:
    """The operations of the formulas."""

    exp, log, log1p, sqrt, tanh = torch.exp, torch.log, torch.log1p, torch.sqrt, torch.tanh
    erf, relu, sigmoid, where, silu, gelu = torch.erf, torch.relu, torch.sigmoid, torch.where, F.silu, F.gelu
    DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}

    @staticmethod
    def tanh_gelu(x):
        return F.gelu(x, approximate="tanh")

    @staticmethod
    def transpose(x):
        return x.t()

    @staticmethod
    def chunk(x, parts, dim):
        return x.chunk(parts, dim)

    @staticmethod
    def concat(parts, dim):
        return torch.cat(parts, dim)

    @classmethod
    def cast(cls, x, kind):
        return x.to(cls.DTYPES[kind])


def to_torch(array):
    """Shares the memory, which NumPy asks to have in huge pages."""
    if array.dtype == np.dtype("V2"):
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_array(tensor):
    tensor = tensor.contiguous()
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view("V2")
    return tensor.numpy()


class Eager(Rival):
    def __init__(self, threads):
        super().__init__(threads)
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)

    def version(self):
        return f"PyTorch {torch.__version__}, op by op"

    def load(self, workload, size, arrays):
        self.inputs = [to_torch(array) for array in arrays]
        self.formula = lambda *inputs: workload.formula(Torch, *inputs)
        # Tensors on memory of NumPy, as the inputs.
        self.given = [to_torch(np.zeros(shape, "V2" if kind == "bf16" else NUMPY_TYPES[kind]))
                      for kind, shape in workload.outputs(size)]

    def compile(self):
        formula, inputs = self.formula, self.inputs
        return lambda: formula(*inputs)

    def to_numpy(self, outputs):
        return [to_array(output) for output in as_list(outputs)]

    def release(self):
        self.inputs = self.given = self.formula = None


class Inductor(Eager):
    def version(self):
        return f"PyTorch {torch.__version__}, torch.compile"

    def warm_up(self):
        torch.compile(lambda x: torch.tanh(x) * 3 + 1)(torch.ones(64, 64))

    def compile(self):
        compiled, inputs = torch.compile(self.formula), self.inputs
        return lambda: compiled(*inputs)

    def compile_given(self):
        """Copies into the given outputs inside the compiled function, which fuses the copies."""
        formula, inputs, given = self.formula, self.inputs, self.given

        def into(outputs, *inputs):
            for output, result in zip(outputs, as_list(formula(*inputs))):
                output.copy_(result)

        compiled = torch.compile(into)

        def call():
            compiled(given, *inputs)
            return given
        return call

    def release(self):
        super().release()
        torch._dynamo.reset()
