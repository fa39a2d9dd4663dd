#!/usr/bin/python3
"""What an attacker without the key gains from many pictures marked with it: folds their tiles, sorts them by the synchronisation
pattern they show, averages each kind, subtracts the averages from other marked pictures, and asks touchmark what it still reads."""
import argparse, os, shutil, sys, tempfile

import cv2
import numpy as np
from PIL import Image

import corpus
from suite import executable, label, pixels, psnr, verify

SIDE, TILE, PATTERNS = 512, 64, 4  # Of 512 × 512 pixels cells have one pixel, tiles 64.
cv2.setNumThreads(1)


def crop(path, rng):
    picture = pixels(path)
    y, x = (rng.integers(side - SIDE + 1) for side in picture.shape[:2])
    return np.ascontiguousarray(np.flip(picture[y : y + SIDE, x : x + SIDE], int(rng.integers(2))))


def residual(picture):
    """A high pass over its local deviation, and that deviation."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    high = luma - cv2.GaussianBlur(luma, (0, 0), 2.2)
    deviation = np.sqrt(np.maximum(cv2.blur(high * high, (7, 7)), 0)) + 1
    return np.clip(high / deviation, -2, 2), deviation


def fold(values):
    """The sum of all tiles, each of its frequencies bounded, of unit power."""
    spectrum = np.fft.fft2(values.reshape(SIDE // TILE, TILE, SIDE // TILE, TILE).sum((0, 2)))
    y, x = np.meshgrid(np.fft.fftfreq(TILE, 1 / TILE), np.fft.fftfreq(TILE, 1 / TILE), indexing="ij")
    radius = np.hypot(x, y)
    spectrum[(radius < 4) | (radius > 15.5)] = 0
    size = np.abs(spectrum)
    spectrum *= np.minimum(size, 2 * size[size > 0].mean()) / np.maximum(size, 1e-9)
    tile = np.fft.ifft2(spectrum).real
    return tile / max(tile.std(), 1e-9)


def average(folds, rng):
    """The averages of PATTERNS kinds of folds: by turns each fold goes to the average it resembles, from the best of some starts."""
    flat = folds.reshape(len(folds), -1)
    best = (-1, None)
    for _ in range(12):
        centres = flat[rng.choice(len(flat), PATTERNS, replace=False)]
        for _ in range(25):
            kinds = (flat @ centres.T).argmax(1)
            centres = np.stack([flat[kinds == k].mean(0) if (kinds == k).any() else flat[rng.integers(len(flat))]
                                for k in range(PATTERNS)])
            centres /= np.maximum(centres.std(1, keepdims=True), 1e-9)
        score = (flat @ centres.T).max(1).mean() / flat.shape[1]
        best = max(best, (score, centres), key=lambda item: item[0])
    return best[1].reshape(PATTERNS, TILE, TILE), best[0]


def attack(picture, patterns, strength):
    """Takes off the pattern that fits best, as strongly as it is seen times `strength`."""
    values, deviation = residual(picture)
    tiled = [np.tile(pattern, (SIDE // TILE, SIDE // TILE)).astype(np.float32) for pattern in patterns]
    amounts = [float((values * tile).mean() / (tile * tile).mean()) for tile in tiled]
    k = int(np.argmax(amounts))
    less = strength * amounts[k] * tiled[k] * deviation
    return np.clip(np.rint(picture - less[..., None]), 0, 255).astype(np.uint8), amounts[k]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark", type=executable, required=True, help="the executable")
    parser.add_argument("--key", required=True, help="key file")
    parser.add_argument("--count", type=int, default=1000, help="pictures that are averaged")
    parser.add_argument("--victims", type=int, default=40, help="other pictures that the averages are subtracted from")
    parser.add_argument("--batch", type=int, default=250, help="pictures on disk at a time")
    arguments = parser.parse_args()
    names = [os.path.join(corpus.folder(), row["kind"], row["name"] + ".png") for row in corpus.rows()
             if min(int(row["width"]), int(row["height"])) >= SIDE]
    names = [name for name in names if os.path.exists(name)]
    rng, folds, victims = np.random.default_rng(7), [], []
    scratch = tempfile.mkdtemp(prefix="touchmark-averaging-")
    try:
        total = arguments.count + arguments.victims
        for start in range(0, total, arguments.batch):
            source, marked = os.path.join(scratch, "source"), os.path.join(scratch, "marked")
            os.makedirs(source)
            files = []
            for number in range(start, min(start + arguments.batch, total)):
                files.append(os.path.join(source, f"{number:06}.png"))
                Image.fromarray(crop(names[number % len(names)], rng)).save(files[-1], compress_level=1)
            label(arguments.touchmark, arguments.key, files, marked)
            for file in files:
                path = os.path.join(marked, os.path.basename(file))
                if not os.path.exists(path):
                    continue
                if int(os.path.basename(file)[:6]) < arguments.count:
                    folds.append(fold(residual(pixels(path))[0]))
                else:
                    victims.append((os.path.basename(file), pixels(path)))
            shutil.rmtree(source)
            shutil.rmtree(marked)
            print(f"{len(folds)} folded", file=sys.stderr, flush=True)
        folds = np.stack(folds)
        for count in [n for n in (10, 30, 100, 300, 1000, 3000) if n < len(folds)] + [len(folds)]:
            patterns, score = average(folds[:count], rng)
            line = [f"{count} pictures averaged, folds resemble their average by {score:.3f};"]
            for strength in (1, 2):
                folder = os.path.join(scratch, "attacked")
                os.makedirs(folder)
                loss = []
                for name, picture in victims:
                    changed, _ = attack(picture, patterns, strength)
                    loss.append(psnr(picture, changed))
                    Image.fromarray(changed).save(os.path.join(folder, name), compress_level=1)
                run = verify(arguments.touchmark, arguments.key, folder)
                read = sum(bool(((line.get("layers") or {}).get("watermark") or {}).get("found")) for line in run.files.values())
                shutil.rmtree(folder)
                line.append(f"subtracted {strength} times: read in {read} of {len(victims)}, {np.mean(loss):.1f} dB")
            print(" ".join(line), flush=True)
    finally:
        shutil.rmtree(scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
