#!/usr/bin/python3
"""Measures what touchmark's watermark in video survives: cuts the clips of clips.tsv, marks them, attacks them with ffmpeg, and asks
touchmark what it reads. See README.md in this folder."""
import argparse, csv, json, math, os, pathlib, resource, statistics, subprocess, sys
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from rows import Rows

X264 = "-c:v libx264 -preset veryfast -crf"
# What ffmpeg does to the marked clip.
ATTACKS = {
    "h264-23": f"{X264} 23",
    "h264-28": f"{X264} 28",
    "480p-28": f"-vf scale=-2:480 {X264} 28",
    "360p-30": f"-vf scale=-2:360 {X264} 30",
    "hevc-28": "-c:v libx265 -preset ultrafast -crf 28 -x265-params log-level=none",
    "vp9-36": "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 0 -crf 36",
    "av1-38": "-c:v libsvtav1 -preset 10 -crf 38",
    "crop50": f"-vf crop=trunc(iw*.3536)*2:trunc(ih*.3536)*2:iw*.2:ih*.1 {X264} 23",
    "letterbox": f"-vf pad=iw:trunc(ih*.7)*2:0:(oh-ih)/2 {X264} 23",
    "mirror": f"-vf hflip {X264} 23",
    "rotate15": f"-vf rotate=PI/12 {X264} 23",
    "speed110": f"-vf setpts=PTS/1.1 {X264} 23",
    "speed90": f"-vf setpts=PTS/0.9 {X264} 23",
    "framedrop": f"-vf select=mod(n\\,3) -vsync vfr {X264} 23",
    "excerpt1s": f"-ss 1.3 -t 1 {X264} 23",
    "screen0.5": f"-filter_complex [0:v]split[a][b];[b]scale=iw/2:ih/2[s];[a]boxblur=20,eq=brightness=-.2[g];[g][s]overlay=W*.2:H*.3 {X264} 23",
}
STILLS = {"png": "", "jpeg75": "-q:v 6"}
PARTS = "reads,cost,steadiness,false"
# Where windows of 1 s and frames are taken of a piece for false answers, in seconds.
WINDOWS, MOMENTS = (0, 1, 2), [step / 4 for step in range(12)]


def run(command):
    """Runs a child; its CPU seconds and output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2), child


def ffmpeg(*arguments):
    _, child = run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", *map(str, arguments)])
    if child.returncode:
        raise SystemExit(f"ffmpeg {' '.join(map(str, arguments))}: {child.stderr}")


def wilson(good, of):
    z, p = 1.96, good / of
    middle, half = p + z * z / 2 / of, z * math.sqrt(p * (1 - p) / of + z * z / 4 / of / of)
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def luma(path, size):
    """The luma of each frame."""
    width, height = size
    child = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path, "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"],
                             stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    length = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    try:
        while len(data := child.stdout.read(length)) == length:
            yield np.frombuffer(data, np.uint8, width * height)
    finally:
        # Also where nobody asks for the end: what it took would be counted for the next child.
        child.stdout.close()
        child.wait()


class Suite:
    def __init__(self, options, rows):
        self.options, self.rows, self.work = options, rows, options.work
        for folder in ("source", "plain", "marked", "pure", "attacked"):
            (self.work / folder).mkdir(parents=True, exist_ok=True)
        self.keys = [self.work / "key", self.work / "other.key"]
        for key in self.keys:
            if not key.exists():
                run([options.touchmark, "keygen", "--output", key])

    def cut(self, row):
        """The piece of a clip that is used, at its size: one group of pictures, as generators write them."""
        target = self.work / "source" / (row["name"] + ".mp4")
        if not target.exists():
            source = self.options.clips / row["repository"].split(":")[1].replace("/", "+") / row["path"]
            part = self.work / "source" / f"{row['name']}.part.mp4"
            # Decoded from its beginning: in one of the files what is flagged as a key frame cannot be decoded alone.
            ffmpeg("-xerror", "-i", source, "-ss", row["start"], "-t", row["seconds"], "-an", "-vf",
                   f"scale=-2:{row['height']}:flags=lanczos,setsar=1", *f"{X264} 14 -pix_fmt yuv420p -g 250".split(), part)
            part.rename(target)
        return target

    def label(self, source, folder, layers):
        """One run over one clip, which lasts; CPU seconds (none if an earlier run made it), the output and the report's line."""
        target = self.work / folder / source.name
        report = self.work / folder / (source.name + ".jsonl")
        cpu = None
        if not (target.exists() and report.exists()):
            target.unlink(missing_ok=True)
            cpu, _ = run([self.options.touchmark, "label", source, "--output", f"{target.parent}/", "--producer", "suite", "--layers", layers,
                          "--key", self.keys[0], "--existing", "replace", "--check", "none", "--span", "whole", "--quality", "18",
                          "--report", report, "--quiet"])
        return cpu, target, next(line for line in map(json.loads, open(report)) if line["type"] == "file")

    def verify(self, path, key=0):
        report = self.work / f"verify-{os.getpid()}.jsonl"
        cpu, _ = run([self.options.touchmark, "verify", path, "--key", self.keys[key], "--require", "watermark", "--report", report, "--quiet"])
        line = next(line for line in map(json.loads, open(report)) if line["type"] == "file")
        report.unlink()
        return cpu, line["layers"]["watermark"]

    def attack(self, source, name):
        """What an earlier run kept is taken as it is."""
        ending = {"png": "png", "jpeg75": "jpg", "vp9-36": "webm"}.get(name, "mp4")
        target = self.work / "attacked" / f"{source.stem}-{name}.{ending}"
        if not target.exists():
            part = target.with_suffix(f".part.{ending}")
            still = ["-ss", "1.6", "-i", source, "-frames:v", "1", *STILLS.get(name, "").split()]
            film = ["-i", source, "-an", *ATTACKS.get(name, "").split(), "-pix_fmt", "yuv420p"]
            ffmpeg(*(still if name in STILLS else film), part)
            part.rename(target)
        return target

    def reads(self, clip, source):
        waiting = [name for name in self.options.attacks if not self.rows.has(row="read", clip=clip, attack=name)]
        if not waiting:
            return
        _, marked, line = self.label(source, "marked", "explicit,watermark")
        payload = line.get("watermark", {}).get("payload")
        if not payload:
            return self.rows.add(row="failed", clip=clip, notes=line.get("notes") or line.get("error"))
        for name in waiting:
            path = marked if name == "none" else self.attack(marked, name)
            cpu, found = self.verify(path)
            read = found.get("payload")
            self.rows.add(row="read", clip=clip, attack=name, read=read == payload, wrong=bool(read) and read != payload,
                          log10p=found.get("log10p"), cpu=cpu)
            if name != "none" and not self.options.keep:
                path.unlink()

    def cost(self, clip, source):
        """Labels with and without the mark, one after the other."""
        if self.rows.has(row="cost", clip=clip):
            return
        sides = {}
        for folder, layers in (("plain", "explicit"), ("marked-anew", "explicit,watermark")):
            (self.work / folder).mkdir(exist_ok=True)
            (self.work / folder / source.name).unlink(missing_ok=True)
            cpu, target, _ = self.label(source, folder, layers)
            sides[layers] = {"cpu": cpu, "bytes": target.stat().st_size}
            target.unlink()
        self.rows.add(row="cost", clip=clip, **sides)

    def steadiness(self, clip, source):
        """What the mark alone adds, coded without loss (FFV1): PSNR frame by frame, and by how much it changes from one frame
        to the next, of its own power, in dB."""
        if self.rows.has(row="steadiness", clip=clip):
            return
        lossless = self.work / "source" / f"{clip}.mkv"
        ffmpeg("-i", source, "-an", "-c:v", "ffv1", "-level", "3", lossless)
        (self.work / "pure" / lossless.name).unlink(missing_ok=True)
        _, pure, _ = self.label(lossless, "pure", "watermark")
        _, probe = run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", lossless])
        size = [int(word) for word in probe.stdout.strip().strip(",").split(",")[:2]]
        errors, changes, last = [], [], None
        for before, after in zip(luma(lossless, size), luma(pure, size)):
            delta = after.astype(np.int16) - before
            errors.append(float((delta * delta).mean()))
            if last is not None:
                changes.append(float(((delta - last) ** 2).mean()) / max(errors[-1], 1e-9))
            last = delta
        lossless.unlink()
        pure.unlink()
        values = [10 * math.log10(255 * 255 / max(error, 1e-9)) for error in errors]
        self.rows.add(row="steadiness", clip=clip, psnr=round(statistics.mean(values), 2), least=round(min(values), 2),
                      flicker=round(10 * math.log10(max(statistics.mean(changes or [0]), 1e-6)), 1))

    def false(self, clip, source):
        """The piece without a mark, and marked but read with another key: whole, windows of 1 s, frames."""
        _, marked, _ = self.label(source, "marked", "explicit,watermark")
        for what, file, key in (("unmarked", source, 0), ("other key", marked, 1)):
            for kind in ("whole", "window", "frame"):
                if self.rows.has(row="false", clip=clip, what=what, kind=kind):
                    continue
                paths = [file]
                if kind == "window":
                    paths = [self.work / "attacked" / f"{clip}-{start}.mp4" for start in WINDOWS]
                    for start, path in zip(WINDOWS, paths):
                        ffmpeg("-ss", start, "-t", "1", "-i", file, "-an", *f"{X264} 23".split(), path)
                elif kind == "frame":
                    paths = [self.work / "attacked" / f"{clip}-{moment}.png" for moment in MOMENTS]
                    for moment, path in zip(MOMENTS, paths):
                        ffmpeg("-ss", moment, "-i", file, "-frames:v", "1", path)
                paths = [path for path in paths if path.exists()]
                answers = [self.verify(path, key) for path in paths]
                self.rows.add(row="false", clip=clip, what=what, kind=kind, of=len(paths),
                              found=[path.name for path, (_, found) in zip(paths, answers) if found.get("payload")],
                              cpu=round(sum(cpu for cpu, _ in answers), 2))
                if kind != "whole":
                    for path in paths:
                        path.unlink()


def summary(rows):
    print("| attack | read | 95 % (Wilson) | wrong | verify CPU s, median | lost |\n| --- | --- | --- | --- | --- | --- |")
    for name in ["none", *ATTACKS, *STILLS]:
        if own := [row for row in rows.of("read") if row["attack"] == name]:
            good = sum(row["read"] for row in own)
            low, high = wilson(good, len(own))
            print(f"| {name} | {good}/{len(own)} | {100 * low:.0f}–{100 * high:.0f} | {sum(row['wrong'] for row in own)} |"
                  f" {statistics.median(row['cpu'] for row in own):.2f} | {', '.join(row['clip'] for row in own if not row['read'])} |")
    print(f"\n{len(rows.of('read'))} readings of {len({row['clip'] for row in rows.of('read')})} pieces.")
    if own := rows.of("steadiness"):
        print(f"PSNR {statistics.mean(row['psnr'] for row in own):.2f} dB (least frame {min(row['least'] for row in own):.2f}), "
              f"flicker {statistics.median(row['flicker'] for row in own):.1f} dB (median; most {max(row['flicker'] for row in own)}), {len(own)} pieces.")
    if own := rows.of("cost"):
        ratios = {unit: [row["explicit,watermark"][unit] / row["explicit"][unit] for row in own] for unit in ("cpu", "bytes")}
        print("With the mark, of the same without: " + "; ".join(
            f"{unit} {statistics.median(of):.2f} (median; {min(of):.2f} to {max(of):.2f})" for unit, of in ratios.items()) + f"; {len(own)} pieces.")
    for what in ("unmarked", "other key"):
        for kind in ("whole", "window", "frame"):
            if own := [row for row in rows.of("false") if (row["what"], row["kind"]) == (what, kind)]:
                count = sum(row["of"] for row in own)
                print(f"{what}, {kind}: {sum(len(row['found']) for row in own)} of {count} taken for marked, "
                      f"{sum(row['cpu'] for row in own) / count:.2f} CPU s each.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark")
    parser.add_argument("--clips", type=pathlib.Path, help="folder with owner+name/path of each row of clips.tsv")
    parser.add_argument("--work", type=pathlib.Path, help="one a binary: what an earlier run has labelled there is attacked again")
    parser.add_argument("--results", type=pathlib.Path, required=True, help="rows of JSON; what stands there is not measured again")
    parser.add_argument("--attacks", default=",".join(["none", *ATTACKS, *STILLS]), type=lambda text: text.split(","))
    parser.add_argument("--only", default=None, type=lambda text: text.split(","), help="names of clips, with commas between, in this order")
    parser.add_argument("--parts", default=PARTS, type=lambda text: text.split(","), help=f"of {PARTS}")
    parser.add_argument("--keep", action="store_true", help="keep what was attacked, for another detector to read")
    parser.add_argument("--table", action="store_true", help="print what stands in the results, measure nothing")
    options = parser.parse_args()
    rows = Rows(options.results)
    if not options.table:
        suite = Suite(options, rows)
        clips = {row["name"]: row for row in csv.DictReader(open(HERE / "clips.tsv"), delimiter="\t")}
        for name in options.only or clips:
            source = suite.cut(clips[name])
            for part in options.parts:
                getattr(suite, part)(name, source)
    summary(rows)


main()
