"""The clips that the watermark in sound is measured on: 64 of 31 s, made of Debian packages and free voices. See README.md."""
import itertools, os, pathlib, random, subprocess, wave

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "touchmark-sound"
SECONDS = 31
TEXTS = {
    "cmn": "今天天气很好,我们一起去公园散步吧。人工智能生成的内容必须添加显式标识和隐式标识,以便公众识别。请在发布之前仔细核对这些信息。",
    "en": "The quick brown fox jumps over the lazy dog while seven wizards watch from the hill. Thank you for listening to the end.",
    "de": "Der schnelle braune Fuchs springt über den faulen Hund, während sieben Zauberer vom Hügel aus zusehen.",
    "fr": "Le renard brun et rapide saute par-dessus le chien paresseux pendant que sept magiciens regardent depuis la colline.",
    "ru": "Съешь ещё этих мягких французских булок да выпей чаю, пока семь волшебников смотрят с холма на реку.",
    "it": "Quel vituperabile xenofobo zelante assaggia il whisky ed esclama alleluia, mentre sette maghi guardano dalla collina.",
    "ca": "Jove xef, porti whisky amb quinze glaçons d'hidrogen, mentre set mags miren des del turó i la gent passeja pel carrer.",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy, zatímco sedm čarodějů se dívalo z kopce na řeku a na most.",
    "fi": "Törkylempijävongahdus on pitkä sana, ja seitsemän velhoa katselee mäeltä, kun kettu juoksee joen yli.",
    "hi": "आज मौसम बहुत अच्छा है और हम सब मिलकर बगीचे में घूमने जाएंगे। कृपया इस जानकारी को ध्यान से पढ़ें।",
}
# Half by half: constants may be chosen on the first, the second is held out. A language, a voice or a piece stands in one alone.
SPEECH = [
    {"en": ("asterisk-core-sounds-en-g722", "*.g722", 3), "es": ("asterisk-core-sounds-es-g722", "*.g722", 3),
     "it": ("asterisk-core-sounds-it-g722", "*.g722", 3), "nl": ("fillets-ng-data-nl", "*.ogg", 3)},
    {"fr": ("asterisk-core-sounds-fr-g722", "*.g722", 4), "ru": ("asterisk-core-sounds-ru-g722", "*.g722", 4),
     "cs": ("fillets-ng-data-cs", "*.ogg", 3), "librivox": ("pocketsphinx-testdata", "sense_*.wav", 1)},
]
VOICES = [
    [("espeak", "cmn", "cmn"), ("espeak", "de", "de"), ("espeak", "en+f3", "en"), ("flite", "kal16", "en"), ("flite", "awb", "en"),
     ("festival", "cmu_us_slt_arctic_hts", "en"), ("festival", "pc_diphone", "it")],
    [("espeak", "cmn+f3", "cmn"), ("espeak", "fr", "fr"), ("espeak", "ru+f2", "ru"), ("flite", "rms", "en"),
     ("festival", "upc_ca_ona_hts", "ca"), ("festival", "czech_dita", "cs"), ("festival", "suo_fi_lj_diphone", "fi")],
]
MUSIC = [
    {"supertuxkart-data": "West garden Lava", "wesnoth-1.16-music": "love_theme battle-epic underground",
     "hyperrogue-music": "hr3-icyland hr3-laboratory"},
    {"supertuxkart-data": "egypt bay", "wesnoth-1.16-music": "sad knolls frantic", "hyperrogue-music": "hr3-caves hr-domina-mountain hr3-jungle"},
]
AMBIENCE = [
    "static-radio spaceship exotic-birds sara_airport_pa fireworks_show".split(),
    "river_loop waterfall_loop_2 lenautile_restaurant exotic-birds_2 rain".split(),
]


def command(words, **more):
    more.setdefault("stdout", subprocess.DEVNULL)
    return subprocess.run([str(w) for w in words], check=True, stdin=subprocess.DEVNULL, **more)


def unpacked(package):
    """A Debian package's files, unpacked once without root."""
    folder, debs = CACHE / "files" / package, CACHE / "deb"
    if not folder.exists():
        debs.mkdir(parents=True, exist_ok=True)
        command(["apt-get", "download", package], cwd=debs)
        deb = next(debs.glob(package + "_*.deb"))
        folder.mkdir(parents=True)
        command(["dpkg", "-x", deb, folder])
        deb.unlink()
    return folder


def raw(path):
    """A sound file's samples as 16 bits, mono, with its rate; at most what one clip takes."""
    named = ["-f", "g722"] if path.suffix == ".g722" else []
    shown = command(["ffprobe", "-v", "error", *named, "-show_entries", "stream=sample_rate", "-of", "csv=p=0", path],
                    stdout=subprocess.PIPE).stdout
    data = command(["ffmpeg", "-v", "error", "-nostdin", *named, "-i", path, "-t", SECONDS, "-ac", "1", "-f", "s16le", "-"],
                   stdout=subprocess.PIPE).stdout
    return data, int(shown.split()[0].strip(b","))


def written(target, parts):
    """A clip of `parts`, again from the first where they are too short."""
    target.parent.mkdir(parents=True, exist_ok=True)
    data, rate = b"", 0
    for part in itertools.cycle(parts):
        more, rate = raw(part)
        data += more
        if len(data) >= 2 * SECONDS * rate:
            break
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(data[:2 * SECONDS * rate])


def synthesised(engine, voice, text, target):
    text = " ".join([TEXTS[text]] * 5)
    if engine == "espeak":
        command(["espeak-ng", "-v", voice, "-w", target, text])
    elif engine == "flite":
        command(["flite", "-voice", voice, "-t", text, "-o", target])
    else:
        # Festival's Czech and Finnish voices read Latin-1 and Latin-2.
        coding = {"czech_dita": "iso-8859-2", "suo_fi_lj_diphone": "iso-8859-1", "upc_ca_ona_hts": "iso-8859-15"}.get(voice, "utf-8")
        source = target.with_suffix(".txt")
        source.write_bytes(text.encode(coding, "ignore"))
        command(["text2wave", "-eval", f"(voice_{voice})", "-o", target, source])


def clips(half):
    """The clips of half 0 or 1, by kind and name, made where they are not there yet."""
    folder, found = CACHE / f"clips31-{half}", []
    folder.mkdir(parents=True, exist_ok=True)

    def clip(name, make):
        target = folder / (name + ".wav")
        if not target.exists():
            make(target)
        found.append(target)

    for language, (package, pattern, count) in SPEECH[half].items():
        prompts = [p for p in sorted(unpacked(package).rglob(pattern)) if p.stat().st_size > 18000 and "silence" not in p.parts]
        random.Random(11).shuffle(prompts)
        for number in range(count):
            clip(f"speech-{language}{number}", lambda target: written(target, prompts[number::count]))
    for engine, voice, text in VOICES[half]:
        def speak(target):
            spoken = folder / "voice.wav"
            synthesised(engine, voice, text, spoken)
            written(target, [spoken])
            spoken.unlink()
        clip(f"tts-{engine}-{voice}", speak)
    for package, names in MUSIC[half].items():
        for name in names.split():
            clip(f"music-{name}", lambda target: written(target, [next(unpacked(package).rglob(name + ".ogg"))]))
    for name in AMBIENCE[half]:
        clip(f"ambience-{name}", lambda target: written(target, [next(unpacked("supertuxkart-data").rglob(name + ".ogg"))]))
    return found


if __name__ == "__main__":
    for half in (0, 1):
        print(*clips(half), sep="\n")
