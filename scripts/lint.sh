#!/usr/bin/env bash
# Checks what no compiler checks: format, which folder includes which, what is
# linked, where the environment is read, names of header guards.
set -euo pipefail

usage() {
  cat <<TEXT
Usage: scripts/lint.sh [--help]

Prints a line for each check and, at the end, all findings. Exit code 1 if
there are any. Needs clang-format-22; changes no file.
TEXT
}

case "${1:-}" in
  "") ;;
  --help) usage; exit 0 ;;
  *) echo "lint.sh: error: expected no arguments, found '$1'" >&2; exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

findings=()
before=0
# finding TEXT: remembers a finding.
finding() { findings+=("$1"); }
# checked NAME: says how the check that ends here went.
checked() {
  local number=$((${#findings[@]} - before))
  before=${#findings[@]}
  if [[ $number -eq 0 ]]; then
    echo "OK    $1"
  else
    echo "FAIL  $1: $number"
  fi
}
# matches WHAT PATTERN FILE...: every line of the files that matches the
# extended regular expression is a finding. Fine if there are no files.
matches() {
  local what="$1" pattern="$2" line
  shift 2
  [[ $# -gt 0 ]] || return 0
  while IFS= read -r line; do
    finding "$line   <- $what"
  done < <(grep --with-filename --line-number --extended-regexp -e "$pattern" \
             -- "$@" || true)
}

# Tracked files and new ones that are not ignored, as far as they exist.
list_files() {
  if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard
  else
    find . -type f -not -path './build*' -not -path './out/*' \
         -not -name '*.pyc' | sed 's|^\./||'
  fi
}
files=()
while IFS= read -r file; do
  if [[ -f "$file" ]]; then
    files+=("$file")
  fi
done < <(list_files | sort -u)

# select_files PATTERN [FOLDER...]: into `selected`, the files whose path
# matches the extended regular expression and that lie below a folder.
select_files() {
  local pattern="$1" file folder
  shift
  selected=()
  for file in "${files[@]}"; do
    [[ "$file" =~ $pattern ]] || continue
    if [[ $# -eq 0 ]]; then
      selected+=("$file")
      continue
    fi
    for folder in "$@"; do
      if [[ "$file" == "$folder"/* ]]; then
        selected+=("$file")
      fi
    done
  done
}

# ---- format ------------------------------------------------------------------
select_files '\.(h|cpp)$'
sources=("${selected[@]}")
if command -v clang-format-22 > /dev/null; then
  for file in "${sources[@]}"; do
    clang-format-22 --dry-run -Werror "$file" 2> /dev/null ||
      finding "$file   <- run clang-format-22 -i"
  done
  checked "format of ${#sources[@]} files"
else
  finding "clang-format-22 not found   <- run scripts/install-deps.sh"
  checked "format"
fi

# ---- layers ------------------------------------------------------------------
# layer FOLDERS ALLOWED: sources below the folders may include the public
# headers of ALLOWED only.
layer() {
  local folders="$1" allowed="$2" line
  # shellcheck disable=SC2086
  select_files '\.(h|cpp|td|def)$' $folders
  [[ ${#selected[@]} -gt 0 ]] || return 0
  while IFS= read -r line; do
    finding "$line   <- only ${allowed//|/, } may be included here"
  done < <(grep --with-filename --line-number --extended-regexp \
             '^ *#?include +["<]Fuser[A-Za-z]+/' -- "${selected[@]}" |
             grep --invert-match --extended-regexp \
               "include +[\"<](${allowed})/" || true)
}
layer "include/FuserMath" "FuserMath"
layer "include/FuserRuntime lib/Runtime" "FuserMath|FuserRuntime"
layer "include/FuserEmulator lib/Emulator" \
      "FuserMath|FuserRuntime|FuserEmulator"
layer "include/FuserDialect lib/Dialect" "FuserMath|FuserDialect"
layer "include/FuserTransforms lib/Transforms" \
      "FuserMath|FuserDialect|FuserRuntime|FuserTransforms"
layer "include/FuserCompiler lib/Compiler" \
      "FuserMath|FuserDialect|FuserRuntime|FuserEmulator|FuserTransforms|FuserCompiler"
layer "include/fuser-c lib/CAPI" \
      "FuserMath|FuserRuntime|FuserTransforms|FuserCompiler"
layer "python/src" "no header of C++"
checked "layers: no folder includes one above it"

select_files '\.(h|cpp|def)$' include/FuserMath include/FuserRuntime lib/Runtime \
             include/FuserEmulator lib/Emulator
matches "no MLIR and no LLVM in the runtime" \
        '^ *#include +["<](mlir|llvm)(-c)?/' ${selected[@]+"${selected[@]}"}
checked "runtime and math without MLIR and LLVM"

# ---- linking -----------------------------------------------------------------
select_files '(^|/)CMakeLists\.txt$|\.cmake$'
matches "link MLIR and LLVM, the shared libraries, only" \
        '^[^#]*(\bMLIR(OptLib|ExecutionEngine|CAPI|IR|Support|Pass|Parser)[A-Za-z]*\b|\bLLVM(Support|Core|OrcJIT)\b|MLIR_(DIALECT|CONVERSION|EXTENSION)_LIBS)' \
        ${selected[@]+"${selected[@]}"}
checked "no archives of MLIR or LLVM named in CMake files"

if [[ -f build/build.ninja ]]; then
  # The C library, and that of the GPU check, contain the archives; they and all
  # else link one kind only.
  while IFS= read -r output; do
    finding "build/build.ninja: $output links archives of MLIR"
  done < <(awk '/^build /{ output = $2 } / libMLIR|\/libMLIR/ {
             if (/libMLIR[A-Za-z0-9]*\.a/) archives[output] = 1
             if (/libMLIR\.so/) shared[output] = 1 }
           END { for (output in archives)
                   if (output !~ /^(lib\/libfuser|gpu-bundle\/libFuserGpuCheck)\.so/ || output in shared)
                     print output }' build/build.ninja)
  checked "archives of MLIR in two libraries only"
else
  echo "--    no build/build.ninja to look at"
fi

# ---- habits ------------------------------------------------------------------
environment=lib/Runtime/Environment.cpp
select_files '\.(h|cpp)$' include lib tools
selected_others=()
for file in "${selected[@]}"; do
  [[ "$file" == "$environment" ]] || selected_others+=("$file")
done
matches "the environment is read in $environment only" \
        '\b(secure_)?getenv *\(|sys::Process::GetEnv' \
        ${selected_others[@]+"${selected_others[@]}"}
checked "environment variables read in one file"

text_files=()
for file in "${files[@]}"; do
  case "$file" in *.npy | *.png | scripts/lint.sh) ;; *) text_files+=("$file") ;;
  esac
done
matches "no path of somebody's machine" '(^|[^A-Za-z0-9_.])/(home|Users|root)/' \
        "${text_files[@]}"
checked "no paths of home folders"

# ---- header guards -----------------------------------------------------------
# include/FuserX/Y.h has FUSERX_Y_H, any other a/b/Y.h has FUSER_A_B_Y_H.
select_files '\.h$' include lib tools unittests test benchmarks
for file in ${selected[@]+"${selected[@]}"}; do
  name="${file#include/}"
  [[ "$file" == include/* ]] || name="FUSER_$name"
  guard="$(tr '[:lower:]' '[:upper:]' <<< "$name" | tr -c 'A-Z0-9\n' '_')"
  [[ "$(grep --max-count=1 '^#ifndef' "$file" || true)" == "#ifndef $guard" ]] ||
    finding "$file   <- its guard should be $guard"
  grep --quiet "^#define $guard\$" "$file" ||
    finding "$file   <- does not define $guard"
done
checked "names of header guards"

if [[ ${#findings[@]} -gt 0 ]]; then
  echo
  printf '%s\n' "${findings[@]}"
  echo
  echo "lint: ${#findings[@]} findings in ${#files[@]} files"
  exit 1
fi
echo "lint: no findings in ${#files[@]} files"
