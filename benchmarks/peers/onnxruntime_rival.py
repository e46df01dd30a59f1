"""ONNX Runtime, on models that PyTorch exports."""
import contextlib
import io
import logging
import time

import numpy as np
import onnxruntime
import torch
from rival import Rival, Unsupported, as_list
from torch_rivals import Torch, to_torch

logging.disable(logging.WARNING)


class OnnxRuntime(Rival):
    def __init__(self, threads):
        super().__init__(threads)
        torch.set_num_threads(1)
        torch.set_grad_enabled(False)

    def version(self):
        return f"ONNX Runtime {onnxruntime.__version__}, models by torch.onnx.export of {torch.__version__}"

    def load(self, workload, size, arrays):
        kinds = [spec.kind for spec in workload.inputs(size)] + [kind for kind, _ in workload.outputs(size)]
        if "bf16" in kinds:
            raise Unsupported("NumPy, through which ONNX Runtime is called, has no bf16")
        self.inputs = arrays
        self.shapes = [(shape, kind) for kind, shape in workload.outputs(size)]

        class Model(torch.nn.Module):
            def forward(self, *inputs):
                return workload.formula(Torch, *inputs)

        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            program = torch.onnx.export(Model(), tuple(map(to_torch, arrays)), dynamo=True, verbose=False)
        self.export_ms = (time.perf_counter() - start) * 1e3
        self.model = program.model_proto.SerializeToString()
        self.names = [entry.name for entry in program.model_proto.graph.input]

    def details(self):
        return {"export_ms": self.export_ms}

    def compile(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.log_severity_level = 3
        self.session = session = onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])
        feed = dict(zip(self.names, self.inputs))
        return lambda: session.run(None, feed)

    def compile_given(self):
        session, binding = self.session, self.session.io_binding()
        outputs = [np.zeros_like(output) for output in session.run(None, dict(zip(self.names, self.inputs)))]
        for name, array in zip(self.names, self.inputs):
            binding.bind_cpu_input(name, array)
        for description, output in zip(session.get_outputs(), outputs):
            binding.bind_output(description.name, "cpu", 0, output.dtype, output.shape, output.ctypes.data)

        def call():
            session.run_with_iobinding(binding)
            return outputs
        return call

    def to_numpy(self, outputs):
        return as_list(outputs)

    def release(self):
        self.inputs = self.model = self.session = None
