# `gpu-bundle` packs what scripts/gpu-check.sh needs to check a GPU on a machine
# that has its driver and nothing of ours: docs/Gpu.md. The programs are those of
# the build, but share one library with all of MLIR and LLVM that they need
# inside. Nothing of it is built unless it is asked for.

set(FUSER_GPU_BUNDLE "fuser-gpu-check-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR}")
set(FUSER_GPU_FOLDER "${PROJECT_BINARY_DIR}/gpu-bundle")

# ---- the library -------------------------------------------------------------
add_library(FuserGpuCheck SHARED EXCLUDE_FROM_ALL
            "${PROJECT_SOURCE_DIR}/lib/CAPI/NoCompression.cpp")
fuser_find_archives(archives)
set(own "")
foreach(archive FuserCompiler FuserTransforms FuserDialect FuserEmulator
        FuserRuntime)
  add_dependencies(FuserGpuCheck ${archive})
  list(APPEND own $<TARGET_FILE:${archive}>)
endforeach()
set(script "${PROJECT_SOURCE_DIR}/cmake/package/gpu-check.map")
target_link_libraries(FuserGpuCheck PRIVATE
  -Wl,--whole-archive ${own} -Wl,--no-whole-archive
  -Wl,--start-group ${archives} -Wl,--end-group ${FUSER_RUNTIME_LIBS})
target_link_options(FuserGpuCheck PRIVATE
  "-Wl,--version-script=${script}" -Wl,-Bsymbolic -Wl,--gc-sections
  -Wl,-z,defs -Wl,-z,nodelete -Wl,--as-needed)
set_target_properties(FuserGpuCheck PROPERTIES
  LINK_DEPENDS "${script}"
  BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN"
  INSTALL_RPATH_USE_LINK_PATH OFF
  LIBRARY_OUTPUT_DIRECTORY "${FUSER_GPU_FOLDER}")

# ---- the programs ------------------------------------------------------------
# fuser-runner uses LLVM's support library itself: it gets a copy of its own.
execute_process(
  COMMAND "${FUSER_LLVM_CONFIG}" --link-static --libfiles support
  OUTPUT_VARIABLE FUSER_LLVM_SUPPORT OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(FUSER_LLVM_SUPPORT UNIX_COMMAND "${FUSER_LLVM_SUPPORT}")

# fuser_bundle_program(PROGRAM library...): the objects of PROGRAM, linked anew.
function(fuser_bundle_program program)
  add_executable(${program}-bundled EXCLUDE_FROM_ALL
                 $<TARGET_OBJECTS:${program}>)
  target_link_libraries(${program}-bundled PRIVATE
    FuserGpuCheck ${ARGN} ${FUSER_RUNTIME_LIBS} pthread dl)
  # DT_RPATH: the libraries are also found by each other.
  target_link_options(${program}-bundled PRIVATE -Wl,--gc-sections
                      -Wl,--as-needed -Wl,--disable-new-dtags)
  set_target_properties(${program}-bundled PROPERTIES
    LINKER_LANGUAGE CXX
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/../lib"
    INSTALL_RPATH_USE_LINK_PATH OFF
    RUNTIME_OUTPUT_DIRECTORY "${FUSER_GPU_FOLDER}")
endfunction()

foreach(archive FuserRunnerFiles FuserDeviceTiming)
  set(${archive}_FILE $<TARGET_FILE:${archive}>)
endforeach()
fuser_bundle_program(FuserCompilerTests GTest::gtest GTest::gtest_main)
fuser_bundle_program(FuserDeviceTests GTest::gtest GTest::gtest_main)
fuser_bundle_program(fuser-runner ${FuserDeviceTiming_FILE}
  ${FuserRunnerFiles_FILE} ${FUSER_LLVM_SUPPORT} nlohmann_json::nlohmann_json)
target_sources(fuser-runner-bundled PRIVATE
               "${PROJECT_SOURCE_DIR}/lib/CAPI/NoCompression.cpp")
fuser_bundle_program(fuser-gpu-bench ${FuserDeviceTiming_FILE}
  ${FuserRunnerFiles_FILE})
add_dependencies(fuser-runner-bundled FuserRunnerFiles FuserDeviceTiming)
add_dependencies(fuser-gpu-bench-bundled FuserRunnerFiles FuserDeviceTiming)

# ---- the archive -------------------------------------------------------------
add_custom_target(gpu-bundle
  COMMAND bash "${PROJECT_SOURCE_DIR}/scripts/make-gpu-bundle.sh"
          "${PROJECT_SOURCE_DIR}" "${FUSER_GPU_FOLDER}"
          "${PROJECT_BINARY_DIR}/${FUSER_GPU_BUNDLE}.tar.gz"
          "${CMAKE_STRIP}"
  DEPENDS FuserGpuCheck FuserCompilerTests-bundled FuserDeviceTests-bundled
          fuser-runner-bundled fuser-gpu-bench-bundled
  VERBATIM USES_TERMINAL)
