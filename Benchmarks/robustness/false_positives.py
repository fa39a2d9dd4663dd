#!/usr/bin/python3
"""Counts how often touchmark finds a watermark where none of the key's is: crops, rescales and JPEGs of the corpus."""
import argparse, json, math, os, shlex, shutil, sys, tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache

import numpy as np
from PIL import Image

import corpus
from attacks import Codec, encode, generator, resize, run
from suite import executable, pixels, verify, wilson

RUN = 8  # Samples in a row from one picture, so that it is decoded once.


@lru_cache(maxsize=4)
def decoded(path):
    return pixels(path)


def stretched(piece, rng):
    """`piece` with tones so changed that much of it is white or black."""
    middle, factor = rng.uniform(0, 255), rng.uniform(1.5, 4)
    return np.clip((piece.astype(np.float32) - middle) * factor + 128, 0, 255).round().astype(np.uint8)


def sample(number, path, folder, tones=False):
    """Sample `number`: a crop of 160 to 768 px, often rescaled and turned, as PNG or JPEG 40 to 95; its `tones` changed if asked for."""
    rng, picture = generator("unmarked", number), decoded(path)
    height, width = (min(side, int(rng.integers(160, 769))) for side in picture.shape[:2])
    y, x = rng.integers(picture.shape[0] - height + 1), rng.integers(picture.shape[1] - width + 1)
    piece = np.rot90(picture[y : y + height, x : x + width], rng.integers(4))
    if rng.random() < 0.5:
        piece = run([resize(rng.uniform(0.6, 1.5))], np.ascontiguousarray(piece), rng)
    piece = np.ascontiguousarray(piece)
    if tones:
        piece = stretched(piece, rng)
    stem = os.path.join(folder, f"{number:06}")
    if rng.random() < 0.5:
        with open(stem + ".jpg", "wb") as file:
            file.write(encode(piece, Codec("jpeg", int(rng.integers(40, 96)))))
    else:
        Image.fromarray(piece).save(stem + ".png", compress_level=1)
    return piece.shape[0] * piece.shape[1]


def collect(folder):
    names = sorted(os.path.join(root, name) for root, _, files in os.walk(folder) for name in files)
    return [name for name in names if name.lower().endswith((".png", ".jpg", ".jpeg"))]


def quantiles(name, values):
    marks = (0, 0.1, 1, 5, 25, 50, 75, 95, 99, 99.9, 100)
    print(f"{name}: " + ", ".join(f"p{mark:g} {value:.3f}" for mark, value in zip(marks, np.percentile(values, marks))))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark", type=executable, required=True, help="the executable")
    parser.add_argument("--key", required=True, help="key file")
    parser.add_argument("--count", type=int, default=20000, help="samples")
    parser.add_argument("--first", type=int, default=0, help="number of the first sample, to go on or to repeat one")
    parser.add_argument("--batch", type=int, default=500, help="samples on disk at a time")
    parser.add_argument("--jobs", type=int, default=2, help="processes that make samples")
    parser.add_argument("--marked", help="folder of pictures that another key marked, taken in turn with the corpus")
    parser.add_argument("--tones", action="store_true", help="change tones until much of a sample is white or black")
    parser.add_argument("--out", help="write every reading there, as JSON lines")
    parser.add_argument("--verify-options", default="", help="more options of touchmark verify, as one string")
    arguments = parser.parse_args()
    pictures, other = collect(corpus.folder()), collect(arguments.marked) if arguments.marked else []
    if not pictures:
        sys.exit("false_positives: no corpus; run corpus.sh")
    if arguments.marked and not other:
        sys.exit(f"false_positives: no pictures in {arguments.marked}")

    def origin(number):
        turn = number // RUN
        source = other if other and turn % 2 else pictures
        return source[(turn // 2 if other else turn) % len(source)]

    found, readings, done, unsearched, cpu, area = [], {"log10p": [], "statistic": []}, 0, 0, 0.0, 0
    scratch = tempfile.mkdtemp(prefix="touchmark-false-positives-")
    try:
        with ProcessPoolExecutor(arguments.jobs) as pool, open(arguments.out or os.devnull, "w") as detail:
            end = arguments.first + arguments.count
            for start in range(arguments.first, end, arguments.batch):
                numbers = range(start, min(start + arguments.batch, end))
                folder = os.path.join(scratch, "batch")
                os.makedirs(folder)
                same = [[value] * len(numbers) for value in (folder, arguments.tones)]
                area += sum(pool.map(sample, numbers, map(origin, numbers), *same, chunksize=RUN))
                outcome = verify(arguments.touchmark, arguments.key, folder, *shlex.split(arguments.verify_options))
                cpu += outcome.cpu
                shutil.rmtree(folder)
                for name, line in sorted(outcome.files.items()):
                    seen = (line.get("layers") or {}).get("watermark") or {}
                    number = int(name.split(".")[0])
                    record = {"sample": number, "picture": os.path.basename(origin(number)), **seen}
                    detail.write(json.dumps(record) + "\n")
                    unsearched += not seen.get("searched")
                    if seen.get("found"):
                        found.append(record)
                        print(f"found: {json.dumps(record)}", flush=True)
                    for key, values in readings.items():
                        if isinstance(value := seen.get(key), (int, float)) or (isinstance(value, str) and value):
                            values.append(float(value))
                done += len(outcome.files)
                print(f"{done} of {arguments.count}, found {len(found)}", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(scratch)
    searched = done - unsearched
    low, high = wilson(len(found), searched)
    print(f"{done} samples of {len(pictures)} pictures" + (f" and {len(other)} marked with another key" if other else "")
          + f", {unsearched} not searched; found {len(found)}, {low:.4f}–{high:.4f} % (95 %, Wilson); "
          + f"{cpu * 1e9 / max(area, 1):.0f} CPU ms/MP")
    for name, values in readings.items():
        if values:
            quantiles(f"{name} ({len(values)})", values)
    if p := readings["log10p"]:
        print("log10p at most   samples   expected were it exact")
        for limit in range(-1, max(-13, math.floor(min(p)) - 1), -1):
            print(f"{limit:14} {sum(v <= limit for v in p):9} {len(p) * 10.0**limit:12.3f}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
