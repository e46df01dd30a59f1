#!/usr/bin/env bash
# Installs into a folder, moves that, and builds and runs programs against it,
# by CMake and by pkg-config.
#
#   install.sh SOURCES BUILD CMAKE
set -euo pipefail
sources="$1" build="$2" cmake="$3"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
fail() { echo "install.sh: error: $1" >&2; exit 1; }

"$cmake" --install "$build" --prefix "$folder/first" --strip > /dev/null
mv "$folder/first" "$folder/prefix"
prefix="$folder/prefix"

# The tools name the folder of LLVM, nothing names ours.
if grep --recursive --files-with-matches --fixed-strings \
     -e "$build" -e "$folder/first" "$prefix/lib" "$prefix/include" \
     --include='*.so*' --include='*.cmake' --include='*.pc' --include='*.h'; then
  fail "installed files name the build folder or the first prefix"
fi
for file in "$prefix"/bin/* "$prefix"/lib/libfuser.so; do
  if readelf --dynamic "$file" | grep -E '(RPATH|RUNPATH)' |
       grep --quiet --fixed-strings -e "$sources" -e "$folder"; then
    fail "$file looks for libraries in the build folder"
  fi
done

expected="given output: 1 3.5 6 8.5 11 13.5 16 18.5"
# check_example COMMAND...: it prints what the example should.
check_example() {
  "$@" "$sources/examples/scale_add.mlir" > "$folder/output" ||
    fail "$* failed"
  grep --quiet --line-regexp "$expected" "$folder/output" || {
    cat "$folder/output"
    fail "$* printed something else"
  }
}

"$cmake" -S "$sources/test/Install/outside" -B "$folder/outside" \
  -DCMAKE_PREFIX_PATH="$prefix" -DEXAMPLES="$sources/examples" > /dev/null
"$cmake" --build "$folder/outside" > /dev/null
check_example "$folder/outside/from-c"
"$folder/outside/from-cpp"

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -pedantic -Werror "$sources/examples/c/scale_add.c" \
  $(pkg-config --cflags --libs fuser) "-Wl,-rpath,$(pkg-config \
  --variable=libdir fuser)" -o "$folder/by-pkg-config"
check_example "$folder/by-pkg-config"

"$prefix/bin/fuser-runner" "$sources/examples/scale_add.mlir" \
  --input x=random:4x8xf32 --verify > /dev/null
"$prefix/bin/fuser-opt" --fuser-partition-pipeline \
  "$sources/examples/scale_add.mlir" > /dev/null
