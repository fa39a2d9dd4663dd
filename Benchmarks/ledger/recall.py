#!/usr/bin/python3
"""How pictures find back to their record when every label is gone, over the corpus of Benchmarks/robustness (corpus.sh makes it).

recall.py [--limit N] [--touchmark BINARY]

The hash, the margins tried and the index are those of Sources/Labels/Fingerprint and Sources/Ledger, modelled here in numpy.
With --touchmark the first pictures are labelled with a ledger as well, and the hashes on record compared with the model's.
"""
import argparse, io, json, os, subprocess, sys, tempfile

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "robustness"))
import corpus

cv2.setNumThreads(1)
Image.MAX_IMAGE_PIXELS = None
LONGEST = 800  # Larger pictures are made this long first: the hash sees 64 means of either.
SIDE, LEAST_CONTRAST, FARTHEST = 64, 12, 60
COSINES = np.sqrt(2 / SIDE) * np.cos(np.outer(np.arange(1, 17), 2 * np.arange(SIDE) + 1) * np.pi / (2 * SIDE))
BANDS = [np.arange(256)[band::16] for band in range(16)]
SIDES = lambda cut: [(cut, 0, 0, 0), (0, cut, 0, 0), (0, 0, cut, 0), (0, 0, 0, cut)]
OPPOSITE = lambda cut: [(cut, 0, cut, 0), (0, cut, 0, cut)]
MARGINS = SIDES(0.055) + SIDES(0.12) + [(cut,) * 4 for cut in (0.03, 0.06, -0.045)] + OPPOSITE(0.05) + OPPOSITE(-0.1)


def means(picture):
    luma = (picture @ np.array([0.299, 0.587, 0.114])).astype(np.float32)
    return cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def frequencies(values):
    return COSINES @ values @ COSINES.T


def bits(values):
    found = frequencies(values).ravel()
    return found > np.median(found)


def restored(values, left, top, right, bottom):
    def places(before, after):
        place = (np.arange(SIDE) + 0.5) * (1 + before + after) - before * SIDE - 0.5
        place = np.clip(place, 0, SIDE - 1)
        first = np.minimum(place.astype(int), SIDE - 2)
        return first, place - first

    (rows, down), (columns, across) = places(top, bottom), places(left, right)
    at = lambda y, x: values[np.ix_(rows + y, columns + x)]
    above = at(0, 0) + (at(0, 1) - at(0, 0)) * across
    below = at(1, 0) + (at(1, 1) - at(1, 0)) * across
    return above + (below - above) * down[:, None]


def turnings(values):
    for turned in (values, values.T):
        for flipped in (turned, turned[::-1]):
            yield from (flipped, flipped[:, ::-1])


def likely(values):
    return [bits(each) for each in turnings(values)] + [bits(restored(values, *margins)) for margins in MARGINS]


def is_found(hashes, record):
    for each in hashes:
        differs = each ^ record
        if differs.sum() <= FARTHEST and any(differs[band].sum() <= 1 for band in BANDS):
            return True
    return False


def jpeg(picture, quality):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "jpeg", quality=quality, subsampling=2)
    return np.asarray(Image.open(io.BytesIO(file.getvalue())).convert("RGB"))


def scaled(picture, factor):
    height, width = picture.shape[:2]
    return cv2.resize(picture, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)


def cropped(picture, left, top, right, bottom):
    height, width = picture.shape[:2]
    return picture[int(height * top) : height - int(height * bottom), int(width * left) : width - int(width * right)]


def logo(picture):
    """A white plate with a word, 12 % × 30 % of the shortest side, at the bottom right."""
    picture = picture.copy()
    height, width = picture.shape[:2]
    side = min(height, width)
    rows, columns, rim = int(side * 0.12), int(side * 0.3), side // 40
    picture[height - rows - rim : height - rim, width - columns - rim : width - rim] = 255
    place = (width - columns - rim + 4, height - rim - rows // 4)
    cv2.putText(picture, "LOGO", place, cv2.FONT_HERSHEY_SIMPLEX, rows / 35, (200, 0, 0), max(1, rows // 12))
    return picture


def framed(picture):
    rows, columns = picture.shape[0] // 20, picture.shape[1] // 20
    return cv2.copyMakeBorder(picture, rows, rows, columns, columns, cv2.BORDER_CONSTANT)


def turned(picture, degrees):
    height, width = picture.shape[:2]
    return cv2.warpAffine(picture, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), (width, height))


def toned(picture, gain, offset):
    return np.clip(picture.astype(np.float32) * gain + offset, 0, 255).astype(np.uint8)


ATTACKS = {
    "JPEG 50": lambda p: jpeg(p, 50),
    "half size": lambda p: scaled(p, 0.5),
    "half size and JPEG 50": lambda p: jpeg(scaled(p, 0.5), 50),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
    "10 % of the area cut off all round": lambda p: cropped(p, 0.026, 0.026, 0.026, 0.026),
    "19 % of the area cut off all round": lambda p: cropped(p, 0.05, 0.05, 0.05, 0.05),
    "10 % cut off one side": lambda p: cropped(p, 0, 0, 0.1, 0),
    "15 % cut off one side": lambda p: cropped(p, 0, 0, 0.15, 0),
    "a logo at a corner": logo,
    "brightness + 40": lambda p: toned(p, 1, 40),
    "contrast 1.5": lambda p: toned(p, 1.5, -64),
    "turned by 1°": lambda p: turned(p, 1),
    "turned by 3°": lambda p: turned(p, 3),
    "a black frame of 5 %": framed,
}


def compare(binary, pictures, hashes):
    """Distances between the model's hashes and those that the program keeps of the same pictures."""
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, "in"))
        for name, picture in pictures.items():
            Image.fromarray(picture).save(os.path.join(work, "in", name + ".png"), compress_level=1)
        ledger = os.path.join(work, "ledger")
        label = [binary, "label", os.path.join(work, "in"), "--output", os.path.join(work, "out"), "--ledger", ledger]
        subprocess.run(label + ["--producer", "P", "--layers", "metadata", "--quiet"], check=True, capture_output=True)
        export = subprocess.run([binary, "ledger", "export", "--ledger", ledger], check=True, capture_output=True)
    for record in map(json.loads, export.stdout.splitlines()):
        name = os.path.splitext(os.path.basename(record["output"]))[0]
        data = np.frombuffer(bytes.fromhex(record["perceptualHash"]), dtype=np.uint8)
        own = np.unpackbits(data, bitorder="little").astype(bool)
        order = np.arange(256)
        yield name, int((own[order % 16 * 16 + order // 16] ^ hashes[name]).sum())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("--touchmark")
    options = parser.parse_args()
    names = sorted(os.path.join(folder, name) for folder, _, files in os.walk(corpus.folder()) for name in files)
    records, found, distances, shown = {}, {attack: 0 for attack in ATTACKS}, {attack: [] for attack in ATTACKS}, {}
    sources, likelies = {}, {}
    for name in names[: options.limit]:
        picture = np.asarray(Image.open(name).convert("RGB"))
        factor = LONGEST / max(picture.shape[:2])
        picture = scaled(picture, factor) if factor < 1 else picture
        values = means(picture)
        if np.sqrt(np.mean(frequencies(values) ** 2)) < LEAST_CONTRAST:
            continue
        key = os.path.splitext(os.path.basename(name))[0]
        records[key] = bits(values)
        likelies[key] = likely(values)
        if len(sources) < 12:
            sources[key] = picture
        for attack, change in ATTACKS.items():
            hashes = likely(means(change(picture)))
            found[attack] += is_found(hashes, records[key])
            distances[attack].append(min(int((each ^ records[key]).sum()) for each in hashes))
    count = len(records)
    print(f"{count} of {len(names[: options.limit])} pictures have a hash\n")
    print("| after | finds its record | distance: median, 95 %, most |\n| --- | --- | --- |")
    for attack in ATTACKS:
        spread = f"{np.median(distances[attack]):.0f}, {np.percentile(distances[attack], 95):.0f}, {max(distances[attack])}"
        print(f"| {attack} | {found[attack]} ({100 * found[attack] / count:.0f} %) | {spread} |")
    keys, pairs, wrong = list(records), [], 0
    matrix = np.array([records[key] for key in keys])
    for index, key in enumerate(keys):
        nearest = np.array([(each[None] ^ matrix).sum(1) for each in likelies[key]]).min(0)
        for other in range(len(keys)):
            if other != index:
                pairs.append((int(nearest[other]), key, keys[other]))
                wrong += is_found(likelies[key], matrix[other]) if nearest[other] <= FARTHEST else 0
    pairs.sort()
    values = [pair[0] for pair in pairs]
    print(f"\n{len(pairs)} ordered pairs of different pictures, the best of all hypotheses: {wrong} found; "
          f"1 % below {np.percentile(values, 1):.0f}, median {np.median(values):.0f}; the nearest:")
    for distance, one, other in pairs[:8]:
        print(f"- {distance}: {one}, {other}")
    if options.touchmark:
        print("\nbits in which the program's hashes differ from the model's:", dict(compare(options.touchmark, sources, records)))


if __name__ == "__main__":
    main()
