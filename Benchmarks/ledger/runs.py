"""What --ledger costs a label run: wall and processor time with it and without, in turn, over folders of pictures.

runs.py --touchmark BINARY [--rounds 9] [--jobs 2] [--copies 6] [--work DIR] FOLDER ...
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

LAYERS = [("all", []), ("text, metadata", ["--layers", "explicit,metadata"]), ("metadata", ["--layers", "metadata"])]
PRODUCER = "001191110000MA0000000H10001"


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def label(options, work, pictures, arguments):
    out = os.path.join(work, "out")
    shutil.rmtree(out, ignore_errors=True)
    for end in ("", "-wal", "-shm"):
        path = os.path.join(work, "ledger.sqlite" + end)
        if os.path.exists(path):
            os.unlink(path)
    command = [options.touchmark, "label", pictures, "--output", out, "--producer", PRODUCER, "--quiet"]
    command += ["--key", os.path.join(work, "key"), "--jobs", str(options.jobs)] + arguments
    start, before = time.monotonic(), spent()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start, spent() - before


def compare(options, work, pictures, count, name, layers, report):
    ledger = ["--ledger", os.path.join(work, "ledger.sqlite")]
    times = {True: [], False: []}
    for turn in range(options.rounds):
        for has in ((False, True), (True, False))[turn % 2]:
            times[has].append(label(options, work, pictures, layers + report + (ledger if has else [])))
    wall, cpu = ([b[i] / a[i] for a, b in zip(times[False], times[True])] for i in (0, 1))
    more = statistics.median(b[1] - a[1] for a, b in zip(times[False], times[True])) / count * 1e6
    rate = count / statistics.median(t[0] for t in times[True])
    low, high = sorted(wall)[len(wall) // 4], sorted(wall)[3 * len(wall) // 4]
    print(f"| {name} | {statistics.median(wall):.2f} ({low:.2f} to {high:.2f}) | {statistics.median(cpu):.2f} "
          f"| {more:.0f} | {rate:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touchmark", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--copies", type=int, default=6)
    parser.add_argument("--work")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        os.environ["XDG_CONFIG_HOME"] = work
        keygen = [options.touchmark, "keygen", "--output", os.path.join(work, "key")]
        subprocess.run(keygen, check=True, stdout=subprocess.DEVNULL)
        print("| pictures, layers | wall, with ÷ without | CPU | µs of CPU a file | files a second with it |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for folder in options.folders:
            pictures = os.path.join(work, "in")
            os.mkdir(pictures)
            names = sorted(os.listdir(folder))
            for copy in range(options.copies):
                for name in names:
                    shutil.copy(os.path.join(folder, name), os.path.join(pictures, f"{copy}-{name}"))
            title = os.path.basename(folder.rstrip("/"))
            report = ["--report", os.path.join(work, "report.jsonl")]
            for layers, arguments in LAYERS:
                count = options.copies * len(names)
                compare(options, work, pictures, count, f"{title}, {layers}", arguments, [])
                if layers == "all":
                    compare(options, work, pictures, count, f"{title}, {layers}, both with a report", arguments, report)
            shutil.rmtree(pictures)


if __name__ == "__main__":
    main()
