#!/usr/bin/env bash
# Configures and builds fuser with CMake and Ninja.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<TEXT
Usage: scripts/build.sh [--help] [--debug | --sanitize | --tsan]
                        [NINJA ARGUMENT...]

Builds into build/ (Release), build-debug/ (--debug), build-sanitize/
(--sanitize: address and undefined-behaviour sanitizers) or build-tsan/
(--tsan: thread sanitizer). What follows is passed to ninja, e.g. -j2 or the
name of a target.
TEXT
}

preset=release
folder=build
case "${1:-}" in
  --help) usage; exit 0 ;;
  --debug) preset=debug folder=build-debug; shift ;;
  --sanitize) preset=sanitize folder=build-sanitize; shift ;;
  --tsan) preset=tsan folder=build-tsan; shift ;;
esac

# Configures again only where there is nothing to build from: ninja notices
# changes of the CMake files by itself.
if [[ ! -f "$folder/build.ninja" ]]; then
  echo "Configuring $folder..."
  cmake --preset "$preset"
fi
echo "Building in $folder..."
ninja -C "$folder" "$@"
