#!/usr/bin/env python3
"""The watermark in sound after attacks, its quality, and marks found where there are none. See README.md."""
import argparse, json, os, pathlib, random, resource, shutil, subprocess, sys
import numpy as np
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from suite import CACHE, corpus, read, seconds, write

LANGUAGES = "en es fr it ru".split()
MUSIC = ("supertuxkart", "frozen")
TEXTS = {
    "cmn": "今天天气很好,我们一起去公园散步吧。人工智能生成的内容必须添加显式标识和隐式标识,以便公众识别。请在发布之前仔细核对这些信息。",
    "en": "The quick brown fox jumps over the lazy dog while seven wizards watch from the hill. Thank you for listening to the end.",
    "de": "Der schnelle braune Fuchs springt über den faulen Hund, während sieben Zauberer vom Hügel aus zusehen.",
    "fr": "Le renard brun et rapide saute par-dessus le chien paresseux pendant que sept magiciens regardent depuis la colline.",
}
WORK = CACHE / "watermark"
BED = "*alien_signal.wav"


def ff(*encode, rate=None, af=None, ext="wav"):
    """An attack by ffmpeg: filter, code, decode."""
    def run(source, target):
        coded = WORK / ("coded." + ext)
        filters = ["-af", af] if af else []
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, *filters, *encode, coded])
        rates = ["-ar", str(rate)] if rate else []
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", coded, "-ac", "1", *rates, "-c:a", "pcm_s16le", target])
    return run


def sox(*effects):
    return lambda source, target: command(["sox", "-D", "-G", source, "-b", "16", "-c", "1", target, *effects])


def amr(source, target):
    coded = WORK / "coded.amr-nb"
    command(["sox", "-D", "-G", source, "-r", "8000", "-c", "1", "-C", "7", coded])
    command(["sox", coded, "-b", "16", target])


def mixed(other, decibels):
    """Adds a sound that many decibels below the clip."""
    def run(source, target):
        samples, rate = plain(source)
        added = other(len(samples), rate)
        samples = samples + added * np.sqrt((samples**2).mean() / max((added**2).mean(), 1e-12) / 10**(decibels / 10))
        write(target, samples / max(1, abs(samples).max()), rate)
    return run


def noise(count, rate):
    return np.random.default_rng(7).standard_normal(count)


def bed(count, rate):
    path = next((CACHE / "clips").glob(BED))
    raw = subprocess.run(["sox", path, "-t", "f32", "-r", str(rate), "-c", "1", "-"], stdout=subprocess.PIPE).stdout
    return np.resize(np.frombuffer(raw, "<f4")[5 * rate:], count)


ATTACKS = {
    "none": lambda source, target: shutil.copy(source, target),
    "trim": sox("trim", "0.37"),
    "mp3_64": ff("-b:a", "64k", ext="mp3"), "aac_64": ff("-c:a", "aac", "-b:a", "64k", ext="m4a"),
    "opus_32": ff("-c:a", "libopus", "-b:a", "32k", ext="opus"),
    "telephone": ff("-ar", "8000", "-c:a", "pcm_alaw", af="highpass=f=300:p=2,lowpass=f=3400:p=2"),
    "speed+1": sox("speed", "1.01"), "speed-1": sox("speed", "0.99"),
    "gain-12": sox("gain", "-12"), "eq": sox("bass", "6", "treble", "-6"),
    "voice_message": ff("-ar", "16000", "-c:a", "libopus", "-b:a", "24k", "-application", "voip", ext="opus", rate=16000),
    "tempo+5": ff(af="atempo=1.05"), "tempo-5": ff(af="atempo=0.95"),
    "pitch+1": sox("pitch", "100"), "pitch-1": sox("pitch", "-100"),
    "opus_16": ff("-c:a", "libopus", "-b:a", "16k", ext="opus"), "reverb": sox("reverb", "40"),
    "white_20dB": mixed(noise, 20), "bed-10": mixed(bed, 10),
    "gsm": ff("-ar", "8000", "-c:a", "libgsm", ext="gsm"), "amr_12": amr,
}


def command(words):
    subprocess.run([str(w) for w in words], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def plain(path):
    """A clip's samples, and its rate."""
    rate = int(subprocess.check_output(["soxi", "-r", path]))
    raw = subprocess.run(["sox", path, "-t", "f32", "-c", "1", "-"], stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(raw, "<f4").astype(float), rate


def material():
    """31 s clips by name: speech of five languages (prompts one after the other), synthetic voices, music and effects."""
    folder = CACHE / "long"
    folder.mkdir(parents=True, exist_ok=True)
    clips = corpus()
    for language in LANGUAGES:
        package = f"asterisk-core-sounds-{language}-g722"
        source = CACHE / "files16" / package
        if not source.exists():
            subprocess.run(["apt-get", "download", package], cwd=CACHE / "deb", check=True, stdout=subprocess.DEVNULL)
            deb = next((CACHE / "deb").glob(package + "_*.deb"))
            command(["dpkg", "-x", deb, source])
            deb.unlink()
        prompts = [p for p in sorted(source.rglob("*.g722")) if p.stat().st_size > 24000 and "silence" not in p.parts]
        random.Random(5).shuffle(prompts)
        for number in range(4):
            data = b""
            while len(data) < 31 * 8000:
                data += prompts.pop().read_bytes()
            (WORK / "prompts.g722").write_bytes(data)
            convert(["-f", "g722", "-i", WORK / "prompts.g722"], folder / f"speech-{language}{number}.wav")
    for voice, text in TEXTS.items():
        for number in range(2):
            target = folder / f"tts-{voice}{number}.wav"
            command(["espeak-ng", "-v", voice + ("+f3" if number else ""), "-w", WORK / "voice.wav", " ".join([text] * 6)])
            convert(["-i", WORK / "voice.wav"], target)
    music = [p for p in clips if p.name.split("-")[1] in MUSIC and seconds(p) > 14]
    for path in music[::2]:
        convert(["-i", path], folder / ("music-" + path.stem.split("-", 2)[2] + ".wav"))
    return sorted(folder.glob("*.wav"))


def convert(source, target):
    if not target.exists():
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", *source, "-t", "31", "-ac", "1", "-c:a", "pcm_s16le", target])


def nmr(before, after, rate):
    """Noise to mask ratio, dB: bands of half a Bark, spread by 27 and 10 dB a Bark, masking 3 dB below, a quarter of the Bark above 12."""
    size = 2048
    window = np.hanning(size)
    places = np.arange((len(before) - size) // 1024 + 1)[:, None] * 1024 + np.arange(size)
    bark = 7 * np.arcsinh(np.arange(size // 2 + 1) * rate / size / 650)
    heard = (bark > 0.86) & (bark < 28)
    band = (bark * 2).astype(int)
    count = band[heard].max() + 1
    powers = [np.stack([np.bincount(band[heard], abs(np.fft.rfft(part * window))[heard] ** 2, count) for part in x[places]])
              for x in (before, after - before)]
    z = np.arange(count) / 2
    distance = z[:, None] - z[None]
    spread = 10 ** (np.where(distance >= 0, -10 * distance, 27 * distance) / 10)
    mask = powers[0] @ (spread / spread.sum(0)).T / 10 ** (np.where(z < 12, 3, z / 4) / 10)
    loud = powers[0].sum(1) > powers[0].sum(1).max() * 1e-4
    return 10 * np.log10((powers[1] / (mask + (before**2).mean() * size * 1e-7))[loud].mean())


def wilson(right, total):
    """The 95 % interval of a share, in per cent."""
    if not total:
        return 0, 100
    p, z = right / total, 1.96
    middle, half = p + z * z / 2 / total, z * np.sqrt(p * (1 - p) / total + z * z / 4 / total**2)
    return [100 * (middle + s * half) / (1 + z * z / total) for s in (-1, 1)]


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(binary, verb, folder, key, *more):
    """The report's lines by file name, and the CPU seconds."""
    report, start = WORK / "report.jsonl", cpu()
    subprocess.run([binary, verb, folder, "--layers", "watermark", "--key", key, "--jobs", "1", "--report", report, *more],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = [json.loads(line) for line in open(report)]
    return {pathlib.Path(l["input"]).stem: l for l in lines if l["type"] == "file"}, cpu() - start


def marks(line):
    layer = line.get("layers", {}).get("watermark", {})
    return [m["payload"] for m in [layer] + layer.get("others", []) if "payload" in m]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--touchmark", required=True)
    parser.add_argument("--lengths", default="3,5,10,30")
    parser.add_argument("--attacks", default=",".join(ATTACKS))
    parser.add_argument("--part", choices=["all", "even", "odd"], default="odd", help="odd: clips no constant was chosen on")
    parser.add_argument("--no-false", action="store_true", help="leave unmarked clips out")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    clips = material()
    clips = {"all": clips, "even": clips[::2], "odd": clips[1::2]}[options.part]
    keys = [WORK / "own.key", WORK / "other.key"]
    for key in keys:
        if not key.exists():
            command([options.touchmark, "keygen", "--output", key])
    lengths, attacks = [float(l) for l in options.lengths.split(",")], options.attacks.split(",")
    print(f"{len(clips)} clips\n\n| attack | " + " | ".join(f"{l:g} s" for l in lengths) + " |\n|" + " --- |" * (1 + len(lengths)))
    table, quality, wrong, tried = {}, [], 0, 0
    for length in lengths:
        for name in ("in", "out"):
            shutil.rmtree(WORK / name, ignore_errors=True)
        (WORK / "in").mkdir()
        for clip in clips:
            samples, rate = plain(clip)
            write(WORK / "in" / clip.name, samples[3 * rate:int((3 + length) * rate)] if length < 28 else samples[:int(length * rate)], rate)
        labelled, used = run(options.touchmark, "label", WORK / "in", keys[0], "--output", WORK / "out", "--producer", "X")
        total = sum(seconds(p) for p in (WORK / "in").iterdir())
        print(f"label {length:g} s: {60 * used / total:.2f} CPU s a minute", file=sys.stderr)
        for path in sorted((WORK / "out").glob("*.wav")):
            (before, rate), (after, _) = plain(WORK / "in" / path.name), plain(path)
            quality.append((path.name.split("-")[0], nmr(before, after, rate), pesq(before, after, rate)))
        for attack in attacks:
            folder = WORK / "attacked"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for path in sorted((WORK / "out").glob("*.wav")):
                ATTACKS[attack](path, folder / path.name)
            found, used = run(options.touchmark, "verify", folder, keys[0])
            right = 0
            for name, line in found.items():
                own = labelled[name].get("watermark", {}).get("payload")
                right += own in marks(line)
                wrong += any(m != own for m in marks(line))
                tried += 1
            table[attack, length] = (right, len(clips), used)
    for attack in attacks:
        cells = []
        for length in lengths:
            right, count, _ = table[attack, length]
            low, high = wilson(right, count)
            cells.append(f"{right}/{count} ({low:.0f}-{high:.0f} %)")
        print(f"| {attack} | " + " | ".join(cells) + " |", flush=True)
    print(f"\nWrong payloads: {wrong} in {tried} readings.")
    for kind in sorted({q[0] for q in quality}):
        own = [q for q in quality if q[0] == kind]
        scores = [q[2] for q in own if q[2]]
        heard = f", PESQ {np.mean(scores):.2f} (least {min(scores):.2f})" if scores and kind != "music" else ""
        print(f"{kind}: NMR {np.mean([q[1] for q in own]):.1f} dB{heard}, {len(own)} clips")
    if not options.no_false:
        unmarked = CACHE / "clips"
        found, used = run(options.touchmark, "verify", unmarked, keys[0])
        other, _ = run(options.touchmark, "verify", WORK / "out", keys[1])
        print(f"Unmarked: {sum(bool(marks(l)) for l in found.values())} of {len(found)} found; "
              f"marked with another key: {sum(bool(marks(l)) for l in other.values())} of {len(other)}; "
              f"{60 * used / sum(seconds(p) for p in unmarked.glob('*.wav')):.2f} CPU s a minute of unmarked sound")


def pesq(before, after, rate):
    """Wide-band PESQ (PyPI `pesq`), nil without it or where it hears nothing."""
    try:
        from pesq import pesq as score
        from scipy.signal import resample_poly
        pair = [x if rate == 16000 else resample_poly(x, 16000, rate) for x in (before, after)]
        return score(16000, pair[0].astype("f4"), pair[1].astype("f4"), "wb")
    except Exception:
        return None


if __name__ == "__main__":
    main()
