#!/usr/bin/env python3
"""The watermark in sound after attacks, its quality, and marks found where there are none. See README.md."""
import argparse, collections, functools, json, pathlib, resource, shutil, subprocess, sys
sys.path[:0] = [str(folder) for folder in pathlib.Path(__file__).parents[:2]]
from attacks import ATTACKS, attack_all, plain, write
from material import CACHE, clips, command
from quality import nmr, pesq, wilson
from rows import Rows
from suite import corpus

WORK = CACHE / "watermark"
HALVES = {"tuned": [0], "held": [1], "both": [0, 1]}


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(binary, verb, folder, key, *more):
    """The report's lines by file name, and the CPU seconds. The report itself stands beside the folder."""
    report, start = folder.parent / (folder.name + ".report.jsonl"), cpu()
    subprocess.run([binary, verb, folder, "--layers", "watermark", "--key", key, "--jobs", "1", "--report", report, *more],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = [json.loads(line) for line in open(report)]
    return {pathlib.Path(l["input"]).stem: l for l in lines if l["type"] == "file"}, cpu() - start


def marks(line):
    layer = line.get("layers", {}).get("watermark", {})
    return [m for m in [layer] + layer.get("others", []) if "payload" in m]


def emptied(name, work=None):
    folder = (work or WORK) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def keys(binary, folder):
    pair = [folder / "own.key", folder / "other.key"]
    for key in pair:
        if not key.exists():
            command([binary, "keygen", "--output", key])
    return pair


def labelled(options, results, half, length, key):
    """Clips of a half cut to a length and marked, with the payloads by name."""
    source, target = emptied("in"), emptied("out")
    for clip in clips(half):
        samples, rate = plain(clip)
        start = 2 * rate if length < 28 else 0
        write(source / clip.name, samples[start:start + int(length * rate)], rate)
    done, used = run(options.touchmark, "label", source, key, "--output", target, "--producer", "X", *options.label)
    total = 0
    for name, line in sorted(done.items()):
        path = target / (name + ".wav")
        (before, rate), (after, _) = plain(source / path.name), plain(path)
        total += len(before) / rate
        if not results.has(row="quality", half=half, seconds=length, clip=name):
            is_speech = name.split("-")[0] in ("speech", "tts")
            results.add(row="quality", half=half, seconds=length, clip=name, nmr=nmr(before, after, rate),
                        pesq=pesq(before, after, rate) if is_speech else None, marked="payload" in line.get("watermark", {}))
    results.add(row="cpu", what="label", half=half, seconds=length, cpu=round(used, 2), audio=round(total, 1))
    return target, {name: line.get("watermark", {}).get("payload") for name, line in done.items()}


def prepared(options, results, half, length, key, attack):
    """Attacked clips, and the payloads they were marked with by name."""
    if not options.keep:
        folder = emptied("attacked")
        attack_all(attack, sorted(options.marked(half, length)[0].glob("*.wav")), folder)
        return folder, options.marked(half, length)[1]
    kept = options.keep / f"{half}-{length:g}"
    noted = kept / "payloads.json"
    if not noted.exists():
        target, payloads = labelled(options, results, half, length, key)
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(target, kept / "marked")
        noted.write_text(json.dumps(payloads))
    folder = kept / attack
    if not folder.exists():
        unfinished = emptied("attacked")
        attack_all(attack, sorted((kept / "marked").glob("*.wav")), unfinished)
        shutil.move(unfinished, folder)
    return folder, json.loads(noted.read_text())


def attacked(options, results, half, length, key):
    waiting = [a for a in options.attacks if not results.has(row="read", half=half, seconds=length, attack=a)]
    # Labelled once for all attacks, where nothing is kept.
    options.marked = functools.cache(lambda half, length: labelled(options, results, half, length, key))
    for attack in waiting:
        folder, payloads = prepared(options, results, half, length, key, attack)
        found, used = run(options.touchmark, "verify", folder, key)
        audio = sum(len(plain(p)[0]) / plain(p)[1] for p in folder.glob("*.wav"))
        results.add(row="cpu", what="verify", attack=attack, half=half, seconds=length, cpu=round(used, 2), audio=round(audio, 1))
        for name, payload in sorted(payloads.items()):
            seen = marks(found.get(name, {}))
            results.add(row="read", half=half, seconds=length, attack=attack, clip=name,
                        read=int(payload in [m["payload"] for m in seen]), wrong=sum(m["payload"] != payload for m in seen),
                        log10p=min((m["log10p"] for m in seen), default=None))


def unmarked(options, results, key):
    """Pieces of 3 s of sound that nobody marked, 1.4 s apart: the clips of both suites."""
    if results.has(row="false", what="unmarked"):
        return
    folder, count = emptied("unmarked"), 0
    for path in corpus() + clips(0) + clips(1):
        samples, rate = plain(path)
        for start in range(0, len(samples) - 3 * rate + 1, int(1.4 * rate)):
            if count < options.false:
                write(folder / f"{count:05d}.wav", samples[start:start + 3 * rate], rate)
                count += 1
    found, used = run(options.touchmark, "verify", folder, key)
    results.add(row="false", what="unmarked", pieces=len(found), found=[n for n, l in found.items() if marks(l)], cpu=round(used, 1), audio=3.0 * len(found))


def other_key(options, results, own, other):
    """Marked clips, some attacked, read with a key they were not marked with."""
    if results.has(row="false", what="other key"):
        return
    folder = emptied("other")
    for half in (0, 1):
        for length in (3, 10):
            target, _ = labelled(options, results, half, length, own)
            for path in target.glob("*.wav"):
                for attack in ("none", "trim", "eq", "white_20dB"):
                    ATTACKS[attack](path, folder / f"{half}-{length:g}-{attack}-{path.name}")
    found, used = run(options.touchmark, "verify", folder, other)
    results.add(row="false", what="other key", pieces=len(found), found=[n for n, l in found.items() if marks(l)], cpu=round(used, 1))


def table(results, halves):
    rows = [r for r in results.of("read") if r["half"] in halves]
    lengths = sorted({r["seconds"] for r in rows})
    count = collections.Counter((r["attack"], r["seconds"]) for r in rows)
    right = collections.Counter((r["attack"], r["seconds"]) for r in rows if r["read"])
    print("| attack | " + " | ".join(f"{l:g} s" for l in lengths) + " |\n|" + " --- |" * (1 + len(lengths)))
    for attack in ATTACKS:
        cells = []
        for length in lengths:
            if total := count[attack, length]:
                low, high = wilson(right[attack, length], total)
                cells.append(f"{right[attack, length]}/{total} ({low:.0f}-{high:.0f} %)")
            else:
                cells.append("")
        print(f"| {attack} | " + " | ".join(cells) + " |")
    if answers := [r["wrong"] for r in rows if "wrong" in r]:
        print(f"\nWrong payloads: {sum(answers)} in {len(answers)} readings.")
    quality = [r for r in results.of("quality") if r["half"] in halves]
    for kind in sorted({r["clip"].split("-")[0] for r in quality}):
        own = [r for r in quality if r["clip"].split("-")[0] == kind]
        scores = [r["pesq"] for r in own if r.get("pesq")]
        heard = f", PESQ {sum(scores) / len(scores):.2f} (least {min(scores):.2f})" if scores else ""
        print(f"{kind}: NMR {sum(r['nmr'] for r in own) / len(own):.1f} dB (most {max(r['nmr'] for r in own):.1f}){heard}, {len(own)} clips")


def summary(results):
    for title, halves in (("held out", [1]), ("both halves", [0, 1])):
        names = {(r["half"], r["clip"]) for r in results.of("read") if r["half"] in halves}
        print(f"\n{title}: {len(names)} clips\n")
        table(results, halves)
    print()
    for what in ("label", "verify"):
        own = [r for r in results.of("cpu") if r["what"] == what]
        if own:
            print(f"{what}: {60 * sum(r['cpu'] for r in own) / sum(r['audio'] for r in own):.2f} CPU s a minute of sound")
    for row in results.of("false"):
        print(f"{row['what']}: {len(row['found'])} of {row['pieces']} found" +
              (f", {60 * row['cpu'] / row['audio']:.2f} CPU s a minute" if "audio" in row else ""))


def main():
    global WORK
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark")
    parser.add_argument("--results", type=pathlib.Path, required=True, help="rows of JSON; what stands there is not measured again")
    parser.add_argument("--lengths", default="3,5,10,30", help="nothing: only false answers")
    parser.add_argument("--attacks", default=",".join(ATTACKS), type=lambda text: text.split(","))
    parser.add_argument("--half", choices=HALVES, default="both", help="held: clips on which no constant was chosen")
    parser.add_argument("--label", default=[], type=str.split, help="further options of label")
    parser.add_argument("--keep", type=pathlib.Path, help="keep keys and attacked clips here, or take those that are there: runs compare in pairs")
    parser.add_argument("--false", type=int, default=0, help="unmarked pieces to search")
    parser.add_argument("--table", action="store_true", help="print what stands in the results, measure nothing")
    options = parser.parse_args()
    results = Rows(options.results)
    # Runs into other results may go on at the same time.
    WORK = WORK / options.results.stem
    if not options.table:
        WORK.mkdir(parents=True, exist_ok=True)
        folder = options.keep or WORK
        folder.mkdir(parents=True, exist_ok=True)
        own, other = keys(options.touchmark, folder)
        for half in HALVES[options.half]:
            for length in map(float, filter(None, options.lengths.split(","))):
                attacked(options, results, half, length, own)
        if options.false:
            unmarked(options, results, own)
            other_key(options, results, own, other)
    summary(results)


if __name__ == "__main__":
    main()
