"""What happens to pictures after they were published: pure functions on uint8 RGB arrays, in the table ATTACKS.

apply(name, picture, key) gives the attacked picture; write(...) stores it as it would arrive at a reader. Random choices
come from (key, name) alone, so that every run attacks a picture alike.
"""
import hashlib, io, math
from collections import namedtuple

import cv2
import numpy as np
from PIL import Image, ImageFilter

try:
    import pillow_avif  # Pillow before 11.3 has no AVIF of its own.
except ImportError:
    pass

cv2.setNumThreads(1)
Image.MAX_IMAGE_PIXELS = None

Attack = namedtuple("Attack", "family steps")
Codec = namedtuple("Codec", "format quality")
Image.init()
MISSING = {"avif", "webp", "jpeg"} - {format.lower() for format in Image.SAVE}  # Codecs this Pillow cannot write.
EXTENSION = {"jpeg": "jpg", "webp": "webp", "avif": "avif"}


def clip(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def encode(picture, codec):
    options = {"jpeg": {"subsampling": 2}, "webp": {"method": 4}, "avif": {"speed": 8, "subsampling": "4:2:0"}}
    file = io.BytesIO()
    Image.fromarray(picture).save(file, codec.format, quality=codec.quality, **options[codec.format])
    return file.getvalue()


def decode(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


# Geometry


def scaled(picture, size, rng):
    """Resizes with one of the filters that programs use: area, cubic or Lanczos."""
    size = tuple(max(1, round(side)) for side in size)
    shrinks = size[0] < picture.shape[1]
    match rng.integers(3 if shrinks else 2):
        case 0:
            return np.asarray(Image.fromarray(picture).resize(size, Image.BICUBIC))
        case 1:
            return np.asarray(Image.fromarray(picture).resize(size, Image.LANCZOS))
        case _:
            return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def resize(horizontal, vertical=None):
    vertical = vertical or horizontal
    return lambda p, rng: scaled(p, (p.shape[1] * horizontal, p.shape[0] * vertical), rng)


def long_side(limit):
    def step(p, rng):
        factor = limit / max(p.shape[:2])
        return scaled(p, (p.shape[1] * factor, p.shape[0] * factor), rng) if factor < 1 else p

    return step


def rotate(degrees, border="keep"):
    """`keep` the canvas and fill the corners black, `expand` it, or `crop` to the largest box of the same shape."""

    def step(p, rng):
        height, width = p.shape[:2]
        c, s = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
        to = (width, height)
        if border == "expand":
            to = (math.ceil(width * c + height * s), math.ceil(width * s + height * c))
        if border == "crop":
            factor = min(width / (width * c + height * s), height / (width * s + height * c))
            to = (int(width * factor), int(height * factor))
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
        matrix[:, 2] += (to[0] - width) / 2, (to[1] - height) / 2
        return cv2.warpAffine(p, matrix, to, flags=cv2.INTER_CUBIC)

    return step


def crop(percent):
    def step(p, rng):
        height, width = (round(side * math.sqrt(percent / 100)) for side in p.shape[:2])
        y, x = rng.integers(p.shape[0] - height + 1), rng.integers(p.shape[1] - width + 1)
        return p[y : y + height, x : x + width]

    return step


def perspective(percent):
    """Every corner moves by that part of the sides, in or out."""

    def step(p, rng):
        height, width = p.shape[:2]
        corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
        moved = corners + rng.choice([-1, 1], (4, 2)) * np.array([width, height]) * percent / 100
        matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        return cv2.warpPerspective(p, matrix, (width, height), flags=cv2.INTER_CUBIC)

    return step


def wave(amplitude, period=96):
    def step(p, rng):
        y, x = np.indices(p.shape[:2], np.float32)
        phase = rng.uniform(0, 2 * math.pi, 2)
        turn = np.float32(2 * math.pi / period)
        dx = amplitude * np.sin(y * turn + np.float32(phase[0]))
        dy = amplitude * np.sin(x * turn + np.float32(phase[1]))
        return cv2.remap(p, x + dx, y + dy, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    return step


# Tones and colours


def table(function):
    values = clip(function(np.arange(256.0)))
    return lambda p, rng: values[p]


def grey(p):
    return cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def contrast(factor):
    """About the mean grey of the picture, as Pillow and torchvision have it, and the suites of WAVES and Video Seal with them."""
    def step(p, rng):
        mean = round(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).mean())
        return clip((p.astype(np.float64) - mean) * factor + mean)
    return step


def saturate(factor):
    def step(p, rng):
        base = grey(p).astype(np.float32)
        return clip(base + factor * (p - base))

    return step


def hue(degrees):
    def step(p, rng):
        hsv = cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0] + degrees) % 360
        return clip(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255)

    return step


def clahe(p, rng):
    lab = cv2.cvtColor(p, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(2, (8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def palette(colours):
    def step(p, rng):
        reduced = Image.fromarray(p).quantize(colours, dither=Image.Dither.NONE)
        return np.asarray(Image.fromarray(p).quantize(palette=reduced, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB"))

    return step


# Noise and filters


def noise(sigma):
    return lambda p, rng: clip(p + sigma * rng.standard_normal(p.shape, np.float32))


def salt_and_pepper(percent):
    def step(p, rng):
        chance = rng.random(p.shape[:2], np.float32)
        out = p.copy()
        out[chance < percent / 200], out[chance > 1 - percent / 200] = 0, 255
        return out

    return step


def blur(sigma):
    return lambda p, rng: cv2.GaussianBlur(p, (0, 0), sigma)


def median(size):
    return lambda p, rng: cv2.medianBlur(p, size)


def sharpen(p, rng):
    return np.asarray(Image.fromarray(p).filter(ImageFilter.UnsharpMask(2, 150, 3)))


def bilateral(p, rng):
    return cv2.bilateralFilter(p, 7, 40, 40)


def non_local_means(strength):
    return lambda p, rng: cv2.fastNlMeansDenoisingColored(p, None, strength, strength, 5, 15)


# Things laid over and around


def logo(percent):
    """An opaque badge over that part of the area, anywhere."""

    def step(p, rng):
        height, width = (int(side * math.sqrt(percent / 100)) for side in p.shape[:2])
        y, x = rng.integers(p.shape[0] - height + 1), rng.integers(p.shape[1] - width + 1)
        colours = [tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(3)]
        badge = np.full((height, width, 3), colours[0], np.uint8)
        cv2.circle(badge, (width // 2, height // 2), int(min(height, width) * 0.38), colours[1], -1, cv2.LINE_AA)
        cv2.putText(badge, "LOGO", (width // 6, height * 5 // 9), cv2.FONT_HERSHEY_DUPLEX, width / 130, colours[2],
                    max(1, width // 70), cv2.LINE_AA)
        out = p.copy()
        out[y : y + height, x : x + width] = badge
        return out

    return step


def text(p, rng):
    """Three lines of outlined caption across the picture."""
    out = p.copy()
    height, width = p.shape[:2]
    scale = width / 560
    for line, part in zip(("WHEN THE PICTURE IS SHARED", "AGAIN AND AGAIN WITH", "A CAPTION ON TOP OF IT"), (0.16, 0.5, 0.88)):
        for colour, thick in (((0, 0, 0), 7), ((255, 255, 255), 2)):
            cv2.putText(out, line, (int(width * 0.04), int(height * part)), cv2.FONT_HERSHEY_DUPLEX, scale, colour,
                        max(1, round(thick * scale)), cv2.LINE_AA)
    return out


def pad(p, rng):
    """The window around a screenshot: plain bars, wider on one side."""
    top, bottom, left, right = (int(part * rng.uniform(0.6, 1.4) * max(p.shape[:2])) for part in (0.11, 0.04, 0.03, 0.16))
    shade = int(rng.integers(20, 250))
    return cv2.copyMakeBorder(p, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(shade, shade, shade))


def attacks():
    jpeg, webp, avif = (lambda quality, format=format: Codec(format, quality) for format in ("jpeg", "webp", "avif"))
    flip = lambda axis: lambda p, rng: np.flip(p, axis)
    turn = lambda times: lambda p, rng: np.rot90(p, times)
    family = {
        "none": {"none": []},
        "jpeg": {f"jpeg{q}": [jpeg(q)] for q in (90, 80, 70, 60, 50, 40, 30, 20)},
        "webp": {f"webp{q}": [webp(q)] for q in (75, 50, 30)},
        "avif": {f"avif{q}": [avif(q)] for q in (60, 40)},
        "resize": {f"rs{f}": [resize(f)] for f in (0.25, 0.33, 0.5, 0.75, 1.5, 2)},
        "aspect": {"aspect+10": [resize(1.1, 1)], "aspect-10": [resize(0.9, 1)]},
        "rotation": {
            "rot1": [rotate(1)], "rot3": [rotate(3)], "rot5c": [rotate(5, "crop")], "rot17": [rotate(17)],
            "rot45x": [rotate(45, "expand")], "rot90": [turn(1)], "rot180": [turn(2)],
        },
        "flip": {"fliph": [flip(1)], "flipv": [flip(0)]},
        "photometric": {
            "bright+40": [table(lambda v: v + 40)], "bright-40": [table(lambda v: v - 40)],
            "contrast0.6": [table(lambda v: (v - 128) * 0.6 + 128)],
            "contrast1.5": [table(lambda v: (v - 128) * 1.5 + 128)],
            "gamma0.6": [table(lambda v: 255 * (v / 255) ** 0.6)],
            "gamma1.8": [table(lambda v: 255 * (v / 255) ** 1.8)],
            "sat0.3": [saturate(0.3)], "sat2": [saturate(2)], "hue20": [hue(20)],
            "grey": [lambda p, rng: grey(p)],
        },
        "tone": {
            **{f"contrast{factor}m": [contrast(factor)] for factor in (0.5, 1.5, 2)},
            **{f"brightx{factor}": [table(lambda v, factor=factor: v * factor)] for factor in (0.5, 1.5, 2)},
            "invert": [table(lambda v: 255 - v)], "clahe": [clahe], "pal64": [palette(64)],
        },
        "noise": {**{f"noise{s}": [noise(s)] for s in (5, 10, 20)}, "saltpepper2": [salt_and_pepper(2)]},
        "filter": {
            "blur1": [blur(1)], "blur2": [blur(2)], "median3": [median(3)], "median5": [median(5)],
            "sharpen": [sharpen], "bilateral": [bilateral], "nlm4": [non_local_means(4)],
        },
        "overlay": {"overlay20": [logo(20)], "text": [text]},
        "sharing": {
            "screenshot": [resize(0.8), pad, jpeg(75)], "shotcrop": [crop(60), resize(0.8), pad, jpeg(75)],
            "plat1080": [long_side(1080), jpeg(75), jpeg(75)], "plat720": [long_side(720), jpeg(75), jpeg(70)],
        },
        "crop": {
            **{f"crop{percent}": [crop(percent)] for percent in (50, 25, 15, 10)},
            "crop50+j75": [crop(50), jpeg(75)], "crop25+j75": [crop(25), jpeg(75)], "crop25+j50": [crop(25), jpeg(50)],
        },
        "resize+jpeg": {
            "rs.5+j75": [resize(0.5), jpeg(75)], "rs.5+j50": [resize(0.5), jpeg(50)],
            "rs1.5+j50": [resize(1.5), jpeg(50)],
        },
        "warp": {**{f"persp{percent}": [perspective(percent)] for percent in (1, 3, 5)}, "wave1.5": [wave(1.5)]},
        "combo": {"combo": [noise(4), table(lambda v: (v - 128) * 1.2 + 128), rotate(2), resize(0.85), jpeg(60)]},
    }
    return {name: Attack(kin, steps) for kin, members in family.items() for name, steps in members.items()}


ATTACKS = attacks()


def generator(name, key):
    return np.random.default_rng(list(hashlib.sha256(f"{key}\0{name}".encode()).digest()))


def run(steps, picture, rng):
    for step in steps:
        picture = decode(encode(picture, step)) if isinstance(step, Codec) else step(picture, rng)
    return np.ascontiguousarray(picture)


def apply(name, picture, key):
    return run(ATTACKS[name].steps, picture, generator(name, key))


def write(name, picture, key, stem, formats=("jpeg",)):
    """Writes STEM.png, or the last codec's own file if it is one of `formats`; returns the path and (width, height)."""
    steps, rng = ATTACKS[name].steps, generator(name, key)
    last = steps[-1] if steps and isinstance(steps[-1], Codec) and steps[-1].format in formats else None
    picture = run(steps[:-1] if last else steps, picture, rng)
    path = f"{stem}.{EXTENSION[last.format] if last else 'png'}"
    if last:
        with open(path, "wb") as file:
            file.write(encode(picture, last))
    else:
        Image.fromarray(picture).save(path, compress_level=1)
    return path, (picture.shape[1], picture.shape[0])
