#!/usr/bin/env bash
# Packs the folder that gpu-check.sh runs in: `ninja -C build gpu-bundle` calls
# it. The programs and our library, those of Abseil and oneTBB, and the C and C++
# libraries for machines whose own are older.
#
#   make-gpu-bundle.sh SOURCES PROGRAMS ARCHIVE STRIP
set -euo pipefail
sources="$1" programs="$2" archive="$3" strip="$4"
name="$(basename "$archive" .tar.gz)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
root="$folder/$name"
mkdir -p "$root"/{bin,lib,system,programs,doc}

for program in FuserCompilerTests FuserDeviceTests fuser-gpu-bench fuser-runner
do
  "$strip" -o "$root/bin/$program" "$programs/$program-bundled"
done
"$strip" -o "$root/lib/libFuserGpuCheck.so" "$programs/libFuserGpuCheck.so"

# What they need beside, from this machine: under lib/ what ours always use,
# under system/ what every machine has in some version.
LD_LIBRARY_PATH="$programs" ldd "$root"/bin/[fF]user* \
    "$programs/libFuserGpuCheck.so" |
  sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' |
  sort -u | while read -r library; do
  case "$(basename "$library")" in
    libFuserGpuCheck.so) ;;
    libabsl_*|libtbb.*) cp -L "$library" "$root/lib" ;;
    *) cp -L "$library" "$root/system" ;;
  esac
done
# What drivers ask for, and which goes with its C library only.
libc="$(readlink -f "$(ldd "$root/bin/fuser-runner" |
                       sed -n 's/.*libc\.so\.6 => \([^ ]*\) .*/\1/p')")"
for library in libdl.so.2 libpthread.so.0 librt.so.1; do
  cp -L "$(dirname "$libc")/$library" "$root/system"
done
"$strip" --strip-unneeded "$root"/lib/*.so*

cp "$sources/scripts/gpu-check.sh" "$root"
cp "$sources"/benchmarks/workloads/P*.mlir "$sources"/examples/*.mlir \
  "$root/programs"
paste -sd: "$sources/unittests/Compiler/not-on-devices.txt" \
  > "$root/programs/skipped-tests"
cp "$sources"/benchmarks/{torch_gpu.py,workloads.py,long_chain.py} "$root/bin"
cp "$sources/LICENSE" "$sources/docs/Gpu.md" "$root/doc"
for package in libmlir-22-dev libabsl-dev libtbb-dev libstdc++6 libc6; do
  if [ -e "/usr/share/doc/$package/copyright" ]; then
    cp -L "/usr/share/doc/$package/copyright" "$root/doc/LICENSE.$package"
  fi
done
# The numbers go with what they are of.
{ cat "$sources/scripts/gpu-check.sh"; cd "$root"; sha256sum bin/* lib/*; } |
  sha256sum | cut -c1-12 > "$root/doc/build-id"

tar -czf "$archive" -C "$folder" --owner=0 --group=0 "$name"
du -h "$archive"
