#!/usr/bin/env python3
"""CPU seconds of putting the rhythm cue into sound, against sox and ffmpeg mixing a file of the cue in. See README.md."""
import argparse, datetime, os, pathlib, platform, resource, statistics, subprocess, tempfile

PRODUCER = "001191110000MA0000000H10001"
CODINGS = {"wav": [], "flac": [], "mp3": ["-b:a", "192k"]}


def cpu(command, runs=3):
    """The median of `runs` in seconds of user and system time."""
    times = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(times)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--touchmark", default=".build/release/touchmark")
    options.add_argument("--minutes", type=int, default=10)
    options = options.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="touchmark-cost-"))
    os.environ["XDG_CONFIG_HOME"] = str(work)
    seconds = options.minutes * 60
    ffmpeg = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
    # Pink noise under a melody of sweeps: nothing that any coder finds too easy.
    program = ["-f", "lavfi", "-i", f"anoisesrc=color=pink:amplitude=0.2:sample_rate=44100:seed=7:duration={seconds}",
               "-f", "lavfi", "-i", f"aevalsrc='0.2*sin(2*PI*t*(220+40*sin(t)))|0.2*sin(2*PI*t*(330+60*sin(t/2)))':s=44100:d={seconds}",
               "-filter_complex", "[0]aformat=channel_layouts=stereo[n];[n][1]amix=normalize=0"]
    subprocess.run(ffmpeg + program + ["-c:a", "pcm_s16le", str(work / "in.wav")], check=True)
    subprocess.run(ffmpeg + ["-f", "lavfi", "-i", "sine=frequency=880:sample_rate=44100:duration=2", "-ac", "2", str(work / "cue.wav")], check=True)
    print(f"{datetime.date.today()}, {platform.machine()}, {options.minutes} minutes of 44.1 kHz stereo, the cue in the last seconds.")
    print("CPU seconds (user and system), median of 3; the ratio is touchmark's to the cheaper of the others.\n")
    print("| Coding | touchmark | sox | ffmpeg | Ratio |\n|---|---|---|---|---|")
    delay = (seconds - 3) * 1000
    for name, coding in CODINGS.items():
        source = work / f"in.{name}"
        if name != "wav":
            subprocess.run(ffmpeg + ["-i", str(work / "in.wav")] + coding + [str(source)], check=True)
        own = cpu([options.touchmark, "label", str(source), "--output", str(work / "out"), "--producer", PRODUCER,
                   "--layers", "explicit,metadata", "--cue", "rhythm", "--quiet"])
        mixed = f"[1]adelay={delay}|{delay}[c];[0][c]amix=inputs=2:duration=first:normalize=0"
        theirs = cpu(ffmpeg + ["-i", str(source), "-i", str(work / "cue.wav"), "-filter_complex", mixed] + coding + [str(work / f"ffmpeg.{name}")])
        tone = f"|sox {work}/cue.wav -p pad {seconds - 3}"
        rate = ["-C", "192"] if name == "mp3" else []
        try:
            sox = cpu(["sox", "-m", "-v", "1", str(source), "-v", "1", tone] + rate + [str(work / f"sox.{name}")])
        except subprocess.CalledProcessError:
            sox = None
        best = min(value for value in (sox, theirs) if value is not None)
        shown = f"{sox:.2f}" if sox is not None else "not built for it"
        print(f"| {name.upper()} | {own:.2f} | {shown} | {theirs:.2f} | {own / best:.2f} |", flush=True)


if __name__ == "__main__":
    main()
