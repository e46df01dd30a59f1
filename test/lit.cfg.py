# The lit suite: programs in, text out.
#
#   %examples   the examples folder
#   %src_root   the root of the sources
#   %obj_root   the build folder
#   %tools_dir  the folder of the programs
#   %python     the Python that CMake found
#
# Features: `numpy` (that Python has it), `ptxas` (it is on the PATH),
# `sanitizers` (built with some), `unittests` (they are built), `x86`.

import os
import platform
import shutil
import subprocess

import lit.formats

config.name = "fuser"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.fuser_obj_root, "test")

# Our tools first, then FileCheck, not, count and split-file.
config.environment["PATH"] = os.pathsep.join(
    [config.fuser_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
)

# Nobody's settings change what a test sees.
for variable in list(config.environment):
    if variable.startswith("FUSER_"):
        del config.environment[variable]

config.substitutions += [
    ("%examples", os.path.join(config.fuser_src_root, "examples")),
    ("%src_root", config.fuser_src_root),
    ("%obj_root", config.fuser_obj_root),
    ("%tools_dir", config.fuser_tools_dir),
    ("%python", config.python),
]

if subprocess.run([config.python, "-c", "import numpy"],
                  capture_output=True).returncode == 0:
    config.available_features.add("numpy")
if config.fuser_sanitize not in ("", "OFF"):
    config.available_features.add("sanitizers")
if all(os.path.exists(os.path.join(config.fuser_tools_dir, f"Fuser{name}Tests"))
       for name in ("Allocation", "Compiler", "Fault", "Math", "Runtime")):
    config.available_features.add("unittests")
if shutil.which("ptxas"):
    config.available_features.add("ptxas")
if platform.machine() in ("x86_64", "AMD64"):
    config.available_features.add("x86")
