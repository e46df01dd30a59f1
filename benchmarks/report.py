"""Tables of the results of bench.py."""
import json
import math
import sys

OURS = ("fuser", "fuser-fast")
YARDSTICK = "c"  # has columns of its own
MODE_TEXT = {"fresh": "outputs allocated and given back by the call", "given": "outputs given"}


def number(value):
    """Three significant digits."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def least(result, mode):
    """The least time, in ms, or None if there is none or the results are wrong."""
    timing = result.get(mode) if result and "error" not in result else None
    if not timing or timing.get("wrong"):
        return None
    return timing.get("min_ms")


def line(result):
    """One result, for people who wait."""
    if "error" in result:
        kind = "unsupported" if result["unsupported"] else "failed"
        return f"{result['peer']}: {kind}: {result['error'].splitlines()[0]}"
    parts = [f"{result['peer']}: first {number(result.get('first_ms'))} ms"]
    for mode in MODE_TEXT:
        if mode in result:
            timing = result[mode]
            parts.append(f"{mode} {number(timing.get('min_ms'))} ms (median {number(timing.get('median_ms'))})"
                         + (f" WRONG: {timing['wrong']}" if timing.get("wrong") else ""))
    if result.get("complaint"):
        parts.append(result["complaint"])
    return ", ".join(parts)


def faults(data):
    """What is wrong with fuser and with our C: failures, wrong results, calls that were interpreted."""
    found = []
    for result in data["results"]:
        if result["peer"] not in (*OURS, YARDSTICK):
            continue
        where = f"{result['peer']}, {result['workload']}, {result['threads']} thread(s)"
        found += [f"{where}: {result[key]}" for key in ("error", "complaint") if result.get(key)]
        found += [f"{where}, {mode}: {result[mode]['wrong']}" for mode in MODE_TEXT
                  if result.get(mode, {}).get("wrong")]
    return found


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def markdown(header, rows):
    lines = [header, ["---"] * len(header)] + rows
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines) + "\n"


class View:
    """The results of one number of threads."""

    def __init__(self, data, threads):
        self.data = data
        self.results = {(r["workload"], r["peer"]): r for r in data["results"] if r["threads"] == threads}
        present = {peer for _, peer in self.results}
        self.peers = [peer for peer in data["versions"] if peer in present]
        self.names = [name for name in data["workloads"] if any(key[0] == name for key in self.results)]
        self.large = [name for name in self.names if not data["workloads"][name]["launch"]]
        rates = data["bandwidth"].get(str(threads))
        self.rate = max(rates.values()) if rates else None

    def time(self, name, peer, mode):
        return least(self.results.get((name, peer)), mode)

    def cell(self, name, peer, mode):
        result = self.results.get((name, peer), {})
        if "error" in result:
            return "-" if result["unsupported"] else "failed"
        timing = result.get(mode)
        if not timing:
            return "-"
        return number(timing.get("min_ms")) + (" wrong" if timing.get("wrong") else "")

    def roofline(self, name):
        """The least ms in which memory can move what has to move."""
        workload = self.data["workloads"][name]
        return workload["bytes"] / self.rate * 1e3 if self.rate and not workload["launch"] else None

    def best_rival(self, name, mode):
        """(ms, peer) of the fastest of the others, C apart."""
        times = [(self.time(name, peer, mode), peer) for peer in self.peers if peer not in (*OURS, YARDSTICK)]
        return min((entry for entry in times if entry[0] is not None), default=(None, "-"))

    def ratio(self, name, mode, peer=None):
        """Time of a rival, or of the best one, over fuser's: above 1 fuser is faster."""
        ours = self.time(name, "fuser", mode)
        theirs = self.time(name, peer, mode) if peer else self.best_rival(name, mode)[0]
        return theirs / ours if ours and theirs else None

    def share(self, name, mode):
        """Of the roofline, in percent."""
        ours, roofline = self.time(name, "fuser", mode), self.roofline(name)
        return 100 * roofline / ours if ours and roofline else None


def times_table(view, mode):
    rows = [[f"{name} {view.data['workloads'][name]['title']}", number(view.roofline(name))]
            + [view.cell(name, peer, mode) for peer in view.peers] for name in view.large]
    return markdown(["ms", "roofline"] + view.peers, rows)


def comparison_table(view):
    rows = []
    for name in view.names:
        row = [name]
        for mode in MODE_TEXT:
            rival = view.best_rival(name, mode)[1]
            row += [number(view.share(name, mode)), f"{number(view.ratio(name, mode))} {rival}".replace("- -", "-"),
                    number(view.ratio(name, mode, YARDSTICK))]
        rows.append(row)
    rows.append(["geometric mean, without small calls"] + [cell for mode in MODE_TEXT for cell in means(view, mode)])
    header = ["", "% of roofline, fresh", "best rival / fuser, fresh", "C / fuser, fresh",
              "% of roofline, given", "best rival / fuser, given", "C / fuser, given"]
    return markdown(header, rows)


def means(view, mode):
    """Of shares, of best rival over fuser and of C over fuser, over the large workloads that have them."""
    columns = [view.share, view.ratio, lambda name, mode: view.ratio(name, mode, YARDSTICK)]
    values = [[column(name, mode) for name in view.large] for column in columns]
    return [number(geometric_mean(value for value in column if value)) for column in values]


def goals_table(view):
    """For each goal: the mean, without small calls, the worst, and where it is missed."""
    rows = []
    for mode in MODE_TEXT:
        for title, peer in (("best rival", None), ("C", YARDSTICK)):
            ratios = sorted((view.ratio(name, mode, peer), name) for name in view.names
                            if view.ratio(name, mode, peer))
            if not ratios:
                continue
            missed = ", ".join(f"{name} {ratio:.2f}" for ratio, name in ratios if ratio < 1)
            mean = geometric_mean(ratio for ratio, name in ratios if name in view.large)
            rows.append([f"as fast as {title}, {mode}", number(mean),
                         f"{ratios[0][1]} {ratios[0][0]:.2f}", missed or "nowhere"])
    return markdown(["goal", "geometric mean, without small calls", "worst", "missed (time / fuser's)"], rows)


def first_call_table(view):
    rows = [[name] + [number(view.results.get((name, peer), {}).get("first_ms")) for peer in view.peers]
            for name in view.names]
    return markdown(["ms"] + view.peers, rows)


def kernels_table(view):
    """What fuser says of its compilations."""
    rows = []
    for name in view.names:
        result = view.results.get((name, "fuser"), {})
        if "compiles" in result:
            stages = result["compile_stages_ms"]
            rows.append([name, result["groups"], result["compiles"], number(result["load_ms"]),
                         number(sum(stages.values()))] + [number(stages[stage]) for stage in stages])
    if not rows:
        return ""
    stages = next(r["compile_stages_ms"] for r in view.results.values() if "compile_stages_ms" in r)
    return markdown(["ms", "groups", "kernels", "load", "compile"] + list(stages), rows)


def launch_table(view):
    rows = []
    for name in view.names:
        for mode in MODE_TEXT if view.data["workloads"][name]["launch"] else []:
            times = [view.time(name, peer, mode) for peer in view.peers]
            rows.append([f"{name} {view.data['workloads'][name]['title']}, {mode}"]
                        + [number(time and time * 1e3) for time in times])
    return markdown(["µs"] + view.peers, rows) if rows else ""


def failures(view):
    lines = []
    for (name, peer), result in view.results.items():
        for key in ("error", "complaint"):
            if result.get(key):
                lines.append(f"- {peer}, {name}: {' '.join(result[key].split())[:300]}\n")
        lines += [f"- {peer}, {name}, {mode}: wrong: {result[mode]['wrong']}\n" for mode in MODE_TEXT
                  if result.get(mode, {}).get("wrong")]
    return "".join(lines) or "None.\n"


def threads_section(data, threads):
    view = View(data, threads)
    title = f"{threads} thread{'s' if threads > 1 else ''}"
    parts = [f"## {title}\n"]
    if view.rate:
        parts.append(f"Roofline: {view.rate / 1e9:.1f} GB/s, the best of the bandwidths above.\n")
    for mode, text in MODE_TEXT.items():
        parts += [f"### {title}: {text}\n", times_table(view, mode)]
    parts += [f"### {title}: fuser beside the others\n", comparison_table(view),
              f"### {title}: goals\n", goals_table(view),
              f"### {title}: first call, compilation included\n", first_call_table(view)]
    for heading, text in (("fuser's kernels", kernels_table(view)), ("small calls", launch_table(view))):
        if text:
            parts += [f"### {title}: {heading}\n", text]
    parts += [f"### {title}: failed, wrong or unsupported\n", failures(view)]
    return "\n".join(parts)


def head(data):
    machine = data["machine"]
    lines = ["# Benchmarks\n",
             f"{machine['date']}, fuser {machine['commit']}; {machine['cpu']}, {machine['cores']} cores, "
             f"{machine['memory']}, Linux {machine['kernel']}, huge pages {machine['huge_pages']}; "
             f"{machine['compiler']}; Python {machine['python']}.\n",
             f"Least times of {machine['rounds']} turns of {machine['burst_ms']:g} ms"
             f"{', in real time' if machine['realtime'] else ''}"
             f"{', TINY ARRAYS: NO BENCHMARK' if machine['tiny'] else ''}.\n",
             "| rival | version |\n|---|---|"]
    lines += [f"| {peer} | {version} |" for peer, version in data["versions"].items()]
    return "\n".join(lines) + "\n"


def bandwidth_table(data):
    if not data["bandwidth"]:
        return ""
    ways = list(next(iter(data["bandwidth"].values())))
    counts = list(data["bandwidth"])
    rows = [[way] + [f"{data['bandwidth'][threads].get(way, 0) / 1e9:.1f}" for threads in counts] for way in ways]
    return "## Bandwidth of memory\n\n" + markdown(["GB/s"] + [f"{t} thread(s)" for t in counts], rows)


def table(data):
    counts = sorted({result["threads"] for result in data["results"]})
    parts = [head(data), bandwidth_table(data)] + [threads_section(data, threads) for threads in counts]
    return "\n".join(part for part in parts if part)


def merged(parts):
    """One run's figures of several; of what was measured twice, the later."""
    result = parts[0]
    for part in parts[1:]:
        again = {(each["threads"], each["workload"], each["peer"]) for each in part["results"]}
        result["results"] = part["results"] + [
            each for each in result["results"]
            if (each["threads"], each["workload"], each["peer"]) not in again]
        for name in ("versions", "bandwidth", "workloads"):
            result[name].update(part[name])
    order = sorted(result["workloads"], key=lambda name: ("PDL".index(name[0]), name))
    result["workloads"] = {name: result["workloads"][name] for name in order}
    return result


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("Usage: report.py FILE.json... > TABLE.md\n\nWrites the table of what bench.py --json wrote, of several runs"
                 " in one.")
    files = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            files.append(json.load(file))
    print(table(merged(files)))
