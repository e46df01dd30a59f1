# Everything about the toolchain is in this file: flags, where MLIR comes from,
# and how libraries, tools and unit tests are made.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

option(FUSER_BUILD_TESTS "Build the tests and benchmarks" ${PROJECT_IS_TOP_LEVEL})
set(FUSER_SANITIZE OFF CACHE STRING
    "ON: the address and undefined-behaviour sanitizers; thread: that one")

# ---- ccache and lld, where present ------------------------------------------
find_program(FUSER_CCACHE ccache)
if(FUSER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${FUSER_CCACHE}")
  # Precompiled headers carry timestamps that say nothing about their content.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${FUSER_CCACHE}")
endif()
find_program(FUSER_LLD NAMES ld.lld-22 ld.lld)
if(FUSER_LLD)
  # gcc 12 looks for `ld.lld` in the folder given by -B.
  get_filename_component(FUSER_LLD_REAL "${FUSER_LLD}" REALPATH)
  get_filename_component(FUSER_LLD_DIR "${FUSER_LLD_REAL}" DIRECTORY)
  add_link_options(-fuse-ld=lld "-B${FUSER_LLD_DIR}")
endif()

# ---- dependencies ------------------------------------------------------------
find_program(FUSER_LLVM_CONFIG NAMES llvm-config-22 REQUIRED)
execute_process(COMMAND "${FUSER_LLVM_CONFIG}" --prefix
  OUTPUT_VARIABLE FUSER_LLVM_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
list(PREPEND CMAKE_PREFIX_PATH "${FUSER_LLVM_PREFIX}")
set(MLIR_BINARY_DIR "${PROJECT_BINARY_DIR}")
set(LLVM_RUNTIME_OUTPUT_INTDIR "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
set(LLVM_LIBRARY_OUTPUT_INTDIR "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
find_package(MLIR 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

find_package(TBB REQUIRED)
find_package(absl REQUIRED)
find_package(nlohmann_json REQUIRED)
set(FUSER_RUNTIME_LIBS
    absl::flat_hash_map absl::inlined_vector absl::span absl::status
    absl::statusor absl::strings TBB::tbb)
if(FUSER_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  include(GoogleTest)
endif()

# ---- flags -------------------------------------------------------------------
# Numerics: what is written is what runs. No contraction anywhere.
add_compile_options(
  -Wall -Wextra -Wno-unused-parameter -Werror=unused-result
  -fno-exceptions $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
  -ffp-contract=off)
add_compile_definitions(__STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS
                        __STDC_LIMIT_MACROS)
if(FUSER_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(FUSER_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# ---- what targets are made of --------------------------------------------------
set(FUSER_INCLUDE_DIRS "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                       "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>")

# One header for all that include MLIR, parsed once.
add_library(FuserMLIRHeaders STATIC
            "${PROJECT_SOURCE_DIR}/cmake/modules/MLIRHeaders.cpp")
target_include_directories(FuserMLIRHeaders SYSTEM PUBLIC
                           ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_precompile_headers(FuserMLIRHeaders PRIVATE
                          "${PROJECT_SOURCE_DIR}/cmake/modules/MLIRHeaders.h")

# add_fuser_library(NAME SOURCE... [MLIR] [DEPENDS target...]
#                   LINK_LIBS library...)
# A static library. With MLIR it sees MLIR's and LLVM's headers (precompiled)
# and links their shared libraries; without, it does not.
function(add_fuser_library name)
  cmake_parse_arguments(ARG "MLIR" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC ${FUSER_INCLUDE_DIRS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  if(ARG_MLIR)
    fuser_use_mlir(${name})
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# The shared libraries and nothing else: their archives would bring every type
# id a second time.
function(fuser_use_mlir name)
  target_include_directories(${name} SYSTEM PUBLIC
                             ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_link_libraries(${name} PUBLIC MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM FuserMLIRHeaders)
endfunction()

# ---- the C library -----------------------------------------------------------
# Code generators that it contains, and what of LLVM it needs beside them.
set(FUSER_LLVM_TARGETS x86 nvptx)
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(FUSER_LLVM_TARGETS native nvptx)
endif()
set(FUSER_LLVM_COMPONENTS core passes orcjit)
foreach(target IN LISTS FUSER_LLVM_TARGETS)
  list(APPEND FUSER_LLVM_COMPONENTS ${target}codegen)
endforeach()

# The archives of LLVM and MLIR: all of MLIR's, of which the linker takes what
# is needed.
function(fuser_find_archives result)
  execute_process(
    COMMAND "${FUSER_LLVM_CONFIG}" --link-static --libfiles
            ${FUSER_LLVM_COMPONENTS}
    OUTPUT_VARIABLE llvm OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(llvm UNIX_COMMAND "${llvm}")
  file(GLOB mlir "${FUSER_LLVM_PREFIX}/lib/libMLIR*.a")
  list(FILTER mlir EXCLUDE REGEX "libMLIR(CAPI|.*Test)")
  set(${result} ${mlir} ${llvm} PARENT_SCOPE)
endfunction()

# add_fuser_c_library(NAME SOURCE... VERSION_SCRIPT file ARCHIVES target...)
# The shared library `fuser`. It contains the archives of the targets and of
# MLIR and LLVM, whose shared libraries it must not link: every type id would be
# there twice.
function(add_fuser_c_library name)
  cmake_parse_arguments(ARG "" "VERSION_SCRIPT" "ARCHIVES" ${ARGN})
  add_library(${name} SHARED ${ARG_UNPARSED_ARGUMENTS})
  set(script "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_VERSION_SCRIPT}")
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME fuser
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    CXX_VISIBILITY_PRESET hidden
    LINK_DEPENDS "${script}")
  target_include_directories(${name} PRIVATE ${FUSER_INCLUDE_DIRS})
  target_include_directories(${name} INTERFACE
                             "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
  # Of the libraries that our archives are of, but for MLIR and LLVM.
  target_link_libraries(${name} PRIVATE ${FUSER_RUNTIME_LIBS})
  fuser_find_archives(archives)
  foreach(archive IN LISTS ARG_ARCHIVES)
    add_dependencies(${name} ${archive})
    list(PREPEND archives $<TARGET_FILE:${archive}>)
  endforeach()
  target_link_libraries(${name} PRIVATE
    -Wl,--start-group ${archives} -Wl,--end-group)
  # Code of kernels may be left when the process ends, so it is never unloaded.
  target_link_options(${name} PRIVATE
    "-Wl,--version-script=${script}" -Wl,--exclude-libs,ALL -Wl,-Bsymbolic
    -Wl,--gc-sections -Wl,-z,defs -Wl,-z,nodelete -Wl,--as-needed
    # DT_RPATH: libraries beside it are also found by each other.
    -Wl,--disable-new-dtags)
endfunction()

# add_fuser_tool(NAME SOURCE... [MLIR] LINK_LIBS library...)
function(add_fuser_tool name)
  cmake_parse_arguments(ARG "MLIR" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PRIVATE ${FUSER_INCLUDE_DIRS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  # As the libraries, so that the precompiled header fits.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  if(ARG_MLIR)
    target_include_directories(${name} SYSTEM PRIVATE
                               ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
    target_precompile_headers(${name} REUSE_FROM FuserMLIRHeaders)
  endif()
endfunction()

# add_fuser_unittest(NAME SOURCE... [MLIR] LINK_LIBS library...)
# A GoogleTest program whose cases are ctest cases.
function(add_fuser_unittest name)
  cmake_parse_arguments(ARG "MLIR" "" "LINK_LIBS" ${ARGN})
  set(mlir "")
  if(ARG_MLIR)
    set(mlir MLIR)
  endif()
  add_fuser_tool(${name} ${ARG_UNPARSED_ARGUMENTS}
                 "${PROJECT_SOURCE_DIR}/unittests/TierOfTests.cpp" ${mlir}
                 LINK_LIBS ${ARG_LINK_LIBS} GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120)
endfunction()
