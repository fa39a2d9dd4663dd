#!/usr/bin/env python3
"""audiowmark, built from source by whoever runs this, on the clips and attacks of watermark.py. See README.md."""
import argparse, pathlib, subprocess, sys
sys.path[:0] = [str(folder) for folder in pathlib.Path(__file__).parents[:2]]
import watermark
from attacks import ATTACKS, plain, write
from material import CACHE, clips, command
from rows import Rows

MESSAGE = "0123456789abcdef0011223344556677"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audiowmark", default="audiowmark")
    parser.add_argument("--strength", default="10")
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--lengths", default="3,5,10,30")
    parser.add_argument("--attacks", default=",".join(ATTACKS), type=lambda text: text.split(","))
    parser.add_argument("--half", choices=watermark.HALVES, default="held")
    parser.add_argument("--get", default=[], type=str.split, help="further options of get, such as --detect-speed")
    parser.add_argument("--every", type=int, default=1, help="take every so manyth clip alone")
    parser.add_argument("--table", action="store_true", help="print what stands in the results, measure nothing")
    options = parser.parse_args()
    results = Rows(options.results)
    if options.table:
        return watermark.summary(results)
    folder = CACHE / "audiowmark"
    folder.mkdir(parents=True, exist_ok=True)
    source, marked, attacked = (folder / name for name in ("source.wav", "marked.wav", "attacked.wav"))
    for half in watermark.HALVES[options.half]:
        for length in map(float, options.lengths.split(",")):
            for clip in clips(half)[:: options.every]:
                samples, rate = plain(clip)
                start = 2 * rate if length < 28 else 0
                write(source, samples[start:start + int(length * rate)], rate)
                command([options.audiowmark, "add", "--strength", options.strength, source, marked, MESSAGE])
                for attack in options.attacks:
                    if results.has(row="read", half=half, seconds=length, attack=attack, clip=clip.stem):
                        continue
                    ATTACKS[attack](marked, attacked)
                    # "pattern TIME HEX QUALITY ERROR …" a line: candidates, which audiowmark leaves to a database to tell apart, so
                    # that the right one among them counts as read and the others are not wrong answers.
                    before = watermark.cpu()
                    shown = subprocess.run([options.audiowmark, "get", *options.get, attacked], stdout=subprocess.PIPE, text=True).stdout
                    seen = {line.split()[2] for line in shown.splitlines() if line.startswith("pattern") and len(line.split()) > 2}
                    results.add(row="read", half=half, seconds=length, attack=attack, clip=clip.stem, read=int(MESSAGE in seen),
                                candidates=len(seen), cpu=round(watermark.cpu() - before, 2))
    watermark.summary(results)


if __name__ == "__main__":
    main()
