"""The whole job side by side: processor time a picture of touchmark with all layers, of bare libjpeg-turbo and libpng,
and of the stack that people use today; then scaling, start-up, binary size and peak memory.

    suite.py --touchmark BINARY [--python PYTHON] [--rounds 5] [--stack-rounds 2] [--results FILE.md]
    suite.py --touchmark BINARY --copies 20 --only jpg-photo-512
    suite.py --touchmark BINARY --many 10000

PYTHON runs stack.py and corpus.py: it needs Pillow, NumPy, OpenCV, PyWavelets and invisible-watermark (--no-deps).
Processor time is user + system of the program and its children, process start included; every round runs every program
once, in an order of its own; ratios are of one round, and their median is given. With --copies every picture is there so
many times, so that process start hardly counts."""
import argparse
import glob
import itertools
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
LAYERS = "explicit,metadata,watermark,iptc"
PRODUCER = "001191110000MA0000000H10001"
SIZES = ["512", "1024", "2048", "4k"]


def cost(command, environment=None, statuses=(0,)):
    """Runs `command` once: processor seconds, wall seconds, peak MB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in statuses:
        sys.exit(f"{' '.join(command[:4])} … exit status {code}\n{error.decode(errors='replace')[-2000:]}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024


def files(cell, copies=1):
    """The pictures of a cell, each at least `copies` times."""
    ending, content, size = cell
    names = sorted(glob.glob(f"{corpus}/{ending}-{content}-{size}/*.{ending}"))
    count = max(copies, options.copies)
    if count == 1:
        return names
    folder = f"{work}/copies-{count}-{'-'.join(cell)}"
    copies = [(name, f"{folder}/{index}-{os.path.basename(name)}") for index in range(count) for name in names]
    if not os.path.isdir(folder):
        os.makedirs(folder)
        for name, copy in copies:
            shutil.copy(name, copy)
    return [copy for _, copy in copies]


def empty(name):
    """A folder of its own. Nothing is deleted before the end: a file system that is asked for new files just after it has lost others
    may look for such as are not too young to take the place of, which is no cost of the program's."""
    folder = f"{work}/{next(numbers)}-{name}"
    os.makedirs(folder)
    return folder


def label(names, folder, *more):
    return [options.touchmark, "label", *names, "--output", folder, "--producer", PRODUCER, "--key", key, "--layers",
            LAYERS, "--quiet", *(more or ["--jobs", "1"])]


def programs(cell):
    """Name and command of each program for a cell of the table."""
    names = files(cell)
    marked = labelled[cell]
    verify = [options.touchmark, "verify", marked, "--jobs", "1", "--quiet", "--key", key]
    return {
        "label": label(names, empty("out")),
        "recode": [bare, "recode", *names],
        "decode": [bare, "decode", *names],
        "verify": [*verify, "--layers", "metadata,watermark"],
        "verify-all": verify,
        "metadata": [*verify, "--layers", "metadata"],
        "stack": [options.python, f"{here}/stack.py", empty("stack"), *names],
    }


numbers = itertools.count()
labelled = {}


def measure(cells):
    samples = {}
    for cell in cells:
        folder = labelled[cell] = empty("labelled-" + "-".join(cell))
        cost(label(files(cell), folder))
        before, after = (sum(os.path.getsize(n) for n in names) for names in (files(cell), glob.glob(folder + "/*")))
        samples[cell, "growth"] = after / before - 1
    turns = random.Random(1)
    for turn in range(options.rounds):
        jobs = [(cell, name) for cell in cells for name in programs(cell)]
        turns.shuffle(jobs)
        for cell, name in jobs:
            if name == "stack" and turn >= options.stack_rounds:
                continue
            seconds, _, peak = cost(programs(cell)[name])
            samples.setdefault((cell, name), []).append((turn, seconds * 1e3 / len(files(cell)), peak))
        print(f"round {turn + 1} of {options.rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return samples


def median(samples, cell, name):
    return statistics.median(value for _, value, _ in samples[cell, name])


def ratio(samples, cell, above, below):
    lower = {turn: value for turn, value, _ in samples[cell, below]}
    found = [value / lower[turn] for turn, value, _ in samples[cell, above] if turn in lower]
    return f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})"


def table(samples, cells):
    lines = ["| file | content | size | label all | decode + encode | ratio | stack | stack ÷ label | growth | peak MB |",
             "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for cell in cells:
        ending, content, size = cell
        has_stack = (cell, "stack") in samples
        lines.append("| " + " | ".join([
            ending, content, size, f"{median(samples, cell, 'label'):.1f}", f"{median(samples, cell, 'recode'):.1f}",
            ratio(samples, cell, "label", "recode"), f"{median(samples, cell, 'stack'):.0f}" if has_stack else "",
            ratio(samples, cell, "stack", "label") if has_stack else "", f"{100 * samples[cell, 'growth']:+.1f} %",
            f"{max(peak for _, _, peak in samples[cell, 'label']):.0f}"]) + " |")
    lines += ["", "| file | content | size | bare decode | verify metadata + watermark | ÷ decode | verify all | verify metadata alone |",
              "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"]
    for cell in cells:
        lines.append("| " + " | ".join([
            *cell, f"{median(samples, cell, 'decode'):.1f}", f"{median(samples, cell, 'verify'):.1f}",
            ratio(samples, cell, "verify", "decode"), f"{median(samples, cell, 'verify-all'):.1f}",
            f"{median(samples, cell, 'metadata'):.2f}"]) + " |")
    return lines


def scaling():
    """Processor and wall time of two workers over those of one, for the same files: many, since process start and the last file of all
    are no work that two can share."""
    lines = ["", f"| {len(files(('jpg', 'photo', '1024'), copies=20))} photographs of 1024², 2 workers ÷ 1 worker | processor time | wall time |", "| --- | ---: | ---: |"]
    for ending in ["jpg", "png"]:
        names = files((ending, "photo", "1024"), copies=20)
        found = []
        for _ in range(options.rounds):
            one = cost(label(names, empty("out")))
            two = cost(label(names, empty("out"), "--jobs", "2"))
            found.append((two[0] / one[0], two[1] / one[1]))
        lines.append(f"| {ending} | {statistics.median(f[0] for f in found):.2f} | {statistics.median(f[1] for f in found):.2f} |")
    return lines


def small_things():
    starts = [cost([options.touchmark, "--version"]) for _ in range(20)]
    stripped = f"{work}/stripped"
    subprocess.run(["strip", "-o", stripped, options.touchmark], check=True)
    return ["", f"Start-up (`--version`): {statistics.median(s[0] for s in starts) * 1e3:.1f} ms of processor time, "
            f"{statistics.median(s[2] for s in starts):.0f} MB. Stripped binary: {os.path.getsize(stripped) / 1e6:.1f} MB."]


def many(count):
    """Peak memory of runs over `count` files of 512 x 512 and over a tenth of them, all layers on: one in twenty a PNG, which takes longer.
    Outputs take 60 kB each."""
    lines = []
    jpegs, pngs = (files((ending, "photo", "512")) for ending in ("jpg", "png"))
    for number in (count // 10, count):
        folder = empty("many")
        for index in range(number):
            sources = pngs if index % 20 == 0 else jpegs
            source = sources[index // 20 % len(sources)]
            os.link(source, f"{folder}/{index}{source[-4:]}")
        seconds, wall, peak = cost(label([folder], empty("many-out"), "--jobs", "2", "--check", "metadata"))
        lines.append(f"{number} files of 512 x 512, JPEG and one in twenty PNG, 2 workers: peak {peak:.0f} MB, "
                     f"{seconds * 1e3 / number:.2f} ms of processor time a file, {number / wall:.0f} files/s")
    return lines


def versions():
    def said(*command):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().splitlines()[-1:]
    packages = "import PIL, numpy, cv2, pywt, importlib.metadata as m; print('Pillow', PIL.__version__, 'NumPy', numpy.__version__, 'OpenCV', cv2.__version__, 'PyWavelets', pywt.__version__, 'invisible-watermark', m.version('invisible-watermark'), 'python', __import__('platform').python_version())"
    libraries = said("dpkg-query", "-W", "-f", "${Package} ${Version}, ", "libjpeg62-turbo", "libpng16-16", "zlib1g")
    cpu = next((l.split(": ")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    return [f"{cpu}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, load {os.getloadavg()[0]:.1f} at the end. "
            f"{''.join(libraries)}exiftool {''.join(said('exiftool', '-ver'))}, {''.join(said(options.python, '-c', packages))}."]


parser = argparse.ArgumentParser()
parser.add_argument("--touchmark", required=True)
parser.add_argument("--python", default=sys.executable)
parser.add_argument("--corpus", default=f"{cache}/touchmark-wholejob")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--stack-rounds", type=int, default=2)
parser.add_argument("--only", default="", help="cells to measure, as jpg-photo-1024,png-flat-512")
parser.add_argument("--copies", type=int, default=1, help="how many times each picture is there")
parser.add_argument("--many", type=int, default=0)
parser.add_argument("--results")
options = parser.parse_args()
corpus = options.corpus
if not os.path.isdir(corpus):
    subprocess.run([options.python, f"{here}/corpus.py", corpus], check=True)

with tempfile.TemporaryDirectory(prefix="touchmark-wholejob-", dir=os.environ.get("TMPDIR")) as work:
    # A copy, so that a build beside the run cannot change what is measured.
    options.touchmark = shutil.copy(options.touchmark, f"{work}/touchmark")
    os.environ["XDG_CONFIG_HOME"] = work
    key, bare = f"{work}/key", f"{work}/bare"
    subprocess.run([options.touchmark, "keygen", "--output", key], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cc", "-O2", "-o", bare, f"{here}/bare.c", "-ljpeg", "-lpng"], check=True)
    if options.many:
        lines = many(options.many)
    else:
        wanted = [tuple(name.split("-")) for name in options.only.split(",") if name]
        cells = wanted or [(e, c, s) for e in ("jpg", "png") for c in ("photo", "flat") for s in SIZES]
        samples = measure(cells)
        lines = versions() + ["", "Milliseconds of processor time a picture, process start included; ratios of one round: "
                              "median, lowest and highest.", ""] + table(samples, cells) + scaling() + small_things()
    text = "\n".join(lines) + "\n"
    print(text)
    if options.results:
        with open(options.results, "a", encoding="utf-8") as output:
            output.write(text)
