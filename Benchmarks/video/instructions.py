#!/usr/bin/python3
"""Instructions that x264 takes for pieces with the watermark and without, counted by valgrind: what the mark costs an encoder, the same
on any machine under any load. Reads what watermark.py has cut to WORK/source. See README.md in this folder."""
import argparse, csv, os, pathlib, re, statistics, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from rows import Rows

FFMPEG = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1"]


def counted(source, size, coder, target):
    """Billions of instructions, and bytes written."""
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", "25", "-i", source]
    child = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *FFMPEG, *raw, *coder, target],
                           capture_output=True, text=True)
    return int(re.search(r"I +refs: +([\d,]+)", child.stderr)[1].replace(",", "")) / 1e9, os.path.getsize(target)


def planes(source, target):
    subprocess.run([*FFMPEG, "-i", source, "-f", "rawvideo", "-pix_fmt", "yuv420p", target], check=True)
    return target


def measure(options, clip):
    plain, marked = options.work / f"{clip}.mkv", options.work / "counted" / f"{clip}.mkv"
    marked.parent.mkdir(exist_ok=True)
    marked.unlink(missing_ok=True)
    source = options.work / "source" / f"{clip}.mp4"
    subprocess.run([*FFMPEG, "-ss", "1", "-i", source, "-frames:v", str(options.frames), "-an", "-c:v", "ffv1", "-level", "3", plain], check=True)
    subprocess.run([options.touchmark, "label", plain, "--output", f"{marked.parent}/", "--producer", "X", "--layers", "watermark", "--key",
                    options.work / "key", "--check", "none", "--span", "whole", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    probe = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0:s=x", plain], capture_output=True, text=True)
    size, coder = probe.stdout.strip().strip("x"), ["-c:v", "libx264", "-threads", "1", *options.coder.split()]
    raw, coded = options.work / "counted.yuv", options.work / "counted.mp4"
    start, _ = counted(planes(plain, raw), size, ["-frames:v", "1", "-c:v", "mpeg4"], coded)
    (before, small), (after, large) = (counted(planes(path, raw), size, coder, coded) for path in (plain, marked))
    for path in (plain, marked, raw, coded):
        path.unlink()
    return {"plain": round(before - start, 3), "marked": round(after - start, 3), "ratio": round((after - start) / (before - start), 3),
            "bytes": round(large / small, 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark")
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--coder", default="-preset veryfast -partitions i8x8,i4x4 -crf 18", help="options of x264, by default those of whole clips")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--only", default=None, type=lambda text: list(filter(None, text.split(","))))
    options = parser.parse_args()
    rows = Rows(options.results)
    for clip in options.only if options.only is not None else [row["name"] for row in csv.DictReader(open(HERE / "clips.tsv"), delimiter="\t")]:
        if not rows.has(row="instructions", clip=clip, coder=options.coder):
            rows.add(row="instructions", clip=clip, coder=options.coder, **measure(options, clip))
    for coder in dict.fromkeys(row["coder"] for row in rows.of("instructions")):
        ratios = {row["clip"]: row["ratio"] for row in rows.of("instructions") if row["coder"] == coder}
        most = ", ".join(f"{clip} {ratio:.2f}" for clip, ratio in sorted(ratios.items(), key=lambda pair: -pair[1])[:4])
        print(f"{coder}: {len(ratios)} pieces, median {statistics.median(ratios.values()):.2f}; most {most}")


main()
