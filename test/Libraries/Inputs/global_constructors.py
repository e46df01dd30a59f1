"""Lists what the global constructors in archives call. Usage: global_constructors.py ARCHIVE..."""
import re
import subprocess
import sys

# std::ios_base::Init, and its destruction.
ALLOWED = re.compile(r"_ZNSt8ios_base4Init[CD]1Ev|__cxa_atexit|__dso_handle|\.bss|_ZStL8__ioinit")

findings = []
for archive in sys.argv[1:]:
    # It fails if no member has the section.
    text = subprocess.run(["objdump", "-dr", "-j", ".text.startup", archive], capture_output=True, text=True).stdout
    if "file format" not in text:
        sys.exit(f"{archive}: not read")
    member = function = None
    for line in text.splitlines():
        if found := re.match(r"(\S+):\s+file format", line):
            member = found[1]
        elif found := re.match(r"[0-9a-f]+ <(.+)>:", line):
            function = found[1]
        elif (found := re.search(r"R_\S+\s+(\S+)", line)) and not ALLOWED.match(found[1]):
            findings.append(f"{archive}({member}): {function} refers to {found[1]}")
if findings:
    sys.exit("\n".join(findings))
