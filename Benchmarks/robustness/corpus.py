#!/usr/bin/python3
"""Builds the pictures that corpus.tsv lists from the unpacked Debian packages; called by corpus.sh.

corpus.py PACKAGES [--write]     --write records sizes and hashes in corpus.tsv instead of checking them
"""
import csv, hashlib, io, os, re, shutil, subprocess, sys
from functools import lru_cache

from PIL import Image

Image.MAX_IMAGE_PIXELS = None
MANIFEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus.tsv")
COLUMNS = "name kind tier package version path size width height sha256".split()


def folder():
    """Where corpus.sh puts the pictures."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "touchmark-robustness", "corpus")


def rows():
    with open(MANIFEST, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@lru_cache(maxsize=2)
def webps(path):
    """The WebP pictures inside a Qt resource file, in order."""
    with open(path, "rb") as file:
        data = file.read()
    found, at = [], 0
    while (at := data.find(b"RIFF", at)) >= 0:
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at + 8 : at + 12] == b"WEBP":
            found.append(data[at:end])
            at = end
        else:
            at += 4
    return found


def source(path):
    """Opens PATH, PATH#n (nth WebP of a Qt resource file) or PATH@n (page n of a PDF at 110 dpi)."""
    if match := re.fullmatch(r"(.*\.rcc)#(\d+)", path):
        return Image.open(io.BytesIO(webps(match[1])[int(match[2])]))
    if match := re.fullmatch(r"(.*\.pdf)@(\d+)", path):
        page = ["pdftoppm", "-r", "110", "-f", match[2], "-l", match[2], "-png", match[1]]
        return Image.open(io.BytesIO(subprocess.run(page, check=True, capture_output=True).stdout))
    return Image.open(path)


def build(row, packages):
    picture = source(os.path.join(packages, row["package"], row["path"])).convert("RGBA")
    flat = Image.new("RGBA", picture.size, "white")
    flat.alpha_composite(picture)
    picture = flat.convert("RGB")
    size = row["size"]
    if size == "native":
        return picture
    box = [int(side) for side in size.split("x")]
    if len(box) == 1:
        factor = box[0] / min(picture.size)
        box = [round(side * factor) for side in picture.size]
    factor = max(want / have for want, have in zip(box, picture.size))
    scaled = [max(want, round(have * factor)) for want, have in zip(box, picture.size)]
    if tuple(scaled) != picture.size:
        picture = picture.resize(scaled, Image.LANCZOS)
    left, top = ((have - want) // 2 for want, have in zip(box, scaled))
    return picture.crop((left, top, left + box[0], top + box[1]))


def digest(picture):
    return hashlib.sha256(picture.tobytes()).hexdigest()


def main(packages, write=False):
    table, output, differing = rows(), folder(), []
    if shutil.which("pdftoppm") is None and not write:
        print("corpus: no pdftoppm (poppler-utils): pages of PDFs are left out", file=sys.stderr)
        table = [row for row in table if ".pdf@" not in row["path"]]
    for row in table:
        path = os.path.join(output, row["kind"], row["name"] + ".png")
        if os.path.exists(path) and not write:
            continue
        picture = build(row, packages)
        if write:
            row.update(width=picture.width, height=picture.height, sha256=digest(picture))
        elif digest(picture) != row["sha256"]:
            differing.append(row["name"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        picture.save(path + ".part", "png", compress_level=3)
        os.replace(path + ".part", path)
    if write:
        with open(MANIFEST, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
    if differing:
        print(f"corpus: {len(differing)} pictures differ from corpus.tsv (another version of a package or decoder): "
              + " ".join(differing[:8]), file=sys.stderr)
    print(f"corpus: {len(table)} pictures in {output}")


if __name__ == "__main__":
    main(sys.argv[1], "--write" in sys.argv[2:])
