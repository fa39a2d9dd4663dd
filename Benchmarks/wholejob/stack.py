"""What people put together today: Pillow draws a text, invisible-watermark's dwtDct marks 64 bits, exiftool writes XMP.

    stack.py OUTPUT FILE…

One process for all files, and one exiftool that stays open. The package asks for PyTorch for another method of its;
an empty module stands in, which spares this stack 500 MB and a second of start-up."""
import os
import subprocess
import sys
import types

sys.modules["torch"] = types.ModuleType("torch")

import numpy  # noqa: E402
from imwatermark import WatermarkEncoder  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

output, *names = sys.argv[1:]
VALUE = '{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"0123456789ab"}'
TERM = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
encoder = WatermarkEncoder()
encoder.set_watermark("bytes", b"12345678")
exiftool = subprocess.Popen(
    ["exiftool", "-stay_open", "True", "-@", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

for name in names:
    picture = Image.open(name).convert("RGB")
    width, height = picture.size
    rows = max(16, min(width, height) // 20)
    draw = ImageDraw.Draw(picture, "RGBA")
    draw.rectangle([width - 6 * rows, height - 2 * rows, width - rows, height - rows // 2], fill=(0, 0, 0, 128))
    draw.text((width - 5 * rows, height - 2 * rows), "AI", fill=(255, 255, 255, 255))
    blue_first = numpy.asarray(picture)[:, :, ::-1].copy()
    marked = encoder.encode(blue_first, "dwtDct")
    path = f"{output}/{os.path.basename(name)}"
    options = {"quality": 90} if name.endswith("jpg") else {}
    Image.fromarray(marked[:, :, ::-1]).save(path, **options)
    arguments = ["-overwrite_original", f"-XMP-dc:Source={VALUE}", f"-XMP-iptcExt:DigitalSourceType={TERM}", path]
    exiftool.stdin.write("\n".join(arguments) + "\n-execute\n")
    exiftool.stdin.flush()
    while "{ready" not in (answer := exiftool.stdout.readline()):
        if not answer:
            sys.exit("exiftool has ended")

exiftool.stdin.write("-stay_open\nFalse\n")
exiftool.stdin.close()
sys.exit(exiftool.wait())
