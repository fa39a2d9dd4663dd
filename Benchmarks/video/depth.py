#!/usr/bin/python3
"""What the watermark survives in pictures of 10 bits: H.264, and HLG and PQ (BT.2020) as HEVC and H.264. Takes what watermark.py has cut to
WORK/source. See README.md in this folder."""
import argparse, json, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from rows import Rows

FFMPEG = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1"]
X264, X265 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p10le", "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le"
# 203 nits are diffuse white (BT.2408).
WIDE = "zscale=tin=bt709:min=bt709:pin=bt709:rin=tv:t={}:m=2020_ncl:p=2020:npl=203,format=yuv420p10le"
TAGS = "-color_primaries bt2020 -color_trc {} -colorspace bt2020nc"
LEVELS = {"pq": "smpte2084", "hlg": "arib-std-b67"}


def made(coder, light):
    tags, parameters = TAGS.format(LEVELS[light]).split(), []
    if coder == X265:
        parameters = ["-x265-params", f"log-level=none:colorprim=bt2020:transfer={LEVELS[light]}:colormatrix=bt2020nc"]
    return ["-vf", WIDE.format(LEVELS[light]), *coder.split(), "-crf", "16", *parameters, *tags]


# The pieces, and how they are made of what was cut.
CLIPS = {
    f"{name}-{kind}": (name, light, arguments)
    for kind, light, arguments in [
        ("h264-10", None, f"{X264} -crf 14".split()), ("hlg-hevc", "hlg", made(X265, "hlg")), ("hlg-h264", "hlg", made(X264, "hlg")),
        ("pq-hevc", "pq", made(X265, "pq"))]
    for name in ("cog-1", "cars", "bikes", "cockatoo")
}
ATTACKS = {
    "480p-28": f"-vf scale=-2:480 {X264} -crf 28",
    "360p-28": f"-vf scale=-2:360 {X264} -crf 28",
    "hevc-26": f"{X265} -crf 26 -x265-params log-level=none",
    "8-bit": "-c:v libx264 -preset veryfast -crf 26 -pix_fmt yuv420p",
    "tone-mapped": "-vf zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable,zscale=t=bt709:m=bt709:r=tv "
                   "-c:v libx264 -preset veryfast -crf 23 -pix_fmt yuv420p",
}
KEPT = "pix_fmt,color_range,color_space,color_transfer,color_primaries"


def ffmpeg(*arguments):
    subprocess.run([*FFMPEG, *map(str, arguments)], check=True)


def described(path):
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", f"stream={KEPT}", "-of", "json", path]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["streams"][0]


def told(touchmark, *arguments, report):
    """What the command reports of a file."""
    subprocess.run([touchmark, *map(str, arguments), "--report", report, "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    line = next(line for line in map(json.loads, open(report)) if line["type"] == "file")
    report.unlink()
    return line


def measure(options, rows, clip):
    name, light, arguments = CLIPS[clip]
    folder = options.work / "depth"
    (folder / "marked").mkdir(parents=True, exist_ok=True)
    source, marked, key, report = folder / f"{clip}.mp4", folder / "marked" / f"{clip}.mp4", options.work / "key", folder / "report"
    ffmpeg("-i", options.work / "source" / f"{name}.mp4", "-t", 3, "-an", *arguments, source)
    marked.unlink(missing_ok=True)
    line = told(options.touchmark, "label", source, "--output", f"{marked.parent}/", "--producer", "suite", "--layers", "explicit,watermark",
                "--key", key, "--span", "whole", report=report)
    mark = line.get("watermark", {})
    strict = subprocess.run([*FFMPEG[:3], "-err_detect", "explode", "-xerror", "-i", marked, "-f", "null", "-"], capture_output=True, text=True)
    rows.add(row="labelled", clip=clip, psnr=mark.get("psnr"), kept=described(source) == described(marked),
             clean=strict.returncode == 0 and not strict.stderr)
    for attack in ["none", *ATTACKS]:
        if attack == "tone-mapped" and not light:
            continue
        attacked = marked
        if attack != "none":
            attacked = folder / f"{clip}-{attack}.mp4"
            ffmpeg("-i", marked, *ATTACKS[attack].split(), attacked)
        found = told(options.touchmark, "verify", attacked, "--key", key, report=report)["layers"]["watermark"]
        read = found.get("payload")
        rows.add(row="read", clip=clip, attack=attack, read=bool(read) and read == mark.get("payload"),
                 wrong=bool(read) and read != mark.get("payload"), log10p=found.get("log10p"))
        if attack != "none":
            attacked.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="that of watermark.py")
    parser.add_argument("--results", type=pathlib.Path, required=True, help="rows of JSON; what stands there is not measured again")
    options = parser.parse_args()
    rows = Rows(options.results)
    for clip in CLIPS:
        if not rows.has(row="read", clip=clip):
            measure(options, rows, clip)
    kinds = sorted({clip.split("-", 1)[1] if not clip.startswith("cog") else clip.split("-", 2)[2] for clip in CLIPS})
    print("| after | " + " | ".join(kinds) + " |\n|" + " --- |" * (1 + len(kinds)))
    for attack in ["none", *ATTACKS]:
        cells = []
        for kind in kinds:
            own = [row for row in rows.of("read") if row["clip"].endswith(kind) and row["attack"] == attack]
            cells.append(f"{sum(row['read'] for row in own)}/{len(own)}" if own else "")
        print(f"| {attack} | " + " | ".join(cells) + " |")
    own = rows.of("labelled")
    print(f"\ncolours kept {sum(row['kept'] for row in own)}, strict decode clean {sum(row['clean'] for row in own)} of {len(own)}; "
          f"wrong {sum(row['wrong'] for row in rows.of('read'))}; PSNR {min(row['psnr'] for row in own)} to {max(row['psnr'] for row in own)} dB")


main()
