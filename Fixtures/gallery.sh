#!/usr/bin/env bash
# Makes the pictures of Fixtures/gallery from Debian 12 packages, and writes Fixtures/MANIFEST.json.
# usage: Fixtures/gallery.sh [CACHE]    needs apt-get, dpkg, ImageMagick, libjpeg-turbo-progs, exiftool, python3-pil, fonts-dejavu-core
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)/gallery
cache=${1:-$(mktemp -d)}
mkdir -p "$cache"
cd "$cache"
for package in mate-backgrounds wesnoth-1.16-data openclipart-png tuxpaint-stamps-default; do
  [ -d "$package" ] && continue
  apt-get download "$package"
  dpkg -x "$package"_*.deb "$package"
done
mate=mate-backgrounds/usr/share/backgrounds/mate
wesnoth=wesnoth-1.16-data/usr/share/games/wesnoth/1.16
clip=openclipart-png/usr/share/openclipart/png
stamps=tuxpaint-stamps-default/usr/share/tuxpaint/stamps
out=$here
crop() { convert "$1" -auto-orient -strip -resize "$2^" -gravity center -extent "$2" "${@:4}" "$3"; }

crop "$mate/nature/Garden.jpg" 1024x1024 "$out/photo-garden-1024.jpg" -quality 90
crop "$mate/nature/Dune.jpg" 1344x768 "$out/photo-dune-16x9.jpg" -quality 90 -sampling-factor 4:2:2
crop "$mate/nature/YellowFlower.jpg" 768x1344 "$out/photo-flower-9x16.jpg" -quality 88 -sampling-factor 4:2:0
crop "$mate/nature/LadyBird.jpg" 512x512 "$out/photo-ladybird-512.png" -depth 8
crop "$mate/nature/Storm.jpg" 1920x1080 "$out/dark-storm-1920x1080.jpg" -modulate 45 -quality 85 -sampling-factor 4:2:0
crop "$mate/nature/Wood.jpg" 768x768 tmp.ppm
cjpeg -quality 88 -progressive -outfile "$out/texture-wood-progressive-768.jpg" tmp.ppm
crop "$mate/nature/Aqua.jpg" 640x640 tmp.pgm -colorspace Gray
cjpeg -quality 90 -optimize -grayscale -outfile "$out/photo-aqua-grey-640.jpg" tmp.pgm
crop "$mate/nature/GreenMeadow.jpg" 768x512 "$out/photo-meadow-turned.jpg" -rotate 270 -quality 90
exiftool -q -overwrite_original -n -Orientation=6 "$out/photo-meadow-turned.jpg"
crop "$mate/abstract/Elephants.jpg" 1024x576 "$out/illustration-elephants-icc.jpg" -quality 90
/usr/bin/python3 -c "from PIL import ImageCms; open('sRGB.icc', 'wb').write(ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes())"
exiftool -q -overwrite_original '-ICC_Profile<=sRGB.icc' "$out/illustration-elephants-icc.jpg"
convert "$wesnoth/data/core/images/portraits/humans/knight.png" -strip -background '#2b3a55' -gravity center -extent 512x640 -flatten PNG24:"$out/portrait-knight.png"
convert "$wesnoth/data/core/images/portraits/drakes/flameheart.png" -strip -gravity center -background none -extent 512x512 PNG32:"$out/portrait-drake-alpha-512.png"
convert "$stamps/animals/marsupials/koala.png" -strip -background none -gravity center -resize 480x480 -extent 512x512 PNG32:"$out/cutout-koala-alpha-512.png"
convert "$clip/food/fruit/pineapple.png" -strip -background white -flatten -gravity center -resize 700x700 -extent 768x768 -colors 64 PNG8:"$out/flat-pineapple-palette-768.png"
convert "$clip/food/fruit/grapes_01.png" -strip -background '#ffd9a0' -gravity center -resize 900x900 -extent 1024x1024 -flatten PNG24:"$out/flat-grapes-1024.png"
convert -size 1080x1920 gradient:'#101820-#304878' -font DejaVu-Sans -fill white -gravity north -pointsize 64 -annotate +0+220 'Tomorrow' \
  -pointsize 34 -annotate +0+320 'Sunny, 21 degrees, light wind from the west' -fill '#f2c14e' -draw 'circle 540,900 540,700' PNG24:"$out/poster-text-9x16.png"
rm -f tmp.ppm tmp.pgm sRGB.icc
python3 "$here/../manifest.py"
