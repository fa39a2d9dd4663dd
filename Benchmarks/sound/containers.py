#!/usr/bin/env python3
"""The watermark in sound through the command alone, in each format that it is labelled in. See README.md."""
import argparse, collections, pathlib, sys
sys.path[:0] = [str(folder) for folder in pathlib.Path(__file__).parents[:2]]
from attacks import attack_all, plain, write
from material import CACHE, clips, command
from quality import wilson
from rows import Rows
from watermark import emptied, marks, run

# Extension, and how ffmpeg makes the clip that is labelled.
FORMATS = {
    "wav": ["-c:a", "pcm_s16le"], "flac": ["-c:a", "flac"], "mp3": ["-c:a", "libmp3lame", "-b:a", "128k"],
    "m4a": ["-c:a", "aac", "-b:a", "128k"], "opus": ["-c:a", "libopus", "-b:a", "64k"],
}
ATTACKS = "none trim mp3_64 opus_32 voice_message telephone speed-1 tempo-5 pitch+1 opus_16 white_20dB".split()


def measured(options, results, work, key, ext, seconds):
    waiting = [a for a in ATTACKS if not results.has(row="read", format=ext, seconds=seconds, attack=a)]
    if not waiting:
        return
    source, target, decoded = (emptied(name, work) for name in ("in", "out", "decoded"))
    # Every kind of clip of both halves.
    chosen = [clip for half in (0, 1) for clip in clips(half)][:: max(1, 64 // options.clips)]
    for clip in chosen:
        samples, rate = plain(clip)
        cut = work / "cut.wav"
        write(cut, samples[2 * rate:int((2 + seconds) * rate)], rate)
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", cut, *FORMATS[ext], source / f"{clip.stem}.{ext}"])
    done, used = run(options.touchmark, "label", source, key, "--output", target, "--producer", "X")
    payloads = {name: line.get("watermark", {}).get("payload") for name, line in done.items()}
    results.add(row="label", format=ext, seconds=seconds, clips=len(chosen), marked=sum(p is not None for p in payloads.values()),
                cpu=round(used, 2), bytes=[sum(f.stat().st_size for f in folder.glob("*." + ext)) for folder in (source, target)])
    whole, used = run(options.touchmark, "verify", target, key)
    for name, payload in payloads.items():
        seen = marks(whole.get(name, {}))
        results.add(row="read", format=ext, seconds=seconds, attack="as labelled", clip=name, read=int(payload in [m["payload"] for m in seen]),
                    wrong=sum(m["payload"] != payload for m in seen))
    for name in payloads:
        command(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", target / f"{name}.{ext}", "-ac", "1", "-c:a", "pcm_s16le", "-bitexact",
                 decoded / f"{name}.wav"])
    for attack in waiting:
        folder = emptied("attacked", work)
        attack_all(attack, sorted(decoded.glob("*.wav")), folder)
        found, used = run(options.touchmark, "verify", folder, key)
        for name, payload in payloads.items():
            seen = marks(found.get(name, {}))
            results.add(row="read", format=ext, seconds=seconds, attack=attack, clip=name, read=int(payload in [m["payload"] for m in seen]),
                        wrong=sum(m["payload"] != payload for m in seen))


def table(results):
    rows = results.of("read")
    columns = sorted({(r["format"], r["seconds"]) for r in rows}, key=lambda c: (c[1], list(FORMATS).index(c[0])))
    count, right = (collections.Counter((r["attack"], r["format"], r["seconds"]) for r in rows if r["read"] or every) for every in (1, 0))
    print("| after | " + " | ".join(f"{ext}, {seconds:g} s" for ext, seconds in columns) + " |\n|" + " --- |" * (1 + len(columns)))
    for attack in ["as labelled", *ATTACKS]:
        cells = [f"{right[attack, *c]}/{count[attack, *c]}" if count[attack, *c] else "" for c in columns]
        print(f"| {attack} | " + " | ".join(cells) + " |")
    read, total = sum(right.values()), sum(count.values())
    low, high = wilson(read, total)
    print(f"\nIn all {read} of {total} ({low:.1f}-{high:.1f} %), wrong payloads {sum(r['wrong'] for r in rows)}.")
    for row in results.of("label"):
        print(f"{row['format']}, {row['seconds']:g} s: {row['marked']} of {row['clips']} marked, bytes x{row['bytes'][1] / row['bytes'][0]:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark")
    parser.add_argument("--results", type=pathlib.Path, required=True, help="rows of JSON; what stands there is not measured again")
    parser.add_argument("--clips", type=int, default=22)
    parser.add_argument("--lengths", default="5,30")
    parser.add_argument("--table", action="store_true", help="print what stands in the results, measure nothing")
    options = parser.parse_args()
    if options.table:
        return table(Rows(options.results))
    results, work = Rows(options.results), CACHE / "containers" / options.results.stem
    work.mkdir(parents=True, exist_ok=True)
    key = work / "own.key"
    if not key.exists():
        command([options.touchmark, "keygen", "--output", key])
    for seconds in map(float, options.lengths.split(",")):
        for ext in FORMATS:
            measured(options, results, work, key, ext, seconds)
    table(results)


if __name__ == "__main__":
    main()
