"""The whole job side by side: processor time a picture of touchmark with all layers, of bare libjpeg-turbo and libpng,
and of the stack that people use today; then scaling, start-up, binary size and peak memory.

    suite.py --touchmark BINARY [--python PYTHON] [--rounds 5] [--stack-rounds 2] [--results FILE.md]
    suite.py --touchmark BINARY --only jpg-photo-512 --rounds 20
    suite.py --touchmark BINARY --many 10000

PYTHON runs stack.py and corpus.py: it needs Pillow, NumPy, OpenCV, PyWavelets and invisible-watermark (--no-deps).
Processor time is user + system of the program and its children, process start included. A ratio is that of two runs over
the same files, one after the other, and they take turns at being first: what else the machine does, or its clock, changes
from one second to the next by more than the two differ. In each round each cell has pairs of such runs until the
cheaper of the two has taken --pair-seconds, then the next cell follows, in another order in each round. Medians of all
pairs are given, the middle half of them, and the lowest and the highest; no run is left out. Every picture is there --copies
times, so that a run is of many files, as labelling is. Outputs go below TMPDIR, whose file system stands in the results.

"growth" is the bytes of all labelled files over those of their sources: of a flat drawing, mostly what the watermark weighs, whoever
encodes it. "÷ libpng 6" is, for PNG, the bytes of the labelled files, with all their chunks, over those that libpng at level 6 makes of
the same pixels as `bare size` decodes them (RGB, no other chunks): what our encoder costs or saves."""
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
# How many times each picture is there by default: 80 files of 512 x 512, 60 of 1024 x 1024, a few that are larger.
COPIES = {"512": 10, "1024": 10, "2048": 4, "4k": 4}
SIZES = list(COPIES)


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
    count = max(copies, options.copies or COPIES[size])
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
    """What runs each program for a cell of the table."""
    names = files(cell)
    verify = [options.touchmark, "verify", labelled[cell], "--jobs", "1", "--quiet", "--key", key]
    return {
        "label": lambda: label(names, empty("out")),
        "recode": lambda: [bare, "recode", *names],
        "decode": lambda: [bare, "decode", *names],
        "verify": lambda: [*verify, "--layers", "metadata,watermark"],
        "verify-all": lambda: verify,
        "search": lambda: [options.touchmark, "verify", *names, *verify[3:], "--layers", "metadata,watermark"],
        "metadata": lambda: [*verify, "--layers", "metadata"],
        "stack": lambda: [options.python, f"{here}/stack.py", empty("stack"), *names],
    }


numbers = itertools.count()
labelled = {}
# Pairs that one cell has in one round at most.
MOST_PAIRS = 12


class Samples:
    """Milliseconds a picture by cell and program, and the ratios of pairs by cell and the two programs."""

    def __init__(self):
        self.cost, self.peak, self.ratios, self.growth, self.over_libpng = {}, {}, {}, {}, {}

    def run(self, cell, name, commands):
        """Processor seconds."""
        # What carries no label is told by an exit status of 1.
        seconds, _, peak = cost(commands[name](), statuses=(0, 1) if name == "search" else (0,))
        self.cost.setdefault((cell, name), []).append(seconds * 1e3 / len(files(cell)))
        self.peak[cell, name] = max(peak, self.peak.get((cell, name), 0))
        return seconds

    def pairs(self, cell, above, below, commands, turn):
        """Runs the two by turns; in which order it begins depends on `turn`."""
        spent, pairs = 0, 0
        while pairs == 0 or (spent < options.pair_seconds and pairs < MOST_PAIRS):
            order = [above, below] if (turn + pairs) % 2 == 0 else [below, above]
            taken = {name: self.run(cell, name, commands) for name in order}
            self.ratios.setdefault((cell, above, below), []).append(taken[above] / taken[below])
            spent += min(taken.values())
            pairs += 1

    def median(self, cell, name):
        return statistics.median(self.cost[cell, name])

    def ratio(self, cell, above, below):
        found = self.ratios[cell, above, below]
        low, middle, high = statistics.quantiles(found, n=4, method="inclusive") if len(found) > 1 else 3 * found
        return f"**{middle:.2f}** ({low:.2f}-{high:.2f}; {min(found):.2f}-{max(found):.2f}; {len(found)})"

    def stack_ratio(self, cell):
        """The stack takes so much longer that one run of it a round, over the median of labels, says enough."""
        return f"{self.median(cell, 'stack') / self.median(cell, 'label'):.1f}"


def measure(cells):
    samples = Samples()
    for cell in cells:
        folder = labelled[cell] = empty("labelled-" + "-".join(cell))
        cost(label(files(cell), folder))
        outputs = glob.glob(folder + "/*")
        before, after = (sum(os.path.getsize(n) for n in names) for names in (files(cell), outputs))
        samples.growth[cell] = after / before - 1
        if cell[0] == "png":
            # Copies are as large as what they are copies of, but for what names each: one of every picture will do.
            names = glob.glob(folder + "/0-*") or outputs
            size = subprocess.run([bare, "size", *names], capture_output=True, text=True, check=True).stdout
            samples.over_libpng[cell] = sum(os.path.getsize(n) for n in names) / int(size)
    turns = random.Random(1)
    for turn in range(options.rounds):
        before, own, start = busy(), os.times(), time.monotonic()
        for cell in turns.sample(cells, len(cells)):
            commands = programs(cell)
            samples.pairs(cell, "label", "recode", commands, turn)
            samples.pairs(cell, "verify", "decode", commands, turn)
            for name in ["verify-all", "metadata", "search"] + ["stack"] * (turn < options.stack_rounds):
                samples.run(cell, name, commands)
        others.append((busy() - before - (sum(os.times()[:4]) - sum(own[:4]))) / (time.monotonic() - start))
        print(f"round {turn + 1} of {options.rounds}, others take {others[-1]:.2f} of a processor", file=sys.stderr)
    return samples


# Of each round, how much of a processor other programs, the kernel's own threads and the host took.
others = []


def busy():
    """Seconds that all processors together have not been idle, or nan where the system does not say."""
    try:
        with open("/proc/stat", encoding="ascii") as state:
            user, nice, system, _, _, interrupts, soft, stolen = map(int, state.readline().split()[1:9])
    except OSError:
        return float("nan")
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


def table(samples, cells):
    lines = ["| file | content | size | files | label all | decode + encode | ratio | stack | stack ÷ label | growth | ÷ libpng 6 | peak MB |",
             "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for cell in cells:
        has_stack = (cell, "stack") in samples.cost
        lines.append("| " + " | ".join([
            *cell, f"{len(files(cell))}", f"{samples.median(cell, 'label'):.2f}", f"{samples.median(cell, 'recode'):.2f}",
            samples.ratio(cell, "label", "recode"), f"{samples.median(cell, 'stack'):.0f}" if has_stack else "",
            samples.stack_ratio(cell) if has_stack else "", f"{100 * samples.growth[cell]:+.1f} %",
            f"{samples.over_libpng[cell]:.3f}" if cell in samples.over_libpng else "",
            f"{samples.peak[cell, 'label']:.0f}"]) + " |")
    lines += ["", "| file | content | size | bare decode | verify metadata + watermark | ÷ decode | verify all | verify metadata alone | not labelled: metadata + watermark |",
              "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for cell in cells:
        lines.append("| " + " | ".join([
            *cell, f"{samples.median(cell, 'decode'):.2f}", f"{samples.median(cell, 'verify'):.2f}",
            samples.ratio(cell, "verify", "decode"), f"{samples.median(cell, 'verify-all'):.1f}",
            f"{samples.median(cell, 'metadata'):.2f}", f"{samples.median(cell, 'search'):.0f}"]) + " |")
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
    system = "".join(said("stat", "-f", "-c", "%T", work))
    return [f"{cpu}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}; other work took {min(others):.2f} to {max(others):.2f} of a processor "
            f"(median of rounds {statistics.median(others):.2f}); outputs on {system}. "
            f"{''.join(libraries)}exiftool {''.join(said('exiftool', '-ver'))}, {''.join(said(options.python, '-c', packages))}."]


parser = argparse.ArgumentParser()
parser.add_argument("--touchmark", required=True)
parser.add_argument("--python", default=sys.executable)
parser.add_argument("--corpus", default=f"{cache}/touchmark-wholejob")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--stack-rounds", type=int, default=2)
parser.add_argument("--only", default="", help="cells to measure alone, as jpg-photo-1024,png-flat-512")
parser.add_argument("--copies", type=int, default=0, help="how many times each picture is there, whatever its size")
parser.add_argument("--pair-seconds", type=float, default=1, help="processor time of the cheaper program that a cell has in a round, by pairs of runs")
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
        lines = versions() + ["", "Milliseconds of processor time a picture, process start included, medians of all runs. Ratios of pairs of runs: "
                              "**median** (middle half; lowest and highest; number of pairs).", ""] + table(samples, cells)
        if not wanted:
            lines += scaling() + small_things()
    text = "\n".join(lines) + "\n"
    print(text)
    if options.results:
        with open(options.results, "a", encoding="utf-8") as output:
            output.write(text)
