#!/usr/bin/env python3
"""Kills label runs at random instants, resumes them, and accounts for every file.

    run.py --touchmark .build/release/touchmark [--files 2000] [--kills 200] [--seed 1] [--work DIR] [--results FILE]
    run.py … --kills 34 --kills-a-pass 34 --first-pass N       pass N of such a run alone: six of them are all ways

A pass labels all files into an empty folder. Its run is killed (SIGKILL) after a random time and started again with
--resume, until one run ends by itself with exit code 0. Passes go on until all kills have been made; they take turns at
--sync file, batch and none, with the watermark and without it, and on a file system that has too little room until more is made
between two kills (needs root: ext4 on a loop device, or tmpfs where there is none). After each kill:

* every output under a final name verifies as confirmed and is decoded by another program (Pillow, ffmpeg),
* every output finished before an earlier kill still has the digest it had then: nothing is labelled twice;

and at the end of each pass: every input has its output, nothing else is there (no temporaries), all ProduceIDs differ, every
report line is JSON, no input has two lines 'labelled', what they say is what is in the files, and the inputs are as
they were. With a ledger (`touchmark label --ledger`), its rows are compared with the outputs too.

Needs Pillow, ffmpeg, and the clips and pictures of Fixtures.
"""
import argparse, collections, datetime, hashlib, json, os, pathlib, random, shutil, signal, subprocess, sys, time

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRODUCER = "001191110000MA0000000H10001"
SHARES = {"png": 0.4, "jpg": 0.4, "wav": 0.08, "mp3": 0.06, "mp4": 0.06}
SOUND = {"wav", "mp3", "mp4"}


class Broken(Exception):
    """A promise was broken."""


def require(condition, message):
    if not condition:
        raise Broken(message)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, **options)


def make_inputs(folder, count, rng):
    """`count` files of five formats, a few dozen different ones of each."""
    pictures = sorted((ROOT / "Fixtures/gallery").glob("*.[jp][pn]g"))
    clips = ROOT / "Fixtures/clips"
    samples = folder.parent / "samples"
    samples.mkdir()
    for index in range(24):
        with Image.open(pictures[index % len(pictures)]) as picture:
            side = rng.randrange(130, 260)
            x, y = rng.randrange(picture.width - side), rng.randrange(picture.height - side)
            tile = picture.convert("RGB").crop((x, y, x + side, y + rng.randrange(130, side + 1)))
            tile.save(samples / f"{index}.png")
            tile.save(samples / f"{index}.jpg", quality=rng.randrange(70, 95))
    for index in range(6):
        start, length = str(0.1 * index), str(2.5 + 0.1 * index)
        for kind, source, extra in (
                ("wav", "speech.wav", []), ("mp3", "speech.wav", ["-b:a", "64k"]),
                ("mp4", "faststart.mp4", ["-vf", "scale=128:96", "-an", "-r", "10", "-t", "1"])):
            made = run("ffmpeg", "-v", "error", "-ss", start if kind != "mp4" else "0", "-t", length,
                       "-i", clips / source, *extra, samples / f"{index}.{kind}")
            require(made.returncode == 0, made.stderr)
    for kind, share in SHARES.items():
        kinds = sorted(samples.glob("*." + kind))
        for index in range(round(count * share)):
            target = folder / f"{index % 20:02d}" / f"{index}.{kind}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kinds[index % len(kinds)], target)
    return {path.relative_to(folder): digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}


class Disk:
    """The file system that outputs go to: a folder, or a mount with too little room until ballast is taken out of it."""

    def __init__(self, folder, bytes_needed, is_full):
        self.folder, self.kind, self.ballast = folder, "folder", []
        folder.mkdir()
        if not is_full:
            return
        self.image = folder.with_suffix(".image")
        size = 2 * bytes_needed + (64 << 20)
        with open(self.image, "wb") as image:
            image.truncate(size)
        if (run("mkfs.ext4", "-q", "-m", "0", "-N", "8192", self.image).returncode == 0
                and run("mount", "-o", "loop", self.image, folder).returncode == 0):
            self.kind = "ext4"
        else:
            mounted = run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
            require(mounted.returncode == 0, "a full disk needs root: " + mounted.stderr)
            self.kind = "tmpfs"
        # Room for about a third of the outputs at first, then for two thirds, then for all.
        state = os.statvfs(folder)
        free = state.f_bavail * state.f_frsize
        for number, part in enumerate([free - 2 * bytes_needed // 3, bytes_needed // 3]):
            self.ballast.append(folder / f"ballast{number}")
            with open(self.ballast[-1], "wb") as file:
                os.posix_fallocate(file.fileno(), 0, part)

    def enlarge(self):
        """Makes more room; false when there is none left to make."""
        if not self.ballast:
            return False
        self.ballast.pop().unlink()
        return True

    def close(self):
        if self.kind != "folder":
            run("umount", self.folder)
            self.image.unlink()
        shutil.rmtree(self.folder)


class Pass:
    stories = []

    def __init__(self, options, number, inputs, account):
        self.options, self.number, self.inputs, self.account = options, number, inputs, account
        self.has_watermark = number % 4 in (0, 3)
        self.sync = ("file", "batch", "none")[number % 3]
        self.is_full = number % 2 == 1 and not options.no_full_disk
        self.work = options.work / f"pass{number}"
        self.work.mkdir()
        self.disk = Disk(self.work / "out", account["output_bytes"], self.is_full)
        self.out = self.disk.folder / "labelled"
        # On a full disk the report finds no room either, every other time.
        self.report = (self.disk.folder if self.is_full and number % 4 == 3 else self.work) / "report.jsonl"
        self.ledger = self.work / "ledger.sqlite" if options.has_ledger else None
        self.finished = {}

    def command(self):
        layers = "explicit,metadata,iptc" + (",watermark" if self.has_watermark else "")
        command = [self.options.touchmark, "label", self.options.inputs, "--output", self.out, "--report", self.report,
                   "--producer", PRODUCER, "--sync", self.sync, "--resume", "--quiet"]
        # Named layers are compulsory, and no video or small picture holds the watermark: the default leaves it out there.
        command += [] if self.has_watermark else ["--layers", layers]
        return [str(c) for c in command + (["--ledger", self.ledger] if self.ledger else [])]

    def start(self):
        return subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def outputs(self):
        if not self.out.exists():
            return {}, []
        files = [path for path in self.out.rglob("*") if path.is_file()]
        hidden = [path for path in files if path.name.startswith(".")]
        return {path.relative_to(self.out): path for path in files if not path.name.startswith(".")}, hidden

    def audit(self):
        """What is under a final name is whole, and what was there before is as it was."""
        finals, hidden = self.outputs()
        digests = {}
        for name, path in finals.items():
            require(name in self.inputs, f"an output without an input: {name}")
            digests[name] = digest(path)
            if name in self.finished:
                require(digests[name] == self.finished[name], f"labelled twice: {name}")
        for name in self.finished:
            require(name in digests, f"lost: {name}")
        fresh = [finals[name] for name in digests if name not in self.finished]
        self.verify(fresh)
        decode(fresh)
        self.account["outputs_checked"] += len(fresh)
        self.finished = digests
        return hidden

    def verify(self, paths):
        if not paths:
            return {}
        lines = "".join(json.dumps({"input": str(path)}) + "\n" for path in paths)
        done = run(self.options.touchmark, "verify", "--manifest", "-", "--layers", "metadata", "--report", "-", input=lines)
        require(done.returncode == 0, f"verify: {done.stdout[-2000:]} {done.stderr[-2000:]}")
        files = [line for line in map(json.loads, done.stdout.splitlines()) if line["type"] == "file"]
        require(len(files) == len(paths) and all(f["verdict"] == "confirmed" for f in files), "not all confirmed")
        return {f["input"]: f["layers"]["metadata"]["sites"][0]["value"]["ProduceID"] for f in files}

    def close(self):
        """All is done: the account of the whole pass."""
        hidden = self.audit()
        finals, _ = self.outputs()
        require(not hidden, f"orphan temporaries: {hidden[:3]}")
        require(set(finals) == set(self.inputs), f"{len(self.inputs) - len(finals)} files are missing")
        numbers = self.verify(list(finals.values()))
        require(len(set(numbers.values())) == len(self.inputs), "ProduceIDs are not unique")
        labelled = collections.Counter()
        for line in self.report.read_text().splitlines():
            line = json.loads(line)
            if line["type"] != "file" or line["status"] != "labelled":
                continue
            name = pathlib.Path(line["input"]).relative_to(self.options.inputs)
            labelled[name] += 1
            require(line["sha256"]["output"] == self.finished[name], f"the report's digest is not that of {name}")
            require(line["sha256"]["input"] == self.inputs[name], f"the report's input digest is not that of {name}")
            require(line["produceID"] == numbers[str(finals[name])], f"the report's ProduceID is not that of {name}")
        require(not labelled or max(labelled.values()) == 1, "an input has two lines 'labelled'")
        self.account["renamed_but_not_reported"] += len(self.inputs) - len(labelled)
        for name, sum in self.inputs.items():
            require(digest(self.options.inputs / name) == sum, f"an input has changed: {name}")
        if self.ledger:
            self.audit_ledger(numbers, finals)
        self.disk.close()
        shutil.rmtree(self.work)

    def audit_ledger(self, numbers, finals):
        """Ledger and outputs agree: a row for each output, with its ProduceID and digest."""
        done = run(self.options.touchmark, "ledger", "export", "--ledger", self.ledger)
        require(done.returncode == 0, done.stderr)
        rows = {row["produceID"]: row for row in map(json.loads, done.stdout.splitlines()) if "produceID" in row}
        for name, path in finals.items():
            row = rows.get(numbers[str(path)])
            require(row, f"the ledger lacks {name}")
            require(row["sha256"]["output"] == self.finished[name], f"the ledger's digest is not that of {name}")

    def go(self, rng, span, kills_left):
        """Kills and resumes until a run ends by itself; returns the kills made."""
        kills = 0
        stuck = 0
        while True:
            process = self.start()
            if kills < min(kills_left, self.options.kills_a_pass):
                try:
                    process.wait(timeout=rng.uniform(0, span))
                except subprocess.TimeoutExpired:
                    os.kill(process.pid, signal.SIGKILL)
                    kills += 1
            errors = process.communicate()[1]
            if process.returncode == 0:
                break
            if process.returncode > 0:
                # Only want of room may fail a run.
                require(self.is_full and process.returncode == 2 and "No space" in errors, errors[-2000:])
                self.account["runs_out_of_room"] += 1
                stuck += 1
            self.audit()
            if stuck >= 2:
                stuck = 0
                self.disk.enlarge()
        self.close()
        self.account["kills_full" if self.is_full else "kills"] += kills
        self.account["passes"] += 1
        story = f"--sync {self.sync}, {'with' if self.has_watermark else 'without'} the watermark, {self.disk.kind}: {kills} kills"
        self.stories.append(story)
        print(f"pass {self.number}: {story}", flush=True)
        return kills


def decode(paths):
    """Reads every output to its end with a program that is not ours."""
    sounds = []
    for path in paths:
        if path.suffix[1:] in SOUND:
            sounds.append(path)
            continue
        with Image.open(path) as picture:
            picture.load()
    for start in range(0, len(sounds), 24):
        group = sounds[start:start + 24]
        command = ["ffmpeg", "-v", "error", "-xerror", "-threads", "1"]
        for path in group:
            command += ["-i", str(path)]
        for index in range(len(group)):
            command += ["-map", str(index)]
        done = run(*command, "-f", "null", "-")
        require(done.returncode == 0 and not done.stderr.strip(), f"ffmpeg: {done.stderr[-2000:]} {group}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--touchmark", type=pathlib.Path, default=ROOT / ".build/release/touchmark")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills-a-pass", type=int, default=16, help="at most")
    parser.add_argument("--first-pass", type=int, default=0, help="number of the first pass, which says what it tries")
    parser.add_argument("--no-full-disk", action="store_true")
    parser.add_argument("--known", nargs=2, type=float, metavar=("SECONDS", "BYTES"),
                        help="what a whole run took and wrote, where another one of the same kind has told")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/touchmark-unbreakable"))
    parser.add_argument("--results", type=pathlib.Path)
    options = parser.parse_args()
    options.touchmark = options.touchmark.resolve()
    options.work.mkdir(parents=True)
    options.inputs = options.work / "in"
    options.inputs.mkdir()
    os.environ["XDG_CONFIG_HOME"] = str(options.work / "config")
    options.has_ledger = "--ledger" in run(options.touchmark, "label", "--help").stdout
    rng = random.Random(options.seed)
    account = collections.Counter()
    inputs = make_inputs(options.inputs, options.files, rng)

    # How long a whole run takes decides where the instants lie.
    if options.known:
        seconds, account["output_bytes"] = options.known[0], int(options.known[1])
    else:
        whole = options.work / "whole"
        start = time.monotonic()
        done = run(options.touchmark, "label", options.inputs, "--output", whole, "--producer", PRODUCER)
        seconds = time.monotonic() - start
        require(done.returncode == 0, done.stdout + done.stderr)
        print(done.stdout)
        account["output_bytes"] = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())
        shutil.rmtree(whole)

    verdict, number = "all promises held", options.first_pass
    try:
        while account["kills"] + account["kills_full"] < options.kills:
            left = options.kills - account["kills"] - account["kills_full"]
            Pass(options, number, inputs, account).go(rng, 2 * seconds / options.kills_a_pass, left)
            number += 1
    except Broken as error:
        verdict = f"BROKEN in pass {number}: {error}"
    tell(options, account, inputs, seconds, verdict)
    if verdict.startswith("BROKEN"):
        sys.exit(f"{verdict}; what is left is in {options.work}")
    shutil.rmtree(options.work)


def tell(options, account, inputs, seconds, verdict):
    kinds = collections.Counter(name.suffix[1:] for name in inputs)
    commit = run("git", "-C", ROOT, "rev-parse", "--short", "HEAD").stdout.strip()
    lines = [
        f"# {datetime.date.today()}, commit {commit}", "",
        f"`run.py --files {options.files} --kills {options.kills} --seed {options.seed}`: **{verdict}**", "",
        f"- inputs: {len(inputs)} ({', '.join(f'{count} {kind}' for kind, count in kinds.items())}), "
        f"{account['output_bytes'] / 1e6:.1f} MB labelled; a run without kills took {seconds:.1f} s",
        f"- passes to the end: {account['passes']}",
        *(f"  - {story}" for story in Pass.stories),
        f"- kills: {account['kills']} with room on the disk, {account['kills_full']} on a file system that was too small",
        f"- runs that ended by themselves for want of room (exit code 2): {account['runs_out_of_room']}",
        f"- outputs verified and decoded: {account['outputs_checked']}",
        f"- outputs that had their name but no report line when the kill came: {account['renamed_but_not_reported']} "
        "(the resumed run's line says 'skipped' and gives their ProduceID)",
        f"- ledger compared: {'yes' if options.has_ledger else 'no, this build has none'}", "",
    ]
    print("\n".join(lines))
    if options.results:
        options.results.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
