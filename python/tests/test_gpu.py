"""Arrays on a GPU: an emulated one, in a process of its own, which can use the host's memory as well."""

import subprocess
import sys

SCRIPT = r"""
import ctypes
import numpy as np
import tvm_ffi
import fuser

# Divisions of integers wait for the device.
f = fuser.compile('''
func.func @divide(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
  %0 = fuser.div_floor %a, %b : tensor<?xi32>
  return %0 : tensor<?xi32>
}
''')

class OnDevice:
    '''A NumPy array that says that it is on a CUDA device.'''

    def __init__(self, array):
        self.array = array

    def __dlpack_device__(self):
        return (2, 0)

    def __dlpack__(self, **kwargs):
        capsule = self.array.__dlpack__()
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype = ctypes.c_void_p
        get.argtypes = [ctypes.py_object, ctypes.c_char_p]
        # DLTensor begins with the address; then the device.
        address = get(capsule, b"dltensor")
        ctypes.c_int32.from_address(address + 8).value = 2
        return capsule

a = np.arange(-8, 8, dtype=np.int32)
b = np.full(16, 3, dtype=np.int32)
result = f(tvm_ffi.from_dlpack(OnDevice(a)), tvm_ffi.from_dlpack(OnDevice(b)))
result = tvm_ffi.from_dlpack(result)
assert result.__dlpack_device__()[0] == 2, result.__dlpack_device__()
where = ctypes.cast(result.data_ptr() if callable(getattr(result, "data_ptr", None)) else result.data_ptr, ctypes.POINTER(ctypes.c_int32))
assert [where[i] for i in range(16)] == list(a // 3)
stats = fuser.stats()
assert stats["launches"] == 1 and not stats["fallbacks"], stats
print("ran on", result.device)
"""
