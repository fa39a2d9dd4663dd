"""Every kind of JPEG and PNG at several sizes: what a picture costs to label, so that no kind and no size is left far behind the others.

    kinds.py --touchmark BINARY [--only rgb,p16] [--sizes 256,384,512,1024] [--results FILE.md]

Milliseconds of processor time a picture, process start taken out: the least of --rounds runs over --copies of all files less that over one
of each, by the files between. "bare" is `bare recode`, which makes 8 bit RGB of all, and JPEG at quality 90. Pictures are those of 1024 x 1024
that corpus.py leaves, resized; Pillow and ImageMagick make kinds of them."""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile

from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
PRODUCER = "001191110000MA0000000H10001"


def transparent(picture):
    """What is nearly white shows nothing."""
    result = picture.copy()
    result.putalpha(picture.convert("L").point(lambda level: 255 if level < 250 else 0))
    return result


# File ending, what Pillow makes of a picture, how it saves it, and what ImageMagick does to the file.
KINDS = {
    "rgb": ("png", lambda p: p, {}, []),
    "rgb level 9": ("png", lambda p: p, {"compress_level": 9}, []),
    "grey": ("png", lambda p: p.convert("L"), {}, []),
    "rgba": ("png", transparent, {}, []),
    "grey alpha": ("png", lambda p: transparent(p).convert("LA"), {}, []),
    "256 colours": ("png", lambda p: p.quantize(256), {}, []),
    "16 colours": ("png", lambda p: p.quantize(16), {}, []),
    "1 bit": ("png", lambda p: p.convert("1", dither=Image.Dither.NONE), {}, []),
    "rgb 16 bit": ("png", lambda p: p, {}, ["-evaluate", "AddModulus", "0.3%", "-define", "png:bit-depth=16", "-define", "png:color-type=2"]),
    "grey 16 bit": ("png", lambda p: p.convert("L"), {}, ["-evaluate", "AddModulus", "0.3%", "-define", "png:bit-depth=16"]),
    "interlaced": ("png", lambda p: p, {}, ["-interlace", "PNG"]),
    "4:2:0": ("jpg", lambda p: p, {"quality": 90, "subsampling": 2}, []),
    "4:4:4": ("jpg", lambda p: p, {"quality": 95, "subsampling": 0}, []),
    "4:2:2": ("jpg", lambda p: p, {"quality": 85, "subsampling": 1}, []),
    "grey JPEG": ("jpg", lambda p: p.convert("L"), {"quality": 90}, []),
    "optimised": ("jpg", lambda p: p, {"quality": 90, "optimize": True}, []),
    "progressive": ("jpg", lambda p: p, {"quality": 90, "progressive": True}, []),
    "quality 60": ("jpg", lambda p: p, {"quality": 60}, []),
}


def files(kind, content, size):
    ending, convert, options_of_save, edits = KINDS[kind]
    folder = f"{work}/{kind}-{content}-{size}".replace(" ", "-")
    os.makedirs(folder)
    for source in sorted(glob.glob(f"{options.corpus}/png-{content}-1024/*"))[:options.pictures]:
        path = f"{folder}/{os.path.basename(source)[:-4]}.{ending}"
        picture = Image.open(source).convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
        convert(picture).save(path, **options_of_save)
        if edits:
            subprocess.run(["convert", path, *edits, path], check=True)
    names = sorted(glob.glob(f"{folder}/*"))
    sources = list(names)
    for copy in range(1, options.copies):
        os.makedirs(f"{folder}/{copy}")
        for name in sources:
            names.append(shutil.copy(name, f"{folder}/{copy}/{copy}-{os.path.basename(name)}"))
    return names


def seconds(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime


def cost(names, command):
    """Milliseconds a picture; a label that is refused counts as what it took."""
    def least(some):
        return min(seconds(command(some)) for _ in range(options.rounds))
    one = len(names) // options.copies
    return (least(names) - least(names[:one])) * 1e3 / (len(names) - one)


def label(layers):
    def command(names):
        output = tempfile.mkdtemp(dir=work)
        return [options.touchmark, "label", *names, "--output", output, "--producer", PRODUCER, "--key", f"{work}/key",
                "--layers", layers, "--quiet", "--jobs", "1"]
    return command


parser = argparse.ArgumentParser()
parser.add_argument("--touchmark", required=True)
parser.add_argument("--corpus", default=f"{cache}/touchmark-wholejob")
parser.add_argument("--only", default="")
parser.add_argument("--sizes", default="256,384,512,1024")
parser.add_argument("--pictures", type=int, default=6)
parser.add_argument("--copies", type=int, default=8)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--results")
options = parser.parse_args()

with tempfile.TemporaryDirectory(prefix="touchmark-kinds-", dir=os.environ.get("TMPDIR")) as work:
    options.touchmark = shutil.copy(options.touchmark, f"{work}/touchmark")
    os.environ["XDG_CONFIG_HOME"] = work
    subprocess.run([options.touchmark, "keygen", "--output", f"{work}/key"], check=True, stdout=subprocess.DEVNULL)
    bare = f"{work}/bare"
    subprocess.run(["cc", "-O2", "-o", bare, f"{here}/bare.c", "-ljpeg", "-lpng"], check=True)
    lines = ["| kind | content | size | label all | explicit + metadata | bare decode + encode | all ÷ bare | explicit ÷ bare |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for kind in options.only.split(",") if options.only else KINDS:
        for content in ["photo", "flat"]:
            for size in map(int, options.sizes.split(",")):
                names = files(kind, content, size)
                full, explicit, plain = (cost(names, command) for command in (
                    label("explicit,metadata,watermark,iptc"), label("explicit,metadata"), lambda some: [bare, "recode", *some]))
                lines.append(f"| {kind} | {content} | {size} | {full:.2f} | {explicit:.2f} | {plain:.2f} | {full / plain:.2f} | {explicit / plain:.2f} |")
                print(lines[-1], file=sys.stderr)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.results:
        with open(options.results, "a", encoding="utf-8") as output:
            output.write(text)
