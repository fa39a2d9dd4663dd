#!/usr/bin/python3
"""Measures what touchmark's image watermark survives: marks the corpus, attacks it, and asks touchmark what it reads."""
import argparse, datetime, hashlib, json, math, os, re, shlex, shutil, subprocess, sys, tempfile, time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor

import cv2
import numpy as np
from PIL import Image

import corpus
from attacks import ATTACKS, MISSING, write

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = 512  # Pictures whose short side is below it have bars of their own.


def family(*names):
    return [name for name, attack in ATTACKS.items() if attack.family in names]


RESIZES = ["rs0.5", "rs0.75", "rs1.5", "rs2"]
JPEGS = ["jpeg90", "jpeg80", "jpeg70", "jpeg60", "jpeg50"]
# Share that must be read, over which pictures, after which attacks.
BARS = [
    (98, "regular", ["none", *JPEGS, "webp75", *family("avif"), *RESIZES, *family("aspect", "rotation", "flip", "photometric"),
                     "noise10", "blur1", "median3", "sharpen", "overlay20", "screenshot", "plat1080", "plat720"]),
    (95, "regular", ["jpeg30", "webp50", "crop25"]),
    (93, "regular", ["crop25+j75"]),
    (90, "regular", ["persp3"]),
    (85, "regular", ["crop15"]),
    (85, "flat", ["webp50", "jpeg30"]),
    (75, "regular", ["rs.5+j50"]),
    (90, "small", ["none", *JPEGS[:3], *RESIZES, *family("rotation", "photometric")]),
]


# Running touchmark


class Run:
    """One finished child: its report lines by the input's file name, CPU seconds and exit code."""

    def __init__(self, command, report=None):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            child = subprocess.Popen(command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = self.code = os.waitstatus_to_exitcode(status)
            self.cpu = usage.ru_utime + usage.ru_stime
            self.peak = usage.ru_maxrss / 1024
            output.seek(0)
            text = output.read().decode()
            errors.seek(0)
            self.errors = errors.read().decode(errors="replace").strip()
        if report and os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                text = file.read()
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        self.files = {os.path.basename(line["input"]): line for line in lines if line.get("type") == "file"}
        if not self.files:
            sys.exit(f"{shlex.join(command[:2])} … reported no file (exit {self.code}): {self.errors[-2000:]}")


def label(touchmark, key, sources, folder, *more, series=0):
    """Marks with payloads that come of `series` and the pictures' names alone, so that two runs compare in pairs."""
    report, manifest = folder + ".report.jsonl", folder + ".manifest.jsonl"
    with open(manifest, "w", encoding="utf-8") as file:
        for source in sources:
            name = f"{series}/{os.path.basename(source)}"
            payload = hashlib.sha256(name.encode()).hexdigest()[:16]
            file.write(json.dumps({"input": source, "payload": payload}) + "\n")
    return Run([touchmark, "label", "--manifest", manifest, "--output", folder, "--layers", "watermark", "--key", key,
                "--producer", "TESTPRODUCER", "--report", report, "--quiet", *more], report)


def verify(touchmark, key, folder, *more):
    return Run([touchmark, "verify", folder, "--key", key, "--layers", "watermark", "--report", "-", "--quiet", *more])


def readable(touchmark):
    """The codecs of ours whose files this touchmark reads; the others' pictures are handed over as PNG."""
    listing = subprocess.run([touchmark, "formats"], capture_output=True, text=True).stdout
    listed = {line.split()[0].lower() for line in listing.splitlines() if line.strip()} | {"jpeg"}
    return tuple(codec for codec in ("jpeg", "webp", "avif") if codec in listed)


def executable(path):
    """For argparse: an executable that can be run from anywhere."""
    if found := shutil.which(path):
        return os.path.abspath(found)
    raise argparse.ArgumentTypeError(f"no executable '{path}'")


# Measures


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def psnr(a, b):
    error = float(np.mean((a.astype(np.float32) - b) ** 2, dtype=np.float64))
    return 10 * math.log10(255**2 / error) if error else math.inf


def ssim(a, b):
    """Of the luma, with the usual 11 × 11 Gauss window of σ 1.5."""
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (a, b))
    mean = lambda p: cv2.GaussianBlur(p, (11, 11), 1.5)
    ma, mb = mean(a), mean(b)
    va, vb, vab = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(np.mean((2 * ma * mb + c1) * (2 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))))


def quality(source, marked):
    a, b = pixels(source), pixels(marked)
    return (psnr(a, b), ssim(a, b)) if a.shape == b.shape else (math.nan, math.nan)


def attack(name, marked, picture, folder, formats):
    path, size = write(name, pixels(marked), picture, os.path.join(folder, picture), formats)
    return picture, os.path.basename(path), size


def wilson(hits, count, z=1.96):
    """The 95 % interval of a share, in percent."""
    if not count:
        return 0.0, 100.0
    share, d = hits / count, 1 + z * z / count
    middle = (share + z * z / 2 / count) / d
    half = z / d * math.sqrt(share * (1 - share) / count + z * z / 4 / count**2)
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


# The run


def choose(arguments):
    rows = [row for row in corpus.rows() if arguments.corpus == "all" or row["tier"] == "core"]
    if arguments.kinds:
        rows = [row for row in rows if row["kind"] in arguments.kinds.split(",")]
    for row in rows:
        row["source"] = os.path.join(corpus.folder(), row["kind"], row["name"] + ".png")
    if missing := [row for row in rows if not os.path.exists(row["source"])]:
        print(f"suite: {len(missing)} pictures are not there (run corpus.sh), first {missing[0]['name']}", file=sys.stderr)
    rows = [row for row in rows if os.path.exists(row["source"])]
    if arguments.limit:  # Evenly over the kinds.
        place, turn = Counter(), {}
        for row in rows:
            turn[row["name"]] = place[row["kind"]]
            place[row["kind"]] += 1
        rows = sorted(rows, key=lambda row: turn[row["name"]])[: arguments.limit]
    if arguments.attacks == "all":
        names = list(ATTACKS)
    elif arguments.attacks == "required":
        names = [name for name in ATTACKS if any(name in bar[2] for bar in BARS)]
    else:
        names = arguments.attacks.split(",")
        if unknown := [name for name in names if name not in ATTACKS]:
            sys.exit(f"suite: no attack {', '.join(unknown)}; there are: {' '.join(ATTACKS)}")
    if absent := [name for name in names if ATTACKS[name].family in MISSING]:
        print(f"suite: Pillow cannot write {', '.join(sorted(MISSING))}: without {' '.join(absent)}", file=sys.stderr)
        names = [name for name in names if name not in absent]
    if not rows:
        sys.exit("suite: no pictures")
    return rows, names


def measure(arguments, rows, names, scratch):
    """Marks and attacks; yields a record for each picture, then one for each picture and attack."""
    touchmark, key, more = arguments.touchmark, arguments.key, shlex.split(arguments.label_options)
    marked = os.path.join(scratch, "marked")
    formats = readable(touchmark)
    megapixels = sum(int(row["width"]) * int(row["height"]) for row in rows) / 1e6
    run = label(touchmark, key, [row["source"] for row in rows], marked, *more, series=arguments.series)
    yield {"type": "embed", "pictures": len(rows), "megapixels": megapixels, "cpu": run.cpu, "peakMiB": run.peak}
    with ProcessPoolExecutor(arguments.jobs) as pool:
        pictures, measured = [], []
        for row in rows:
            line = run.files.get(row["name"] + ".png", {})
            output = line.get("output") or os.path.join(marked, row["name"] + ".png")
            payload = (line.get("watermark") or {}).get("payload")
            record = {"type": "picture", "picture": row["name"], "kind": row["kind"], "payload": payload,
                      "short": min(int(row["width"]), int(row["height"])), "status": line.get("status", "no report")}
            done = payload and os.path.exists(output)
            measured.append(pool.submit(quality, row["source"], output) if done else None)
            pictures.append((record, output if done else None))
        for (record, _), future in zip(pictures, measured):
            if future:
                record["psnr"], record["ssim"] = future.result()
            yield record
        for name in names:
            folder = os.path.join(scratch, "attacked")
            os.makedirs(folder)
            start = time.monotonic()
            jobs = [pool.submit(attack, name, output, record["picture"], folder, formats)
                    for record, output in pictures if output]
            made = {picture: (file, size) for picture, file, size in (job.result() for job in jobs)}
            between = time.monotonic()
            run = verify(touchmark, key, folder, *shlex.split(arguments.verify_options)) if made else None
            shutil.rmtree(folder)
            yield {"type": "attack", "attack": name, "megapixels": sum(w * h for _, (w, h) in made.values()) / 1e6,
                   "cpu": run.cpu if run else 0, "peakMiB": run.peak if run else 0, "generation": between - start,
                   "verification": time.monotonic() - between}
            for record, _ in pictures:
                file = made.get(record["picture"], ("",))[0]
                line = run.files.get(file) if run else None
                seen = ((line or {}).get("layers") or {}).get("watermark") or {}
                found = bool(seen.get("found"))
                right = found and seen.get("payload") == record["payload"]
                result = {"type": "result", "picture": record["picture"], "kind": record["kind"], "short": record["short"],
                          "attack": name, "ok": right, "wrong": found and not right, "reported": bool(seen.get("searched"))}
                result.update({k: v for k, v in seen.items() if k in ("payload", "log10p", "statistic")})
                yield result


# The account


def heading(arguments):
    cpu = "unknown CPU"
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            cpu = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), cpu)
    git = ["git", "-C", HERE, "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip() or "unknown"
    version = subprocess.run([arguments.touchmark, "--version"], capture_output=True, text=True).stdout.strip()
    return {"type": "run", "date": datetime.date.today().isoformat(), "cpu": cpu, "cores": os.cpu_count(), "commit": commit,
            "touchmark": version, "corpus": arguments.corpus, "attacks": arguments.attacks, "kinds": arguments.kinds,
            "limit": arguments.limit, "labelOptions": arguments.label_options, "verifyOptions": arguments.verify_options}


def spread(values):
    values = np.array([v for v in values if not math.isnan(v)])
    if not len(values):
        return "none measured"
    return f"mean {values.mean():.4g}, p5 {np.percentile(values, 5):.4g}, min {values.min():.4g}"


def account(head, records):
    """The markdown account, and a line for each attack and kind."""
    by = defaultdict(list)
    for record in records:
        by[record["type"]].append(record)
    kinds = list(dict.fromkeys(row["kind"] for row in by["picture"]))
    names = [record["attack"] for record in by["attack"]]
    cells = defaultdict(Counter)
    for result in by["result"]:
        classes = {result["kind"], "every", "regular" if result["short"] >= SMALL else "below"}
        for kind in classes:
            cells[result["attack"], kind].update(
                n=1, ok=int(result["ok"]), wrong=int(result["wrong"]), lost=int(not result["reported"]))
    embed = by["embed"][0]
    out = [f"# Robustness, {head['date']}, commit {head['commit']}, {head['cpu']}, {head['cores']} cores", "",
           f"Corpus `{head['corpus']}`: {len(by['picture'])} pictures, attacks `{head['attacks']}`"
           + "".join(f", {name} `{head[key]}`" for name, key in (("kinds", "kinds"), ("limit", "limit"),
                     ("label", "labelOptions"), ("verify", "verifyOptions")) if head[key]) + ".", ""]
    bare = [f"{p['picture']} ({p['status']})" for p in by["picture"] if "psnr" not in p]
    if bare:
        out += [f"Not marked, counted as lost: {', '.join(bare)}.", ""]
    out += ["| pictures | PSNR dB | SSIM |", "| --- | --- | --- |"]
    for kind in ["every", *kinds]:
        of = [p for p in by["picture"] if "psnr" in p and kind in ("every", p["kind"])]
        out.append(f"| {kind} ({len(of)}) | {spread([p['psnr'] for p in of])} | {spread([p['ssim'] for p in of])} |")
    rate = lambda record: 1000 * record["cpu"] / record["megapixels"] if record["megapixels"] else 0
    out += ["", f"CPU: embed {rate(embed):.0f} ms/MP (peak {embed['peakMiB']:.0f} MiB)"
            + "".join(f", detect unattacked {rate(a):.0f} ms/MP (peak {a['peakMiB']:.0f} MiB)" for a in by["attack"]
                      if a["attack"] == "none")]
    total = {key: sum(a[key] for a in by["attack"]) for key in ("cpu", "megapixels", "generation", "verification")}
    out[-1] += (f", detect over all attacks {rate(total):.0f} ms/MP. Attacks took {total['generation']:.0f} s to make, "
                f"{total['verification']:.0f} s to verify.")
    out += ["", "Read with the right payload, of how many; then the share over all kinds with its 95 % interval (Wilson), the "
            "share from 512 px, and wrong payloads.", "",
            "| attack | " + " | ".join(kinds) + " | all | % | 95 % | ≥ 512 px % | wrong | detect ms/MP |",
            "| --- |" + " --- |" * (len(kinds) + 6)]
    for record in by["attack"]:
        name, every, regular = record["attack"], cells[record["attack"], "every"], cells[record["attack"], "regular"]
        low, high = wilson(every["ok"], every["n"])
        of = lambda cell: f"{cell['ok']}/{cell['n']}"
        share = f"{100 * regular['ok'] / regular['n']:.1f}" if regular["n"] else "–"
        out.append(f"| {name} | " + " | ".join(of(cells[name, kind]) for kind in kinds)
                   + f" | {of(every)} | {100 * every['ok'] / every['n']:.1f} | {low:.1f}–{high:.1f} | {share} "
                   + f"| {every['wrong'] or ''} | {rate(record):.0f} |")
    if lost := sum(cells[name, "every"]["lost"] for name in names):
        out += ["", f"{lost} of {len(by['result'])} were not searched (not marked, not reported, or failed)."]
    out += ["", "| bar | pictures | attack | read | % | met |", "| --- | --- | --- | --- | --- | --- |"]
    missed = checked = 0
    for bar, kind, attacks in BARS:
        for name in attacks:
            cell = cells.get((name, kind))
            if not cell:
                continue
            met = 100 * cell["ok"] >= bar * cell["n"]
            checked, missed = checked + 1, missed + (not met)
            out.append(f"| {bar} % | {'≥ 512 px' if kind == 'regular' else kind} | {name} | {cell['ok']}/{cell['n']} "
                       f"| {100 * cell['ok'] / cell['n']:.1f} | {'yes' if met else '**no**'} |")
    wrong = sum(cells[name, "every"]["wrong"] for name in names)
    out += ["", f"{checked - missed} of {checked} bars met; {wrong} wrong payloads in {len(by['result'])} readings.", ""]
    table = [{"type": "cell", "attack": name, "kind": kind, **cells[name, kind]} for name in names
             for kind in ["every", "regular", *kinds] if cells[name, kind]["n"]]
    return "\n".join(out), [head, embed, *by["attack"], *table], missed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchmark", type=executable, required=True, help="the executable")
    parser.add_argument("--key", required=True, help="key file")
    parser.add_argument("--corpus", choices=("core", "all"), default="core")
    parser.add_argument("--attacks", default="required", help="names with commas between, `required` (with a bar) or `all`")
    parser.add_argument("--kinds", default="", help="only these, with commas between")
    parser.add_argument("--limit", type=int, default=0, help="so many pictures, evenly over the kinds")
    parser.add_argument("--series", type=int, default=0, help="which payloads are drawn; the same number, the same payloads")
    parser.add_argument("--jobs", type=int, default=2, help="processes that attack pictures")
    parser.add_argument("--out", help="also write every single reading there, as JSON lines")
    parser.add_argument("--results", default=os.path.join(HERE, "results"), help="folder of the account; empty for none")
    parser.add_argument("--label-options", default="", help="more options of touchmark label, as one string")
    parser.add_argument("--verify-options", default="", help="more options of touchmark verify, as one string")
    arguments = parser.parse_args()
    rows, names = choose(arguments)
    head, records, score = heading(arguments), [], Counter()
    scratch = tempfile.mkdtemp(prefix="touchmark-robustness-")
    current = None

    def tell():
        if current:
            print(f"{current['attack']:12} {score['ok']:4}/{score['n']:<4} wrong {score['wrong']:<3} "
                  f"made {current['generation']:6.1f} s, verified {current['verification']:6.1f} s", file=sys.stderr, flush=True)

    try:
        with open(arguments.out or os.devnull, "w", encoding="utf-8") as detail:
            for record in measure(arguments, rows, names, scratch):
                records.append(record)
                detail.write(json.dumps(record) + "\n")
                if record["type"] == "attack":
                    tell()
                    current, score = record, Counter()
                elif record["type"] == "result":
                    score.update(n=1, ok=int(record["ok"]), wrong=int(record["wrong"]))
        tell()
    finally:
        shutil.rmtree(scratch)
    text, lines, missed = account(head, records)
    print(text)
    if arguments.results:
        os.makedirs(arguments.results, exist_ok=True)
        cpu = re.sub(r"[^A-Za-z0-9]+", "-", head["cpu"])
        stem = os.path.join(arguments.results, f"{head['date']}-{arguments.corpus}-{head['commit']}-{cpu}")
        with open(stem + ".md", "w", encoding="utf-8") as file:
            file.write(text)
        with open(stem + ".jsonl", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
