#!/usr/bin/env python3
"""The rhythm label after attacks, and where there is none. See README.md."""
import argparse, glob, json, os, pathlib, random, subprocess, sys, wave
import numpy as np

PACKAGES = ("asterisk-core-sounds-en-wav asterisk-core-sounds-es-wav pocketsphinx-testdata "
            "frozen-bubble-data pingus-data supertuxkart-data").split()
RATE = 44100
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "touchmark-sound"
ATTACKS = {
    "none": ["wav"], "mp3_64": ["mp3", "-b:a", "64k"], "mp3_32": ["mp3", "-ar", "22050", "-b:a", "32k"],
    "aac_48": ["m4a", "-b:a", "48k"], "vorbis_q0": ["ogg", "-c:a", "libvorbis", "-q:a", "0"],
    "opus_24": ["opus", "-c:a", "libopus", "-b:a", "24k"],
    "opus_12": ["opus", "-c:a", "libopus", "-b:a", "12k", "-application", "voip"],
    "8kHz": ["wav", "-ar", "8000"], "gsm": ["gsm", "-ar", "8000", "-c:a", "libgsm"],
    "volume-30": ["wav", "-af", "volume=-30dB"], "clip+12": ["wav", "-af", "volume=12dB,alimiter=limit=0.9"],
    "speed+5": ["wav", "-af", "asetrate=46305,aresample=44100"],
    "speed-5": ["wav", "-af", "asetrate=41895,aresample=44100"],
    "tempo+5": ["wav", "-af", "atempo=1.05"], "tempo-5": ["wav", "-af", "atempo=0.95"],
    "echo": ["wav", "-af", "aecho=0.8:0.7:40|75:0.4|0.3"],
    "bed-10": None, "bed-6": None, "bed0": None, "noise10": None,
}
FASTER = {"speed+5": 1.05, "speed-5": 0.95, "tempo+5": 1.05, "tempo-5": 0.95}


def corpus():
    debs, files = CACHE / "deb", CACHE / "files"
    debs.mkdir(parents=True, exist_ok=True)
    files.mkdir(exist_ok=True)
    for package in PACKAGES:
        if (files / package).exists():
            continue
        subprocess.run(["apt-get", "download", package], cwd=debs, check=True, stdout=subprocess.DEVNULL)
        deb = next(debs.glob(package + "_*.deb"))
        subprocess.run(["dpkg", "-x", deb, files / package], check=True)
        deb.unlink()
    found = [p for p in sorted(files.rglob("*")) if p.suffix in (".wav", ".ogg") and "silence" not in p.parts]
    clips = CACHE / "clips"
    clips.mkdir(exist_ok=True)
    for number, path in enumerate(found):
        target = clips / f"{number:04d}-{path.relative_to(files).parts[0].split('-')[0]}-{path.stem}.wav"
        if not target.exists():
            options = ["-t", "60", "-ac", "1", "-c:a", "pcm_s16le", "-bitexact", target]
            subprocess.run(["ffmpeg", "-v", "quiet", "-nostdin", "-y", "-i", path] + options)
    return sorted(p for p in clips.glob("*.wav") if p.stat().st_size > 44 and seconds(p) > 0.2)


def seconds(path):
    try:
        with wave.open(str(path)) as file:
            return file.getnframes() / file.getframerate()
    except wave.Error:
        # Python 3.11 does not know WAVE_FORMAT_EXTENSIBLE.
        shown = subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)],
            capture_output=True, text=True).stdout
        return float(shown or 0)


def read(path):
    command = ["sox", path, "-t", "f32", "-r", str(RATE), "-c", "1", "-"]
    return np.frombuffer(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout, "<f4")


def write(path, samples, rate=RATE):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def verify(binary, folder):
    """The rhythms heard, as (second, confidence), by file name."""
    report = CACHE / "verify.jsonl"
    command = [binary, "verify", folder, "--layers", "explicit", "--report", report]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    heard = {}
    for line in map(json.loads, open(report)):
        if line["type"] != "file":
            continue
        layer = line.get("layers", {}).get("explicit", {})
        assert layer.get("searched"), line
        all_heard = ([layer] if layer["found"] else []) + layer.get("others", [])
        heard[os.path.basename(line["input"])] = [(one["at"], one["confidence"]) for one in all_heard]
    return heard


def level(samples):
    """RMS of 3 s around every sample."""
    sums = np.cumsum(np.concatenate([[0], samples.astype(float) ** 2]))
    index = np.arange(len(samples))
    low, high = np.maximum(0, index - RATE * 3 // 2), np.minimum(len(samples), index + RATE * 3 // 2)
    return np.sqrt((sums[high] - sums[low]) / (high - low) + 1e-9)


def emptied(name):
    folder = CACHE / name
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder


def labelled(binary, clips):
    random.seed(5)
    long = [c for c in clips if seconds(c) >= 3]
    speech = [c for c in long if c.name.split("-")[1] in ("asterisk", "pocketsphinx")]
    music = [c for c in long if c not in speech]
    chosen = random.sample(speech, 36) + random.sample(music, min(36, len(music)))
    source = emptied("in")
    for number, clip in enumerate(chosen):
        write(source / f"{'sme'[number % 3]}{number:02d}.wav", read(clip)[: 12 * RATE])
    target, places = emptied("out"), {}
    for letter, place in (("s", "start"), ("m", "middle"), ("e", "end")):
        report = CACHE / "label.jsonl"
        command = [binary, "label", *sorted(source.glob(letter + "*")), "--output", target, "--producer", "X"]
        command += ["--layers", "explicit,metadata", "--cue-place", place, "--report", report]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for line in map(json.loads, open(report)):
            if line["type"] == "file":
                places[os.path.basename(line["output"])] = line["explicit"]["at"]
    return source, target, places


def attacked(name, samples, programme, bed):
    if ATTACKS[name] is None:
        if name.startswith("bed"):
            return samples + bed * level(programme) / level(bed) * 10 ** (float(name[3:]) / 20)
        noise = np.random.default_rng(1).normal(0, 1, len(samples))
        return samples + noise * level(programme) * 10 ** (-10 / 20)
    suffix, *options = ATTACKS[name]
    coded = CACHE / ("attacked." + suffix)
    write(CACHE / "all.wav", samples)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", CACHE / "all.wav"] + options + [coded], check=True)
    command = ["ffmpeg", "-v", "error", "-i", coded, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout, "<f4")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark", required=True)
    options = parser.parse_args()
    binary = os.path.abspath(options.touchmark)
    clips = corpus()
    heard = verify(binary, CACHE / "clips")
    false = {name: found for name, found in heard.items() if found}
    hours = sum(map(seconds, clips)) / 3600
    print(f"Unlabelled: {len(heard)} clips, {hours:.2f} h; a rhythm is heard in {len(false)}.\n")
    for name, found in false.items():
        print(f"* {name}: {found}")
    source, target, places = labelled(binary, clips)
    names, gap = sorted(places), np.zeros(RATE)
    pieces = [read(target / name) for name in names]
    whole = np.concatenate([part for piece in pieces for part in (piece, gap)])
    programme = np.concatenate([part for name in names for part in (read(source / name), gap)])[: len(whole)]
    starts = np.cumsum([0] + [len(piece) + RATE for piece in pieces])
    bed = np.resize(read(next(c for c in clips if "frozen-mainzik-1p" in c.name)), len(whole))
    print(f"Labelled: {len(names)} clips.\n\n| attack | heard | of | least confidence | median | elsewhere |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for attack in ATTACKS:
        sound, folder, faster = attacked(attack, whole, programme, bed), emptied("attacked"), FASTER.get(attack, 1)
        for name, start, piece in zip(names, starts, pieces):
            first, last = int(start / faster), int((start + len(piece)) / faster)
            write(folder / name, sound[first:last])
        found = verify(binary, folder)
        best, elsewhere = [], 0
        for name in names:
            near = [c for at, c in found[name] if abs(at - places[name] / faster) < 0.5]
            elsewhere += len(found[name]) - len(near)
            best.append(max(near, default=0))
        hits = [c for c in best if c > 0]
        print(f"| {attack} | {len(hits)} | {len(best)} | {min(hits):.2f} | {np.median(best):.2f} | {elsewhere} |", flush=True)


if __name__ == "__main__":
    main()
