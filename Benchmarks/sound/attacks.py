"""What happens to sound on its way, for watermark.py. Each attack takes 16-bit mono WAV and gives the same."""
import shutil, struct
import numpy as np
import wave
from material import command, unpacked


def plain(path):
    """A WAV file's samples, and its rate. Python before 3.12 has no reader for WAVE_FORMAT_EXTENSIBLE, which ffmpeg writes for some rates."""
    data, at, rate = path.read_bytes(), 12, 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"fmt ":
            channels, rate = struct.unpack_from("<2xHI", data, at + 8)
            assert channels == 1, path
        elif kind == b"data":
            count = min(size, len(data) - at - 8) // 2
            return np.frombuffer(data, "<i2", count, at + 8).astype(float) / 32768, rate
        at += 8 + size + size % 2
    raise ValueError(f"{path} has no samples")


def write(path, samples, rate):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(np.round(samples * 32768), -32768, 32767)).astype("<i2").tobytes())


def coded(ext, *encode, rate=None, af=None):
    """By ffmpeg: filter, code, decode."""
    def run(source, target):
        between = target.with_suffix(".coded." + ext)
        filters = ["-af", af] if af else []
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, *filters, *encode, between])
        rates = ["-ar", rate] if rate else []
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", between, "-ac", "1", *rates, "-c:a", "pcm_s16le", "-bitexact", target])
        between.unlink()
    return run


def filtered(*effects):
    """By sox, straight to the target."""
    return lambda source, target: command(["sox", "-D", "-G", source, "-b", "16", "-c", "1", "-e", "signed", target, *effects])


def stretched(af):
    return lambda source, target: command(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, "-af", af, "-c:a", "pcm_s16le", "-bitexact", target])


def spoken(ext, *coding):
    """A telephone's speech coder by sox."""
    def run(source, target):
        between = target.with_suffix(".coded." + ext)
        command(["sox", "-D", "-G", source, "-r", "8000", "-c", "1", *coding, between])
        command(["sox", between, "-b", "16", "-e", "signed", target])
        between.unlink()
    return run


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


BEDS = {}


def bed(count, rate):
    """Music that is none of the clips."""
    if rate not in BEDS:
        path = next(unpacked("supertuxkart-data").rglob("alien_signal.ogg"))
        raw = command(["ffmpeg", "-v", "error", "-nostdin", "-ss", "5", "-i", path, "-t", "31", "-ac", "1", "-ar", rate, "-f", "f32le", "-"],
                      stdout=-1).stdout
        BEDS[rate] = np.frombuffer(raw, "<f4")
    return np.resize(BEDS[rate], count).astype(float)


ATTACKS = {
    "none": shutil.copy,
    "trim": filtered("trim", "0.37"),
    "mp3_64": coded("mp3", "-b:a", "64k"), "aac_64": coded("m4a", "-c:a", "aac", "-b:a", "64k"),
    "opus_32": coded("opus", "-c:a", "libopus", "-b:a", "32k"),
    "telephone": coded("wav", "-ar", "8000", "-c:a", "pcm_alaw", af="highpass=f=300:p=2,lowpass=f=3400:p=2"),
    "speed+1": filtered("speed", "1.01"), "speed-1": filtered("speed", "0.99"),
    "gain-12": filtered("gain", "-12"), "eq": filtered("bass", "6", "treble", "-6"),
    "voice_message": coded("opus", "-ar", "16000", "-c:a", "libopus", "-b:a", "24k", "-application", "voip", rate=16000),
    "tempo+5": stretched("atempo=1.05"), "tempo-5": stretched("atempo=0.95"),
    "pitch+1": filtered("pitch", "100"), "pitch-1": filtered("pitch", "-100"),
    "opus_16": coded("opus", "-c:a", "libopus", "-b:a", "16k"), "reverb": filtered("reverb", "40"),
    "white_20dB": mixed(noise, 20), "bed-10": mixed(bed, 10),
    "gsm": spoken("gsm"), "amr_12": spoken("amr-nb", "-C", "7"),
}

# Relative to a clip's own level or start; the others are done to clips of one rate in one go.
SINGLE = {"none", "trim", "white_20dB", "bed-10"}
FASTER = {"speed+1": 1.01, "speed-1": 0.99, "tempo+5": 1.05, "tempo-5": 0.95}


def attack_all(name, sources, folder):
    """Attacks every file of `sources`, into `folder` under the same names: clips of one rate behind each other, half a second between."""
    if name in SINGLE:
        for path in sources:
            ATTACKS[name](path, folder / path.name)
        return
    by_rate = {}
    for path in sources:
        samples, rate = plain(path)
        by_rate.setdefault(rate, []).append((path.name, samples))
    joined, after = folder / "joined.wav", folder / "after.wav"
    for rate, clips in by_rate.items():
        gap = np.zeros(rate // 2)
        write(joined, np.concatenate([part for _, samples in clips for part in (samples, gap)]), rate)
        ATTACKS[name](joined, after)
        samples, new = plain(after)
        scale, start = new / rate / FASTER.get(name, 1), 0
        for clip, own in clips:
            write(folder / clip, samples[int(start * scale):int((start + len(own)) * scale)], new)
            start += len(own) + len(gap)
    joined.unlink()
    after.unlink()
