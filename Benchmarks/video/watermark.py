#!/usr/bin/python3
"""Measures what touchmark's watermark in video survives: cuts the clips of clips.tsv, marks them, attacks them with ffmpeg, and asks
touchmark what it reads. See README.md in this folder."""
import argparse, csv, json, math, os, resource, subprocess, time
from collections import defaultdict
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
X264 = "-c:v libx264 -preset veryfast -crf"
# What ffmpeg does to the marked clip; {o} stands for the output.
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


def run(command, **options):
    """Runs a child; its CPU seconds and output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, child


def ffmpeg(arguments):
    cpu, child = run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", *arguments])
    if child.returncode:
        raise SystemExit(f"ffmpeg {' '.join(arguments)}: {child.stderr}")
    return cpu


def wilson(good, of):
    if not of:
        return 0, 0
    z, p = 1.96, good / of
    middle, half = p + z * z / 2 / of, z * math.sqrt(p * (1 - p) / of + z * z / 4 / of / of)
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


class Suite:
    def __init__(self, options):
        self.options = options
        self.work = options.work
        for folder in ("source", "plain", "marked", "pure", "attacked"):
            os.makedirs(os.path.join(self.work, folder), exist_ok=True)
        self.key = os.path.join(self.work, "key")
        if not os.path.exists(self.key):
            run([options.touchmark, "keygen", "--output", self.key])

    def path(self, folder, name):
        return os.path.join(self.work, folder, name)

    def cut(self, row):
        """The piece of a clip that is used, at its size: one group of pictures, as generators write them."""
        target = self.path("source", row["name"] + ".mp4")
        if not os.path.exists(target):
            source = os.path.join(self.options.clips, row["repository"].split(":")[1].replace("/", "+"), row["path"])
            ffmpeg(["-ss", row["start"], "-t", row["seconds"], "-i", source, "-an", "-vf",
                    f"scale=-2:{row['height']}:flags=lanczos,setsar=1", *f"{X264} 14 -pix_fmt yuv420p -g 250".split(), target])
        return target

    def label(self, source, folder, layers, quality="18"):
        """One run over one clip; CPU seconds and the report's line."""
        report = self.path(folder, os.path.basename(source) + ".jsonl")
        target = self.path(folder, "")
        if self.options.reuse and os.path.exists(report) and os.path.exists(self.path(folder, os.path.basename(source))):
            return None, next(line for line in map(json.loads, open(report)) if line["type"] == "file")
        cpu, child = run([self.options.touchmark, "label", source, "--output", target, "--producer", "suite", "--layers", layers,
                          "--key", self.key, "--existing", "replace", "--check", "none", "--span", "whole", "--quality", quality, "--report", report, "--quiet"])
        lines = [json.loads(line) for line in open(report)]
        return cpu, next(line for line in lines if line["type"] == "file")

    def verify(self, path, layer="watermark", key=None):
        report = path + ".jsonl"
        started = time.time()
        cpu, child = run([self.options.touchmark, "verify", path, "--key", key or self.key, "--require", layer, "--report", report, "--quiet"])
        lines = [json.loads(line) for line in open(report)]
        line = next(line for line in lines if line["type"] == "file")
        return cpu, line["layers"]["watermark"]

    def luma(self, path, size):
        """The luma of each frame."""
        width, height = size
        child = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path, "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"],
                                 stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        length = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
        while len(data := child.stdout.read(length)) == length:
            yield np.frombuffer(data, np.uint8, width * height)
        child.wait()

    def steadiness(self, source):
        """What the mark alone adds, coded without loss (FFV1): PSNR frame by frame, and by how much it changes from one frame
        to the next, of its own power, in dB."""
        name = os.path.splitext(os.path.basename(source))[0] + ".mkv"
        lossless = self.path("source", name)
        ffmpeg(["-i", source, "-an", "-c:v", "ffv1", "-level", "3", lossless])
        self.label(lossless, "pure", "watermark")
        probe = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", lossless],
                               capture_output=True, text=True).stdout
        size = [int(word) for word in probe.strip().strip(",").split(",")[:2]]
        errors, changes, last = [], [], None
        for before, after in zip(self.luma(lossless, size), self.luma(self.path("pure", name), size)):
            delta = after.astype(np.int16) - before
            errors.append(float((delta * delta).mean()))
            if last is not None:
                changes.append(float(((delta - last) ** 2).mean()) / max(errors[-1], 1e-9))
            last = delta
        os.remove(lossless)
        os.remove(self.path("pure", name))
        values = [10 * math.log10(255 * 255 / max(error, 1e-9)) for error in errors]
        return ({"mean": round(sum(values) / len(values), 2), "least": round(min(values), 2)},
                round(10 * math.log10(max(sum(changes) / max(1, len(changes)), 1e-6)), 1))

    def attack(self, source, name):
        base = os.path.splitext(os.path.basename(source))[0]
        if name in STILLS:
            target = self.path("attacked", f"{base}-{name}.{'png' if name == 'png' else 'jpg'}")
            ffmpeg(["-ss", "1.6", "-i", source, "-frames:v", "1", *STILLS[name].split(), target])
            return target
        suffix = {"vp9-36": "webm"}.get(name, "mp4")
        target = self.path("attacked", f"{base}-{name}.{suffix}")
        words = ATTACKS[name].split()
        ffmpeg(["-i", source, "-an", *words, "-pix_fmt", "yuv420p", target])
        return target

    def clip(self, row, attacks):
        source = self.cut(row)
        result = {"clip": row["name"], "attacks": {}}
        base_cpu = None if self.options.marked_only else self.label(source, "plain", "explicit")[0]
        cpu, line = self.label(source, "marked", "explicit,watermark")
        if base_cpu and cpu:
            result["cpu"] = {"explicit": round(base_cpu, 2), "explicit+watermark": round(cpu, 2)}
        result["mark"] = line.get("watermark")
        if not result["mark"]:
            result["notes"] = line.get("notes") or line.get("error")
            return result
        plain, marked = self.path("plain", row["name"] + ".mp4"), self.path("marked", row["name"] + ".mp4")
        if self.options.marked_only:
            plain = source
        else:
            result["bytes"] = [os.path.getsize(plain), os.path.getsize(marked)]
        if not self.options.no_psnr:
            result["psnr"], result["flicker"] = self.steadiness(source)
        for name in attacks:
            path = marked if name == "none" else self.attack(marked, name)
            cpu, found = self.verify(path)
            result["attacks"][name] = {
                "read": found.get("payload") == result["mark"]["payload"],
                "wrong": bool(found.get("payload")) and found.get("payload") != result["mark"]["payload"],
                "log10p": found.get("log10p"), "cpu": round(cpu, 2)}
            if name != "none" and not self.options.keep:
                os.remove(path)
        if not self.options.reuse:
            cpu, found = self.verify(plain)
            result["unmarked"] = {"found": found["found"], "cpu": round(cpu, 2)}
        return result


def table(results):
    rows = defaultdict(lambda: [0, 0, 0, []])
    for result in results:
        for name, attack in result["attacks"].items():
            rows[name][0] += attack["read"]
            rows[name][1] += 1
            rows[name][2] += attack["wrong"]
            rows[name][3].append(attack["cpu"])
    lines = ["| attack | read | % | 95 % (Wilson) | wrong | verify CPU s, median |", "| --- | --- | --- | --- | --- | --- |"]
    for name, (good, of, wrong, cpus) in rows.items():
        low, high = wilson(good, of)
        lines.append(f"| {name} | {good}/{of} | {100 * good / of:.0f} | {100 * low:.0f}–{100 * high:.0f} | {wrong or ''} |"
                     f" {sorted(cpus)[len(cpus) // 2]:.2f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--touchmark", required=True)
    parser.add_argument("--clips", required=True, help="folder with owner+name/path of each row of clips.tsv")
    parser.add_argument("--work", required=True)
    parser.add_argument("--attacks", default=",".join(["none", *ATTACKS, *STILLS]))
    parser.add_argument("--only", default="", help="names of clips, with commas between")
    parser.add_argument("--output", default="")
    parser.add_argument("--keep", action="store_true", help="keep what was attacked")
    parser.add_argument("--marked-only", action="store_true", help="make no labelled file without the mark to compare cost with")
    parser.add_argument("--no-psnr", action="store_true", help="skip the lossless coding that PSNR and flicker are measured from")
    parser.add_argument("--reuse", action="store_true", help="attack what an earlier run into WORK has labelled")
    options = parser.parse_args()
    suite = Suite(options)
    rows = list(csv.DictReader(open(os.path.join(HERE, "clips.tsv")), delimiter="\t"))
    wanted = options.only.split(",") if options.only else [row["name"] for row in rows]
    results = []
    out = open(options.output, "a") if options.output else None
    for row in rows:
        if row["name"] not in wanted:
            continue
        result = suite.clip(row, options.attacks.split(","))
        results.append(result)
        if out:
            out.write(json.dumps(result) + "\n")
            out.flush()
        failed = [name for name, attack in result["attacks"].items() if not attack["read"]]
        print(row["name"], result.get("mark"), result.get("psnr"), result.get("flicker"), result.get("cpu"), result.get("bytes"), "lost:", failed,
              "unmarked:", result.get("unmarked"), result.get("notes", ""), flush=True)
    print(table(results))


main()
