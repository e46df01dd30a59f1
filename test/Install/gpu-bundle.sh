#!/usr/bin/env bash
# Makes the bundle that checks a GPU, unpacks it elsewhere, and runs it there on
# an emulated device, without a network where that can be had.
#
#   gpu-bundle.sh BUILD CMAKE
set -euo pipefail
build="$1" cmake="$2"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
fail() { echo "gpu-bundle.sh: error: $1" >&2; exit 1; }

"$cmake" --build "$build" --target gpu-bundle > "$folder/log" 2>&1 ||
  { tail -n 40 "$folder/log"; fail "the bundle could not be made"; }
archive="$(ls "$build"/fuser-gpu-check-*.tar.gz)"
megabytes=$(($(stat --format=%s "$archive") / 1000000))
[ "$megabytes" -le 60 ] || fail "the bundle has $megabytes MB, expected 60"

mkdir "$folder/elsewhere"
tar -xzf "$archive" -C "$folder/elsewhere" --strip-components=1
check="$folder/elsewhere/gpu-check.sh"

# Everything but these comes with it.
if ldd "$folder"/elsewhere/bin/[fF]user* 2> /dev/null | grep '=> /' |
     grep --invert-match --fixed-strings "$folder/elsewhere" |
     grep --invert-match --extended-regexp \
       '/(libstdc\+\+|libm|libgcc_s|libc|libdl|libpthread|librt)\.so'
then
  fail "the programs need libraries that are not in the bundle"
fi

alone=()
if unshare --user --net true 2> /dev/null; then
  alone=(unshare --user --net)
fi
${alone[@]+"${alone[@]}"} "$check" --emulated --quick "--out=$folder/results" ||
  fail "the check failed"
python3 - "$folder/results/report.json" << 'END'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["failures"] == 0 and report["emulated"] and report["quick"], report
assert {step["state"] for step in report["steps"]} == {"passed"}, report
assert len(report["benchmarks"]["workloads"]) == 20, report["benchmarks"]
assert all(entry.get("fallbacks", 0) == 0 and "error" not in entry
           for entry in report["benchmarks"]["workloads"]), report
END
grep --quiet "^# GPU check: emulated device" "$folder/results/report.md"

# What a machine without a driver is told.
mkdir "$folder/driver"
touch "$folder/driver/libcuda.so.1"
status=0
LD_LIBRARY_PATH="$folder/driver" "$check" --quick "--out=$folder/none" \
  > "$folder/log" 2>&1 || status=$?
[ "$status" = 2 ] || { cat "$folder/log"; fail "no driver, exit $status"; }
grep --quiet -e "--device=cuda: no CUDA driver" "$folder/log" ||
  { cat "$folder/log"; fail "no driver, another message"; }

# It must be able to fail: a program that is not what it should be.
echo 'func.func @broken' > "$folder/elsewhere/programs/bias_gelu.mlir"
status=0
"$check" --emulated --only=gelu "--out=$folder/broken" > "$folder/log" 2>&1 ||
  status=$?
[ "$status" = 1 ] || { cat "$folder/log"; fail "a broken program, exit $status"; }
