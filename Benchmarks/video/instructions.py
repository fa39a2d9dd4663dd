#!/usr/bin/python3
"""Instructions that pieces take with the watermark and without, counted by valgrind: what the mark costs, the same on any machine under
any load. Of x264 alone, or of whole labels. Reads what watermark.py has cut to WORK/source. See README.md in this folder."""
import argparse, csv, os, pathlib, re, statistics, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from rows import Rows

FFMPEG = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1"]


def instructions(command):
    """Billions of them."""
    child = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command], capture_output=True, text=True)
    return int(re.search(r"I +refs: +([\d,]+)", child.stderr)[1].replace(",", "")) / 1e9


def counted(source, size, coder, target):
    """Billions of instructions, and bytes written."""
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", "25", "-i", source]
    return instructions([*FFMPEG, *raw, *coder, target]), os.path.getsize(target)


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


def labelled(options, clip):
    """Whole labels of the piece's first frames, decoding and writing included; as they were cut, or in groups of some pictures, of which a
    label of the opening codes the first ones anew."""
    source, folder = options.work / f"{clip}-counted.mp4", options.work / "counted"
    folder.mkdir(exist_ok=True)
    coder = f"-c:v libx264 -preset veryfast -crf 14 -g {options.group}".split() if options.group else ["-c", "copy"]
    subprocess.run([*FFMPEG, "-i", options.work / "source" / f"{clip}.mp4", "-frames:v", str(options.frames), *coder, source], check=True)
    sides = []
    for layers in ("explicit", "explicit,watermark"):
        target = folder / source.name
        target.unlink(missing_ok=True)
        count = instructions([options.touchmark, "label", source, "--output", f"{folder}/", "--producer", "X", "--layers", layers, "--key",
                              options.work / "key", "--check", "none", "--span", options.span, "--jobs", "1", "--quiet"])
        sides.append((count, target.stat().st_size))
        target.unlink()
    source.unlink()
    (before, small), (after, large) = sides
    return {"plain": round(before, 3), "marked": round(after, 3), "ratio": round(after / before, 3), "bytes": round(large / small, 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark")
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--coder", default="-preset veryfast -partitions i8x8 -crf 18", help="options of x264, by default those of whole clips")
    parser.add_argument("--labels", action="store_true", help="count whole labels")
    parser.add_argument("--span", default="whole", help="how long the label is shown: whole or opening")
    parser.add_argument("--group", type=int, default=None, help="pictures in a group, coded so before")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--only", default=None, type=lambda text: list(filter(None, text.split(","))))
    options = parser.parse_args()
    rows = Rows(options.results)
    kind = {} if options.span == "whole" and not options.group else {"span": options.span, "group": options.group}
    for clip in options.only if options.only is not None else [row["name"] for row in csv.DictReader(open(HERE / "clips.tsv"), delimiter="\t")]:
        if options.labels and not rows.has(row="label", clip=clip, frames=options.frames, **kind):
            rows.add(row="label", clip=clip, frames=options.frames, **kind, **labelled(options, clip))
        if not options.labels and not rows.has(row="instructions", clip=clip, coder=options.coder):
            rows.add(row="instructions", clip=clip, coder=options.coder, **measure(options, clip))
    sides = {}
    for row in rows.of("label"):
        name = f"labels of {row['frames']} frames" + (f", {row['span']}, groups of {row['group']}" if "span" in row else "")
        sides.setdefault(name, {})[row["clip"]] = row["ratio"]
    for row in rows.of("instructions"):
        sides.setdefault(row["coder"], {})[row["clip"]] = row["ratio"]
    for name, ratios in sides.items():
        most = ", ".join(f"{clip} {ratio:.2f}" for clip, ratio in sorted(ratios.items(), key=lambda pair: -pair[1])[:4])
        print(f"{name}: {len(ratios)} pieces, median {statistics.median(ratios.values()):.2f}; most {most}")


main()
