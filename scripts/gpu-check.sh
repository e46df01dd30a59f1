#!/usr/bin/env bash
# Checks fuser on the first NVIDIA GPU of this machine, from an unpacked
# gpu-bundle (docs/Gpu.md): the tests, then the benchmarks. Needs the driver,
# no network, no compiler and no Python.
#
#   gpu-check.sh [--out=DIR] [--quick] [--only=REGEX] [--emulated]
#
# --out=DIR    where report.md, report.json and the logs go (gpu-check-results)
# --quick      fewer tests, benchmarks on small tensors
# --only=REGEX only steps whose name matches
# --emulated   on a device that the processor emulates: tries this script, with
#              small benchmarks
#
# Exit status: 0 all passed, 1 something failed, 2 wrong usage or no device.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out=gpu-check-results quick="" emulated="" only=""
for argument in "$@"; do
  case "$argument" in
    --out=?*) out="${argument#--out=}" ;;
    --quick) quick=--quick ;;
    --only=?*) only="${argument#--only=}" ;;
    --emulated) emulated=1 ;;
    --help|-h) sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "gpu-check.sh: error: unknown argument '$argument'" >&2; exit 2 ;;
  esac
done
if [ ! -x "$root/bin/fuser-runner" ]; then
  echo "gpu-check.sh: error: expected bin/fuser-runner beside it; unpack the" \
       "archive that 'ninja -C build gpu-bundle' makes" >&2
  exit 2
fi
mkdir -p "$out/logs" || exit 2
out="$(cd "$out" && pwd)"

# Nobody's settings change what a test sees.
unset "${!FUSER_@}"
[ -z "$emulated" ] || export FUSER_EMULATE_GPU=1
# What the driver takes to compile a kernel is measured, not looked up.
export CUDA_CACHE_DISABLE=1

# With the machine's own C and C++ libraries, or, where these are too old, with
# those of the bundle.
loader=()
if ! "$root/bin/fuser-runner" --version > "$out/logs/start.log" 2>&1; then
  loader=("$root/system/$(cd "$root/system" && ls ld-linux* | head -n 1)"
          --library-path "$root/lib:$root/system:${LD_LIBRARY_PATH:-}")
  if ! "${loader[@]}" "$root/bin/fuser-runner" --version \
       >> "$out/logs/start.log" 2>&1; then
    cat "$out/logs/start.log" >&2
    echo "gpu-check.sh: error: the programs do not start here" >&2
    exit 2
  fi
fi
run() { # PROGRAM argument...
  local program="$1"
  shift
  ${loader[@]+"${loader[@]}"} "$root/bin/$program" "$@"
}

# ---- steps -------------------------------------------------------------------
names=() states=() seconds=() details=()
failures=0

# step NAME LIMIT command...: its output goes to logs/NAME.log.
step() {
  local name="$1" limit="$2" start=$SECONDS state=passed
  shift 2
  [[ "$name" =~ $only ]] || return 0
  local log="$out/logs/$name.log"
  # `timeout` runs programs only: this shell, with what it knows.
  ( "$@" ) > "$log" 2>&1 &
  local job=$! waited=0
  while kill -0 "$job" 2> /dev/null && [ "$waited" -lt "$limit" ]; do
    sleep 0.2
    waited=$((SECONDS - start))
  done
  if kill -0 "$job" 2> /dev/null; then
    pkill -P "$job" 2> /dev/null
    kill "$job" 2> /dev/null
    echo "stopped after $limit seconds" >> "$log"
  fi
  wait "$job" || state=failed
  [ "$state" = passed ] || failures=$((failures + 1))
  names+=("$name") states+=("$state") seconds+=($((SECONDS - start)))
  details+=("$(grep -E '^\[  PASSED  \]|^ ?[0-9]+ FAILED TEST|^verified|error:|stopped after' \
               "$log" | tail -n 1 | tr -d '"\\|' | cut -c1-160)")
  printf '%-28s %-6s %5d s  %s\n' "$name" "$state" "${seconds[-1]}" \
         "${details[-1]}"
}

# Elements of a line of a JSON file: "name": value.
field() { # FILE NAME
  sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1" |
    head -n 1
}

# ---- device ------------------------------------------------------------------
probe="$out/logs/device.json"
if ! run fuser-runner "$root/programs/scale_add.mlir" \
       --input=random:64x64xf32 --device=cuda --stats=json \
       > "$probe" 2> "$out/logs/device.log"; then
  cat "$out/logs/device.log" >&2
  exit 2
fi
device="$(sed -n '/"device": {/,/}/p' "$probe" > "$out/logs/device.part"; \
          field "$out/logs/device.part" name)"
capability="$(field "$out/logs/device.part" compute_capability)"
cuda="$(field "$out/logs/device.part" driver_cuda_version)"
driver=""
if [ -z "$emulated" ] && command -v nvidia-smi > /dev/null; then
  driver="$(nvidia-smi --query-gpu=driver_version,clocks.max.memory,power.limit \
              --format=csv,noheader 2> /dev/null | head -n 1)"
fi
version="$(run fuser-runner --version), build $(cat "$root/doc/build-id")"
host="$(uname -srm), $(getconf GNU_LIBC_VERSION 2> /dev/null)"
[ ${#loader[@]} = 0 ] || host="$host, with the bundle's C library"
printf '%s\n' "device:  $device, compute capability $capability" \
  "driver:  for CUDA $cuda${driver:+; nvidia-smi: $driver}" \
  "fuser:   $version" "host:    $host" ""

# ---- tests -------------------------------------------------------------------
# Of the unit tests not what spans more memory than a device has, and what
# counts kernels or looks at addresses of the host (unittests/Compiler).
skipped="$(cat "$root/programs/skipped-tests")"
filter="*-$skipped"
[ -z "$quick" ] ||
  filter="Half.*:Concat*.*:Lstm.*:Transpose.*:Index.*:Division*.*-$skipped"
compiler_tests() {
  FUSER_TIER=2 FUSER_TEST_DEVICE=cuda run FuserCompilerTests --gtest_brief=1 \
    "--gtest_filter=$filter"
}
step compiler-tests 3600 compiler_tests
device_tests() {
  run FuserDeviceTests --gtest_brief=1 ${quick:---gtest_repeat=5}
}
step streams-and-threads 900 device_tests

# The programs of the benchmarks on odd sizes, and the examples.
verify_program() { # FILE type...
  local program="$1" arguments=()
  shift
  for type in "$@"; do arguments+=("--input=random:$type"); done
  run fuser-runner "$root/programs/$program.mlir" "${arguments[@]}" \
    --device=cuda --verify
}
step verify-scale-add 60 verify_program scale_add 1000x1001xf32
step verify-bias-gelu 60 verify_program bias_gelu 333x65xf32 65xf32
step verify-lstm-cell 60 verify_program lstm_cell \
  70x400xf32 400xf32 70x400xf32 400xf32 70x100xf32
bench_quick() {
  run fuser-gpu-bench --quick --seconds=0.01 "--programs=$root/programs" \
    "--json=$out/logs/quick.json"
}
step verify-workloads 600 bench_quick

# ---- benchmarks --------------------------------------------------------------
json="$out/logs/quick.json" bench_log="$out/logs/verify-workloads.log"
if [ -z "$quick$emulated" ]; then
  json="$out/logs/benchmarks.json" bench_log="$out/logs/benchmarks.log"
  bench() {
    run fuser-gpu-bench --seconds=1 "--programs=$root/programs" "--json=$json"
  }
  step benchmarks 1800 bench
fi
torch=no
if [ -z "$emulated" ] && python3 -c \
     'import numpy, torch; assert torch.cuda.is_available()' 2> /dev/null; then
  torch=yes
  torch_bench() {
    local command="$root/bin/fuser-gpu-bench"
    [ ${#loader[@]} = 0 ] || command="${loader[*]} $command"
    python3 "$root/bin/torch_gpu.py" --fuser "$command" \
      --programs "$root/programs" --json "$out/logs/torch.json" $quick
  }
  step pytorch 3600 torch_bench
fi

# ---- report ------------------------------------------------------------------
{
  echo "# GPU check: $device"
  echo
  echo "| | |"
  echo "|---|---|"
  echo "| device | $device, compute capability $capability |"
  echo "| driver | for CUDA $cuda${driver:+; $driver} |"
  echo "| fuser | $version |"
  echo "| host | $host |"
  echo "| run | ${quick:-full}${emulated:+, emulated}, PyTorch with CUDA: $torch |"
  echo
  echo "| step | state | s | |"
  echo "|---|---|---|---|"
  for i in "${!names[@]}"; do
    echo "| ${names[i]} | ${states[i]} | ${seconds[i]} | ${details[i]} |"
  done
  printf '\n```\n'
  cat "$bench_log" "$out/logs/pytorch.log" 2> /dev/null
  echo '```'
} > "$out/report.md"
{
  printf '{\n"device": "%s", "compute_capability": "%s",\n' \
         "$device" "$capability"
  printf '"driver_cuda_version": "%s", "nvidia_smi": "%s",\n' "$cuda" "$driver"
  printf '"version": "%s", "host": "%s",\n' "$version" "$host"
  printf '"emulated": %s, "quick": %s, "failures": %d,\n"steps": [\n' \
         "$([ -n "$emulated" ] && echo true || echo false)" \
         "$([ -n "$quick" ] && echo true || echo false)" "$failures"
  for i in "${!names[@]}"; do
    printf '  {"name": "%s", "state": "%s", "seconds": %d, "detail": "%s"}%s\n' \
      "${names[i]}" "${states[i]}" "${seconds[i]}" "${details[i]}" \
      "$([ "$i" = $((${#names[@]} - 1)) ] || echo ,)"
  done
  printf '],\n"benchmarks": '
  if [ -s "$json" ]; then cat "$json"; else echo null; fi
  printf ',\n"pytorch": '
  if [ -s "$out/logs/torch.json" ]; then cat "$out/logs/torch.json"
  else echo null; fi
  echo '}'
} > "$out/report.json"

echo
cat "$bench_log" 2> /dev/null
echo
echo "$out/report.md, $out/report.json"
if [ ${#names[@]} = 0 ]; then
  echo "gpu-check.sh: error: --only: no step's name matches '$only'" >&2
  exit 2
fi
if [ "$failures" -gt 0 ]; then
  echo "$failures of ${#names[@]} steps failed: see $out/logs"
  exit 1
fi
echo "all ${#names[@]} steps passed"
