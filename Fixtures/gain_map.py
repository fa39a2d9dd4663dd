#!/usr/bin/env python3
"""Makes pictures/gain-map.jpg with libultrahdr's ultrahdr_app (the one argument): a photograph whose highlights are up to seven times
as bright on a screen that can show it."""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

root = pathlib.Path(__file__).resolve().parent
photo = Image.open(root / "gallery/photo-garden-1024.jpg").convert("RGB").resize((512, 512), Image.LANCZOS)
shown = np.asarray(photo)[64:448].astype(float) / 255
linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
bright = linear * np.clip(1 + 6 * (linear.mean(2, keepdims=True) - 0.3) / 0.7, 1, 7) / 7
# Hybrid log-gamma (BT.2100), as P010 in limited range.
curve = 0.17883277 * np.log(np.maximum(12 * bright - 0.28466892, 1e-9)) + 0.55991073
signal = np.where(bright <= 1 / 12, np.sqrt(3 * bright), curve)
luma = signal @ np.array([0.2126, 0.7152, 0.0722])
chroma = np.stack([(signal[..., 2] - luma) / 1.8556, (signal[..., 0] - luma) / 1.5748], -1)
chroma = chroma.reshape(192, 2, 256, 2, 2).mean((1, 3))
with tempfile.TemporaryDirectory() as folder:
    raw, jpeg = f"{folder}/hdr.p010", f"{folder}/sdr.jpg"
    words = [(64 + 876 * luma).round().astype(np.uint16) << 6, (512 + 896 * chroma).round().astype(np.uint16) << 6]
    pathlib.Path(raw).write_bytes(b"".join(word.tobytes() for word in words))
    Image.fromarray((shown * 255).round().astype("uint8")).save(jpeg, quality=85)
    subprocess.run([sys.argv[1], "-m", "0", "-p", raw, "-i", jpeg, "-w", "512", "-h", "384", "-a", "0", "-C", "0", "-t", "1", "-s", "4",
                    "-Q", "85", "-M", "0", "-z", root / "pictures/gain-map.jpg"], check=True)
