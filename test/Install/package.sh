#!/usr/bin/env bash
# Makes the archive, unpacks it elsewhere, and builds and runs the C example
# against it: with the libraries that lie in it, not the machine's.
#
#   package.sh SOURCES BUILD CPACK
set -euo pipefail
sources="$1" build="$2" cpack="$3"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
fail() { echo "package.sh: error: $1" >&2; exit 1; }

"$cpack" --config "$build/CPackConfig.cmake" -G TGZ -B "$folder/package" \
  > "$folder/log" || { cat "$folder/log"; fail "cpack failed"; }
mkdir "$folder/elsewhere"
tar -xzf "$folder"/package/fuser-*.tar.gz -C "$folder/elsewhere" \
  --strip-components=1
rm -r "$folder/package"
lib="$folder/elsewhere/lib"

cc -std=c11 -Wall -Wextra -pedantic -Werror "$sources/examples/c/scale_add.c" \
  -I"$folder/elsewhere/include" -L"$lib" -lfuser "-Wl,-rpath,$lib" \
  -o "$folder/example"
"$folder/example" "$sources/examples/scale_add.mlir" > "$folder/output"
grep --quiet --line-regexp "new output: 1 3.5 6 8.5 11 13.5 16 18.5" \
  "$folder/output" || { cat "$folder/output"; fail "wrong output"; }

# Nothing but these comes from the machine.
if ldd "$folder/example" | grep --invert-match --fixed-strings "$lib" |
     grep --invert-match --extended-regexp \
       '(linux-vdso|ld-linux[^/]*|libtbb|libstdc\+\+|libm|libgcc_s|libc)\.so'
then
  fail "the library needs more than oneTBB and those of the compiler"
fi
