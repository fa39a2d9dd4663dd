#!/usr/bin/env python3
"""CPU seconds of labelling video, against ffmpeg drawtext with the same encoder and preset, each round in turn.

usage: bench.py --touchmark BINARY [--rounds N] [--minutes M] [--only NAME] [--results FOLDER]
Needs ffmpeg and fonts-noto-cjk (or any font with the text; --font FILE). Sources are made once into ~/.cache/touchmark-video.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TEXT = "AI生成"
PRODUCER = "001191110000MA0000000H10001"


def run(command, env=None):
    """CPU seconds, wall seconds and peak megabytes of a command."""
    start = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{process.stderr.read().decode()[-2000:]}")
    process.stderr.close()
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024


def source(cache, name, size, seconds, gop, extra=()):
    path = cache / f"{name}.mp4"
    if not path.exists():
        part = path.with_suffix(".part.mp4")
        picture = f"testsrc2=size={size}:rate=24:duration={seconds}"
        # Moving detail under noise that changes: not as easy as a test card, not as hard as film grain.
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i",
             f"sine=frequency=300:duration={seconds}", "-vf", "noise=alls=6:allf=t", "-c:v", "libx264", "-preset",
             "veryfast", "-crf", "24", "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0", "-pix_fmt", "yuv420p",
             "-c:a", "aac", "-b:a", "96k", *extra, str(part)], check=True)
        part.rename(path)
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--touchmark", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--font", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--results", default=str(pathlib.Path(__file__).parent / "results"))
    options = parser.parse_args()
    cache = pathlib.Path.home() / ".cache" / "touchmark-video"
    cache.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="touchmark-video-"))
    env = dict(os.environ, XDG_CONFIG_HOME=str(work / "config"))
    font = options.font or subprocess.run(
        ["fc-match", "-f", "%{file}", ":lang=zh"], capture_output=True, text=True).stdout
    draw = f"drawtext=fontfile={font}:text={TEXT}:fontsize=h*0.06:x=w-tw-20:y=h-th-20:fontcolor=white:box=1:boxcolor=black@0.7"

    def label(paths, *flags):
        shutil.rmtree(work / "out", ignore_errors=True)
        return [options.touchmark, "label", *map(str, paths), "--output", str(work / "out"), "--producer", PRODUCER,
                "--layers", "explicit,metadata", "--quiet", *flags]

    def ffmpeg(path, preset="medium", crf=18, filters=draw, threads=1):
        return ["ffmpeg", "-v", "error", "-y", "-i", str(path), "-vf", filters, "-c:v", "libx264", "-preset", preset, "-crf",
                str(crf), "-threads", str(threads), "-c:a", "copy", str(work / "ff.mp4")]

    long = source(cache, f"720p-{options.minutes:g}min", "1280x720", int(options.minutes * 60), 48)
    short = source(cache, "720p-8s-gop48", "1280x720", 8, 48)
    single = source(cache, "720p-8s-one-group", "1280x720", 8, 9999)
    clips = cache / "clips"
    clips.mkdir(exist_ok=True)
    for index in range(100):
        target = clips / f"{index:03}.mp4"
        if not target.exists():
            shutil.copy(source(cache, "360p-3s", "640x360", 3, 24), target)
    opening = draw + ":enable='lt(t,2)'"
    cases = {
        "long-smart": [("touchmark", lambda: run(label([long]), env)),
                       ("ffmpeg drawtext medium", lambda: run(ffmpeg(long, filters=opening)))],
        "short-smart": [("touchmark", lambda: run(label([short]), env)),
                        ("ffmpeg drawtext medium", lambda: run(ffmpeg(short, filters=opening)))],
        "short-full": [("touchmark", lambda: run(label([single]), env)),
                       ("ffmpeg drawtext veryfast", lambda: run(ffmpeg(single, "veryfast", filters=opening)))],
        "whole": [("touchmark", lambda: run(label([single], "--span", "whole"), env)),
                  ("ffmpeg drawtext veryfast", lambda: run(ffmpeg(single, "veryfast")))],
        "hundred-clips": [("touchmark", lambda: run(label([clips], "--span", "whole"), env)),
                          ("one ffmpeg a clip", lambda: [run(ffmpeg(p, "veryfast", threads=2)) for p in sorted(clips.iterdir())])],
        "metadata": [("touchmark", lambda: run(label([long], "--layers", "metadata"), env)),
                     ("cp", lambda: run(["cp", str(long), str(work / "copy.mp4")]))],
        "verify": [("touchmark", lambda: run([options.touchmark, "verify", str(work / "marked.mp4"), "--quiet"], env)),
                   ("ffprobe", lambda: run(["ffprobe", "-v", "error", "-show_format", str(work / "marked.mp4")]))],
    }
    run(label([long]), env)
    shutil.move(str(work / "out" / long.name), work / "marked.mp4")
    figures = {}
    for round_number in range(options.rounds):
        for name, sides in cases.items():
            if options.only and options.only != name:
                continue
            if name in ("long-smart", "hundred-clips") and round_number > 0:
                continue  # The other side takes minutes; once is enough for a ratio of fifty.
            for side, job in sides:
                result = job()
                if isinstance(result, list):
                    result = (sum(r[0] for r in result), sum(r[1] for r in result), max(r[2] for r in result))
                figures.setdefault((name, side), []).append(result)
                print(json.dumps({"case": name, "side": side, "round": round_number, "cpu": round(result[0], 3),
                                  "wall": round(result[1], 3), "mb": round(result[2], 1)}), flush=True)
    lines = ["| case | side | CPU s (median) | wall s | peak MB |", "| --- | --- | --- | --- | --- |"]
    for (name, side), values in figures.items():
        cpu, wall = (statistics.median(v[i] for v in values) for i in (0, 1))
        lines.append(f"| {name} | {side} | {cpu:.2f} | {wall:.2f} | {max(v[2] for v in values):.0f} |")
    text = "\n".join(lines) + f"\n\n{options.rounds} rounds in turn, {platform.machine()}, {os.cpu_count()} cores\n"
    print(text)
    if options.results:
        folder = pathlib.Path(options.results)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (time.strftime("%Y-%m-%d") + ".md")).write_text(text)
    shutil.rmtree(work)


main()
