"""Makes the pictures of the whole-job table, once: photographs and flat art at four sizes, as JPEG and as PNG.

The sources are what robustness/corpus.sh leaves in the cache (Debian packages). 512 and 1024 pixel pictures are cut
from the middle after Lanczos resizing; 2048 and 3840 x 2160 are mosaics of the 1024 pixel ones, so that detail a pixel
is the same at each size. JPEG is quality 90, 4:2:0, standard Huffman tables; PNG is what Pillow saves by default
(libpng, level 6)."""
import glob
import os
import sys

from PIL import Image, ImageOps

cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
source = f"{cache}/touchmark-robustness/corpus"
target = sys.argv[1] if len(sys.argv) > 1 else f"{cache}/touchmark-wholejob"

SOURCES = {
    "photo": [f"{source}/photo/*", f"{source}/dark/*"],
    "flat": [f"{source}/flat/*", f"{source}/text/*"],
}
SIZES = {"512": (512, 512), "1024": (1024, 1024), "2048": (2048, 2048), "4k": (3840, 2160)}
COUNTS = {"512": 8, "1024": 6, "2048": 1, "4k": 1}
TILE = 1024


def sources(content):
    names = sorted(name for pattern in SOURCES[content] for name in glob.glob(pattern))
    # Only what need not be enlarged by more than a third.
    return [name for name in names if min(Image.open(name).size) >= 768]


def cut(name, size):
    return ImageOps.fit(Image.open(name).convert("RGB"), size, Image.Resampling.LANCZOS)


def mosaic(names, size, first):
    picture = Image.new("RGB", size)
    columns, rows = -(-size[0] // TILE), -(-size[1] // TILE)
    for index in range(columns * rows):
        tile = cut(names[(first + index) % len(names)], (TILE, TILE))
        picture.paste(tile, (index % columns * TILE, index // columns * TILE))
    return picture


def main():
    for content in SOURCES:
        names = sources(content)
        if not names:
            sys.exit(f"no pictures in {source}/{content}; run robustness/corpus.sh first")
        for label, size in SIZES.items():
            for index in range(COUNTS[label]):
                for ending, options in (("jpg", {"quality": 90, "subsampling": 2}), ("png", {})):
                    folder = f"{target}/{ending}-{content}-{label}"
                    path = f"{folder}/{index}.{ending}"
                    if os.path.exists(path):
                        continue
                    os.makedirs(folder, exist_ok=True)
                    large = max(size) > TILE
                    picture = mosaic(names, size, 5 * index) if large else cut(names[index % len(names)], size)
                    picture.save(f"{path}.partial", {"jpg": "JPEG", "png": "PNG"}[ending], **options)
                    os.rename(f"{path}.partial", path)


main()
