"""JAX, and IREE, whose programs JAX writes."""
import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_COMPILATION_CACHE", "false")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import ml_dtypes  # noqa: E402
import numpy as np  # noqa: E402
from rival import Rival, as_list  # noqa: E402


class JaxLibrary:
    """The operations of the formulas."""

    exp, log, log1p, sqrt, tanh, where, transpose = (jnp.exp, jnp.log, jnp.log1p, jnp.sqrt, jnp.tanh, jnp.where,
                                                     jnp.transpose)
    erf, relu, sigmoid, silu = jax.scipy.special.erf, jax.nn.relu, jax.nn.sigmoid, jax.nn.silu
    chunk, concat = jnp.split, jnp.concatenate
    DTYPES = {"f32": jnp.float32, "bf16": jnp.bfloat16}

    @staticmethod
    def gelu(x):
        return jax.nn.gelu(x, approximate=False)

    @staticmethod
    def tanh_gelu(x):
        return jax.nn.gelu(x, approximate=True)

    @classmethod
    def cast(cls, x, kind):
        return x.astype(cls.DTYPES[kind])


def with_bfloat16(array):
    return array.view(ml_dtypes.bfloat16) if array.dtype == np.dtype("V2") else array


def without_bfloat16(array):
    return array.view("V2") if array.dtype == ml_dtypes.bfloat16 else array


def set_up_types(arrays):
    """Lets JAX have f64 where a workload has it, and only there: it widens what need not be."""
    jax.config.update("jax_enable_x64", any(array.dtype == np.float64 for array in arrays))


class Jax(Rival):
    def version(self):
        return f"JAX {jax.__version__}, jaxlib {jax.lib.__version__}"

    def warm_up(self):
        jax.jit(lambda x: jnp.tanh(x) * 3 + 1)(jnp.ones((64, 64))).block_until_ready()

    def load(self, workload, size, arrays):
        set_up_types(arrays)
        self.inputs = [jax.block_until_ready(jnp.array(with_bfloat16(array))) for array in arrays]
        self.formula = lambda *inputs: workload.formula(JaxLibrary, *inputs)

    def compile(self):
        compiled, inputs, wait = jax.jit(self.formula), self.inputs, jax.block_until_ready
        return lambda: wait(compiled(*inputs))

    def compile_given(self):
        """Gives back the outputs of the call before: donated buffers become the new outputs."""
        formula, inputs, wait = self.formula, self.inputs, jax.block_until_ready
        compiled = jax.jit(lambda outputs, *inputs: formula(*inputs), donate_argnums=0, keep_unused=True)
        box = [wait(jax.jit(formula)(*inputs))]
        before = sorted(output.unsafe_buffer_pointer() for output in as_list(box[0]))

        def call():
            box[0] = wait(compiled(box[0], *inputs))
            return box[0]
        call()
        if sorted(output.unsafe_buffer_pointer() for output in as_list(box[0])) != before:
            raise RuntimeError("the donated buffers were not used")
        return call

    def to_numpy(self, outputs):
        return [without_bfloat16(np.asarray(output)) for output in as_list(outputs)]

    def release(self):
        self.inputs = self.formula = None
        jax.clear_caches()


class Iree(Rival):
    allocators = None

    def __init__(self, threads):
        super().__init__(threads)
        import iree.compiler
        import iree.runtime
        from iree.runtime import flags
        flags.parse_flags(f"--task_topology_group_count={threads}")
        self.compiler, self.runtime = iree.compiler, iree.runtime
        if self.allocators:
            driver = iree.runtime.get_driver("local-task")
            device = driver.create_device(driver.query_available_devices()[0], allocators=self.allocators)
            self.config = iree.runtime.Config(device=device)
        else:
            self.config = iree.runtime.Config("local-task")

    def version(self):
        from importlib.metadata import version
        text = f"IREE {version('iree-base-compiler')}, local-task, -O3 for this processor"
        return text + (", caching allocator" if self.allocators else "")

    def load(self, workload, size, arrays):
        set_up_types(arrays)
        self.arrays = [with_bfloat16(array) for array in arrays]
        self.inputs = [self.runtime.asdevicearray(self.config.device, array) for array in self.arrays]
        self.formula = lambda *inputs: workload.formula(JaxLibrary, *inputs)

    def compile(self):
        types = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in self.arrays]

        def main(*inputs):
            return self.formula(*inputs)
        text = jax.jit(main).lower(*types).as_text()
        code = self.compiler.compile_str(
            text, target_backends=["llvm-cpu"], input_type="stablehlo",
            # By default f64 becomes f32.
            extra_args=["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3",
                        "--iree-input-demote-f64-to-f32=false"])
        context = self.runtime.SystemContext(config=self.config)
        module = self.runtime.VmModule.copy_buffer(context.instance, code)
        context.add_vm_module(module)
        function, inputs = context.modules[module.name]["main"], self.inputs
        return lambda: function(*inputs)

    def to_numpy(self, outputs):
        return [without_bfloat16(output.to_host()) for output in as_list(outputs)]

    def release(self):
        self.inputs = self.arrays = self.formula = None
        jax.clear_caches()


class IreeCaching(Iree):
    """Outputs come from memory that earlier calls used."""
    allocators = ["caching"]
