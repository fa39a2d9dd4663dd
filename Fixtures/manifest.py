#!/usr/bin/env python3
"""Writes Fixtures/MANIFEST.json: origin, licence, recipe and SHA-256 of every fixture."""
import hashlib
import json
import pathlib

root = pathlib.Path(__file__).resolve().parent
MATE = ("Debian package mate-backgrounds 1.26.0-1", "GPL-2.0-or-later")
WESNOTH = ("Debian package wesnoth-1.16-data 1:1.16.9-1, Battle for Wesnoth artists", "GPL-2.0-or-later")
CLIPART = ("Debian package openclipart-png 1:0.18+dfsg-19", "Public domain (Creative Commons dedication)")
STAMPS = ("Debian package tuxpaint-stamps-default 2022.06.04-1", "GPL-2.0-or-later")
OWN = ("drawn by gallery.sh", "Apache-2.0")
FONT = ("Noto Sans CJK SC Bold, Debian package fonts-noto-cjk", "OFL-1.1")
GAIN_MAP = ("photo-garden-1024.jpg, coded with libultrahdr 2.0.2", MATE[1])
CLIPS = ("made by clips.sh from ffmpeg's test sources and espeak-ng's Mandarin voice", "Apache-2.0")
ORIGINS = {
    "photo-garden-1024.jpg": (MATE, "nature/Garden.jpg, Charles Barbin"),
    "photo-dune-16x9.jpg": (MATE, "nature/Dune.jpg, Marco Cogoni, Hylke Bons"),
    "photo-flower-9x16.jpg": (MATE, "nature/YellowFlower.jpg, Charles Barbin"),
    "photo-ladybird-512.png": (MATE, "nature/LadyBird.jpg, Charles Barbin"),
    "dark-storm-1920x1080.jpg": (MATE, "nature/Storm.jpg"),
    "texture-wood-progressive-768.jpg": (MATE, "nature/Wood.jpg"),
    "photo-aqua-grey-640.jpg": (MATE, "nature/Aqua.jpg, Charles Barbin"),
    "photo-meadow-turned.jpg": (MATE, "nature/GreenMeadow.jpg, Timothy Schellhase, Lapo Calamandrei"),
    "illustration-elephants-icc.jpg": (MATE, "abstract/Elephants.jpg, Wyng Stancikaite"),
    "portrait-knight.png": (WESNOTH, "portraits/humans/knight.png"),
    "portrait-drake-alpha-512.png": (WESNOTH, "portraits/drakes/flameheart.png"),
    "cutout-koala-alpha-512.png": (STAMPS, "animals/marsupials/koala.png"),
    "flat-pineapple-palette-768.png": (CLIPART, "food/fruit/pineapple.png"),
    "flat-grapes-1024.png": (CLIPART, "food/fruit/grapes_01.png"),
    "poster-text-9x16.png": (OWN, "gradient, text and a disc"),
}


def entry(path):
    name = path.relative_to(root).as_posix()
    if path.parent.name == "gallery":
        (origin, licence), file = ORIGINS[path.name]
        recipe = "gallery.sh"
    elif path.parent.name == "pictures":
        (origin, licence), file, recipe = GAIN_MAP, path.name, "gain_map.py"
    elif path.parent.name == "clips":
        (origin, licence), file, recipe = CLIPS, path.name, "clips.sh"
    else:
        origin, licence = FONT if path.suffix == ".txt" and path.name == "OFL.txt" else ("this project", "Apache-2.0")
        file, recipe = path.name, "written by hand"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"path": name, "origin": origin, "file": file, "licence": licence, "recipe": recipe, "sha256": digest}


skipped = {"MANIFEST.json", "manifest.py", "README.md", "gallery.sh", "clips.sh", "subset.sh", "gain_map.py"}
files = sorted(p for p in root.rglob("*") if p.is_file() and p.name not in skipped)
text = json.dumps([entry(p) for p in files], ensure_ascii=False, indent=1) + "\n"
(root / "MANIFEST.json").write_text(text)
