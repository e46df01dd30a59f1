#!/usr/bin/env bash
# Builds fuser-bench and times fuser and its rivals: one command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<TEXT
Usage: scripts/bench.sh [--venv DIR | --make-venv DIR] [OPTION...]

Builds build/bin/fuser-bench and runs benchmarks/bench.py. --venv: the virtual
environment that has the rivals written in Python (also \$FUSER_BENCH_VENV);
--make-venv: makes one with pip first. Without, only --peers fuser,fuser-fast,c
run, which need NumPy alone. The other options:

TEXT
}

venv="${FUSER_BENCH_VENV:-}"
case "${1:-}" in
  --venv | --make-venv)
    [[ $# -ge 2 ]] || { echo "bench.sh: error: $1 needs a folder" >&2; exit 2; }
    venv="$2"
    if [[ "$1" == --make-venv ]]; then
      python3 -m venv "$venv"
      "$venv/bin/pip" install --quiet --requirement benchmarks/requirements.txt
    fi
    shift 2 ;;
esac
python=python3
[[ -z "$venv" ]] || python="$venv/bin/python3"

for argument in "$@"; do
  case "$argument" in
    --help | -h) usage; exec "$python" benchmarks/bench.py --help ;;
    --list) exec "$python" benchmarks/bench.py --list ;;
  esac
done
bash scripts/build.sh fuser-bench >&2
exec "$python" benchmarks/bench.py "$@"
