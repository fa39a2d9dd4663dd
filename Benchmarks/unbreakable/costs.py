#!/usr/bin/env python3
"""What the promises cost: --sync none, batch and file, and a worker's jobs against one run.

    costs.py --touchmark .build/release/touchmark [--files 2000] [--rounds 3] [--work DIR]

All are measured over the same small PNG files (96 x 96), metadata alone, one worker thread, in turns; the work folder decides which disk
is waited for. CPU is user and system time of the process. Prints medians, least and most.
"""
import argparse, json, os, pathlib, resource, shutil, statistics, subprocess, time

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]


def measure(command, **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--touchmark", type=pathlib.Path, default=ROOT / ".build/release/touchmark")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/touchmark-costs"))
    options = parser.parse_args()
    options.touchmark = options.touchmark.resolve()
    options.work.mkdir(parents=True)
    os.environ["XDG_CONFIG_HOME"] = str(options.work / "config")
    inputs = options.work / "in"
    inputs.mkdir()
    picture = next((ROOT / "Fixtures/gallery").glob("photo*.jpg"))
    Image.open(picture).convert("RGB").resize((96, 96)).save(inputs / "0.png")
    for index in range(1, options.files):
        shutil.copyfile(inputs / "0.png", inputs / f"{index}.png")
    out = options.work / "out"
    common = ["--output", out, "--producer", "P", "--layers", "metadata", "--jobs", "1", "--quiet"]
    jobs = "".join(json.dumps({"id": i, "input": str(inputs / f"{i}.png")}) + "\n" for i in range(options.files))
    ways = {f"label --sync {sync}": (["label", inputs, *common, "--sync", sync], {}) for sync in ("none", "batch", "file")}
    ways["label --sync none, report"] = (["label", inputs, *common, "--sync", "none", "--report", options.work / "r"], {})
    ways["worker --sync none"] = (["worker", *common, "--sync", "none"], {"input": jobs})
    ways["worker --sync none --no-digests"] = (["worker", *common, "--sync", "none", "--no-digests"], {"input": jobs})
    times = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, (arguments, extra) in ways.items():
            times[way].append(measure([options.touchmark, *arguments], **extra))
            shutil.rmtree(out)
    print("| way | files/s | CPU ms a file |\n| --- | --- | --- |")
    for way, pairs in times.items():
        rates = sorted(options.files / wall for wall, _ in pairs)
        cpu = sorted(1000 * seconds / options.files for _, seconds in pairs)
        print(f"| {way} | {statistics.median(rates):.0f} ({rates[0]:.0f} to {rates[-1]:.0f}) "
              f"| {statistics.median(cpu):.3f} ({cpu[0]:.3f} to {cpu[-1]:.3f}) |")
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
