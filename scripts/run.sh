#!/usr/bin/env bash
# Builds fuser, then runs a program: by default the handwritten digits through
# a fused feature pipeline, checked against every op run by itself.
set -euo pipefail

usage() {
  cat <<TEXT
Usage: scripts/run.sh [--help] [FILE.mlir ARGUMENT...]

Installs what is missing, builds, and runs the digits example, whose result
goes to out/. With arguments it runs build/bin/fuser-runner with these instead;
\`build/bin/fuser-runner --help\` lists them.
TEXT
}

if [[ "${1:-}" == --help ]]; then
  usage
  exit 0
fi
here="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"
bash scripts/install-deps.sh
bash scripts/build.sh fuser-runner

echo "Running fuser-runner..."
if [[ $# -gt 0 ]]; then
  cd "$here"
  exec "$root/build/bin/fuser-runner" "$@"
fi

data=examples/data
build/bin/fuser-runner examples/digits.mlir \
  --input "images=$data/digits.npy" \
  --input "mean=$data/digits_mean.npy" \
  --input "std=$data/digits_std.npy" \
  --input "weight=$data/digits_weight.npy" \
  --input "bias=$data/digits_bias.npy" \
  --output-dir out --verify
echo "Done: out/result0.npy holds 96 features of each of the 1797 digits," \
     "the same bits as without fusion."
