#!/usr/bin/env bash
# Makes the files of this folder with the encoders of other programs: ImageMagick 6, libheif, libavif, libjxl, libtiff,
# libwebp, ffmpeg and exiftool, as Debian 12 has them. The tests need none of them: the files are kept.
set -euo pipefail
cd "$(dirname "$0")/files"
rm -f ./*
convert=$(command -v convert-im6.q16)

# A picture without repetitions and with edges, 48 x 32, and others of it.
$convert -size 48x32 gradient:'rgb(230,60,40)'-'rgb(20,90,200)' \( -size 32x48 gradient:white-'rgb(60,120,60)' -rotate 90 \) \
    -compose multiply -composite -fill 'rgb(250,220,60)' -draw 'circle 14,12 14,5' -fill 'rgb(30,30,90)' \
    -draw 'rectangle 30,16 42,27' -depth 8 -strip png24:picture.png
$convert picture.png -colorspace Gray -strip grey.png
$convert picture.png -alpha set -channel A -fx 'i/(w-1)' +channel -strip png32:alpha.png
$convert picture.png -depth 16 -evaluate add 0.3% -blur 0x1 -strip png48:deep.png
$convert picture.png -crop 33x21+0+0 +repage -strip odd.png
$convert picture.png -crop 1x1+20+10 +repage -strip png24:one.png


heic() { heif-enc -q "${3:-90}" "${@:4}" "$1" -o "$2" >/dev/null; }
heic picture.png heic-420.heic 95
heic picture.png heic-444.heic 95 -p chroma=444
heic picture.png heic-lossless.heic 100 -L -p chroma=444 --matrix_coefficients=0
heic deep.png heic-10-bit.heic 95 -b 10
heic deep.png heic-12-bit.heic 95 -b 12 -p chroma=444
heic grey.png heic-grey.heic 95
heic alpha.png heic-alpha.heic 95
heic odd.png heic-odd-size.heic 95
heic one.png heic-one-pixel.heic 95
heic picture.png heic-limited-range.heic 95 --full_range_flag=0
heic picture.png heic-thumbnail.heic 95 -t 16
# Boxes that turn, mirror, and say what the colours are: libheif 1.23, in the Python package pillow-heif 1.8.
python3 - <<'PYTHON'
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
picture = Image.open("picture.png").convert("RGB")
for orientation, name in [(6, "heic-turned.heic"), (2, "heic-mirrored.heic")]:
    exif = Image.Exif()
    exif[0x112] = orientation
    picture.save(name, quality=95, exif=exif.tobytes())
p3 = dict(color_primaries=12, transfer_characteristics=13, matrix_coefficients=1, full_range_flag=1)
picture.save("heic-p3.heic", quality=95, chroma=444, **p3)
PYTHON

avif() { avifenc -q 90 -s 8 --jobs 1 "${@:3}" "$1" "$2" >/dev/null 2>&1 || avifenc --min 2 --max 10 -s 8 "${@:3}" "$1" "$2" >/dev/null; }
avif picture.png avif-444.avif -y 444
avif picture.png avif-422.avif -y 422
avif picture.png avif-420.avif -y 420
avif picture.png avif-10-bit.avif -d 10
avif deep.png avif-12-bit.avif -d 12
avif grey.png avif-grey.avif -y 400
avif grey.png avif-grey-limited.avif -y 400 -r limited
avif picture.png avif-limited.avif -r limited
avif alpha.png avif-alpha.avif
avif alpha.png avif-premultiplied.avif -p
avif odd.png avif-odd-size.avif -y 420
avif one.png avif-one-pixel.avif
avif picture.png avif-turned.avif --irot 1
avif picture.png avif-mirrored.avif --imir 0
avifenc -l --cicp 12/13/0 picture.png avif-p3.avif >/dev/null
avif picture.png avif-pq.avif -d 10 --cicp 9/16/9
avif picture.png avif-hlg.avif -d 10 --cicp 9/18/9
avifenc -l picture.png avif-lossless.avif >/dev/null
$convert picture.png -resize 256x128\! big.png
avif big.png avif-grid.avif --grid 2x2
# A HEIC of 4 x 2 tiles: the libheif of pillow-heif, whose Python has no word for it.
python3 - <<'PYTHON'
import ctypes
from pathlib import Path

import pillow_heif
from PIL import Image

folder = Path(pillow_heif.__file__).parent.with_name("pillow_heif.libs")
heif = ctypes.CDLL(str(next(folder.glob("libheif*"))))
HEVC, RGB, TOGETHER, SIDE = 1, 1, 10, 64


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("more", ctypes.c_int), ("message", ctypes.c_char_p)]


def call(name, *values):
    function = getattr(heif, name)
    function.restype = Error
    error = function(*values)
    assert error.code == 0, (name, error.message)


def tile(part):
    image, stride = ctypes.c_void_p(), ctypes.c_int()
    call("heif_image_create", SIDE, SIDE, RGB, TOGETHER, ctypes.byref(image))
    call("heif_image_add_plane", image, TOGETHER, SIDE, SIDE, 8)
    at = heif.heif_image_get_plane(image, TOGETHER, ctypes.byref(stride))
    for row in range(SIDE):
        ctypes.memmove(at + row * stride.value, part.tobytes()[3 * SIDE * row:], 3 * SIDE)
    return image


heif.heif_context_alloc.restype = heif.heif_image_get_plane.restype = ctypes.c_void_p
picture = Image.open("big.png").convert("RGB")
places = [(x, y, x + SIDE, y + SIDE) for y in range(0, 128, SIDE) for x in range(0, 256, SIDE)]
tiles = (ctypes.c_void_p * 8)(*(tile(picture.crop(place)) for place in places))
context, encoder, handle = ctypes.c_void_p(heif.heif_context_alloc()), ctypes.c_void_p(), ctypes.c_void_p()
call("heif_context_get_encoder_for_format", context, HEVC, ctypes.byref(encoder))
call("heif_encoder_set_lossy_quality", encoder, 95)
call("heif_context_encode_grid", context, tiles, 4, 2, encoder, None, ctypes.byref(handle))
call("heif_context_write_to_file", context, b"heic-grid.heic")
PYTHON

avifenc -s 8 picture.png grey.png avif-film.avif >/dev/null 2>&1 || rm -f avif-film.avif

jxl() { cjxl "$1" "$2" "${@:3}" --quiet >/dev/null 2>&1; }
jxl picture.png jxl-lossy.jxl -d 0.5
jxl picture.png jxl-lossless.jxl -d 0
jxl picture.png jxl-boxes.jxl -d 0 --container=1
jxl grey.png jxl-grey.jxl -d 0
jxl alpha.png jxl-alpha.jxl -d 0
jxl deep.png jxl-16-bit.jxl -d 0
jxl odd.png jxl-odd-size.jxl -d 0.5
jxl one.png jxl-one-pixel.jxl -d 0
$convert picture.png -quality 90 -sampling-factor 2x2 made.jpg
jxl made.jpg jxl-of-a-jpeg.jxl
rm made.jpg

tiff() { $convert "$1" "${@:3}" "tiff:$2"; }
tiff picture.png tiff-plain.tif -compress none
tiff picture.png tiff-lzw.tif -compress lzw
tiff picture.png tiff-zip.tif -compress zip
tiff picture.png tiff-packbits.tif -compress rle
tiff picture.png tiff-jpeg.tif -compress jpeg -quality 95
tiff picture.png tiff-planes.tif -compress none -interlace plane
tiff picture.png tiff-big-endian.tif -endian msb -compress none
tiff deep.png tiff-16-bit.tif -compress zip
tiff grey.png tiff-grey.tif -compress lzw
tiff alpha.png tiff-alpha.tif -compress zip
tiff alpha.png tiff-associated.tif -compress none -define tiff:alpha=associated
tiff grey.png tiff-fax.tif -threshold 50% -monochrome -compress group4
tiff grey.png tiff-bits.tif -threshold 50% -monochrome -compress none
tiff grey.png tiff-bits-reversed.tif -threshold 50% -monochrome -compress none -define tiff:fill-order=lsb
tiff picture.png tiff-palette.tif -colors 16 -type palette -compress lzw
tiff picture.png tiff-cmyk.tif -colorspace cmyk -compress lzw
tiff deep.png tiff-32-bit.tif -depth 32 -define quantum:format=unsigned -compress none
tiff deep.png tiff-float.tif -depth 32 -define quantum:format=floating-point -compress none 2>&1 | grep -v "tag 317" || true
for form in none lzw zip; do tiffcp -t -w 16 -l 16 -c $form tiff-plain.tif tiff-tiles-$form.tif; done
tiffcp -t -w 16 -l 16 -c jpeg:95 tiff-plain.tif tiff-tiles-jpeg.tif
tiffcp -p separate -c lzw tiff-plain.tif tiff-planes-lzw.tif
tiffcp -t -w 16 -l 16 -p separate -c none tiff-plain.tif tiff-planes-tiles.tif
tiffcp -8 tiff-plain.tif tiff-big.tif
tiffcp -f lsb2msb tiff-plain.tif tiff-fill-order.tif
tiffcp -c lzw:2 tiff-plain.tif tiff-lzw-differences.tif
tiffcp tiff-plain.tif tiff-grey.tif tiff-pages.tif

cp tiff-plain.tif tiff-turned.tif && exiftool -q -overwrite_original -n -Orientation=6 tiff-turned.tif

$convert picture.png -colors 64 +dither gif-one.gif
$convert picture.png -colors 64 +dither grey.png -loop 0 gif-film.gif
$convert alpha.png -channel A -threshold 50% +channel -colors 63 +dither gif-alpha.gif
$convert picture.png bmp3:bmp-24.bmp
$convert alpha.png bmp:bmp-32.bmp
$convert picture.png -colors 16 +dither -type palette bmp3:bmp-palette.bmp
$convert grey.png -threshold 50% -monochrome bmp3:bmp-bits.bmp
$convert picture.png -colors 16 +dither -type palette -compress rle bmp3:bmp-runs.bmp

ffmpeg -loglevel error -i picture.png -f apng -plays 0 png-one.apng
ffmpeg -loglevel error -r 2 -loop 1 -t 1 -i picture.png -vf "hue=h=n*90" -f apng png-film.apng
$convert picture.png -interlace png png-interlaced.png
$convert picture.png -colors 16 +dither png8:png-palette.png
cwebp -quiet -q 90 picture.png -o webp-lossy.webp
cwebp -quiet -lossless picture.png -o webp-lossless.webp
cwebp -quiet -q 90 alpha.png -o webp-alpha.webp
img2webp -loop 0 -lossless picture.png grey.png -o webp-film.webp >/dev/null
$convert picture.png -quality 92 -sampling-factor 2x2 jpeg-420.jpg
$convert picture.png -quality 92 -interlace jpeg jpeg-progressive.jpg
$convert grey.png -quality 92 jpeg-grey.jpg
$convert picture.png -colorspace cmyk -quality 92 jpeg-cmyk.jpg

# What ImageMagick reads of those that have fewer colours than the picture.
for file in tiff-palette.tif tiff-bits.tif gif-one.gif gif-alpha.gif bmp-palette.bmp bmp-bits.bmp bmp-runs.bmp png-palette.png; do
    $convert "$file" -strip "png32:of-${file%.*}.png"
done
$convert 'gif-film.gif[0]' -strip png32:of-gif-film.png
