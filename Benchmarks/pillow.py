"""What people do today: draw a text box with Pillow and save; with `save`, only decode and save."""
import sys

from PIL import Image, ImageDraw

mode, out, *names = sys.argv[1:]
for name in names:
    picture = Image.open(name).convert("RGB")
    if mode == "draw":
        draw = ImageDraw.Draw(picture, "RGBA")
        width, height = picture.size
        draw.rectangle([width - 210, height - 90, width - 10, height - 10], fill=(0, 0, 0, 128))
        draw.text((width - 200, height - 70), "AI", fill=(255, 255, 255, 255))
    picture.save(f"{out}/{name.rsplit('/', 1)[-1]}", **({"quality": 90} if name.endswith("jpg") else {}))
