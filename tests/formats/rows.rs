//! The table: a file, what it is, and what must come of it.

use std::path::{Path, PathBuf};

use image::metadata::Orientation;

/// A file, and what must come of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) file: &'static str,
    /// The picture that it was made from.
    pub(crate) picture: &'static str,
    pub(crate) turned: Orientation,
    /// How near it must come to that, 99 for the same.
    pub(crate) decibels: f64,
    pub(crate) depth: u8,
    pub(crate) grey: bool,
    pub(crate) alpha: bool,
    /// Whether its first picture is asked for.
    pub(crate) first: bool,
}

/// Files that are refused, and words of why.
pub(crate) const REFUSED: [(&str, &str); 4] = [
    ("gif-film.gif", "this GIF is animated"),
    ("png-film.apng", "this PNG is animated"),
    ("webp-film.webp", "this WebP is animated"),
    ("tiff-planes-tiles.tif", "tiles of one colour each"),
];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/files")
}

pub(crate) fn bytes(file: &str) -> Vec<u8> {
    std::fs::read(folder().join(file)).unwrap()
}

/// A file of the usual picture in its usual form.
fn row(file: &'static str, decibels: f64) -> Row {
    let turned = Orientation::NoTransforms;
    Row { file, picture: "picture", turned, decibels, depth: 8, grey: false, alpha: false, first: false }
}

/// A grey file; a row of a form like `row`.
fn grey(file: &'static str, decibels: f64) -> Row {
    Row { picture: "grey", grey: true, ..row(file, decibels) }
}

fn alpha(file: &'static str, decibels: f64) -> Row {
    Row { picture: "alpha", alpha: true, ..row(file, decibels) }
}

fn deep(file: &'static str, decibels: f64) -> Row {
    Row { picture: "deep", depth: 16, ..row(file, decibels) }
}

fn of(picture: &'static str, file: &'static str, decibels: f64) -> Row {
    Row { picture, ..row(file, decibels) }
}

fn turned(file: &'static str, turned: Orientation, decibels: f64) -> Row {
    Row { turned, ..row(file, decibels) }
}

pub(crate) fn rows() -> Vec<Row> {
    [heic(), avif(), jxl(), tiff(), others()].concat()
}

fn heic() -> Vec<Row> {
    vec![
        row("heic-420.heic", 28.0),
        row("heic-444.heic", 40.0),
        row("heic-lossless.heic", 54.0),
        deep("heic-10-bit.heic", 28.0),
        deep("heic-12-bit.heic", 40.0),
        grey("heic-grey.heic", 40.0),
        alpha("heic-alpha.heic", 28.0),
        of("odd", "heic-odd-size.heic", 28.0),
        of("one", "heic-one-pixel.heic", 40.0),
        row("heic-limited-range.heic", 28.0),
        row("heic-thumbnail.heic", 28.0),
        of("big", "heic-grid.heic", 38.0),
        row("heic-p3.heic", 0.0),
        turned("heic-turned.heic", Orientation::Rotate90, 28.0),
        turned("heic-mirrored.heic", Orientation::FlipHorizontal, 28.0),
    ]
}

fn avif() -> Vec<Row> {
    vec![
        row("avif-444.avif", 38.0),
        row("avif-422.avif", 28.0),
        row("avif-420.avif", 28.0),
        row("avif-lossless.avif", 99.0),
        row("avif-limited.avif", 38.0),
        Row { depth: 16, ..row("avif-10-bit.avif", 38.0) },
        deep("avif-12-bit.avif", 38.0),
        grey("avif-grey.avif", 38.0),
        grey("avif-grey-limited.avif", 38.0),
        alpha("avif-alpha.avif", 35.0),
        alpha("avif-premultiplied.avif", 35.0),
        of("odd", "avif-odd-size.avif", 28.0),
        of("one", "avif-one-pixel.avif", 35.0),
        turned("avif-turned.avif", Orientation::Rotate270, 38.0),
        turned("avif-mirrored.avif", Orientation::FlipVertical, 38.0),
        of("big", "avif-grid.avif", 38.0),
        row("avif-p3.avif", 0.0),
        Row { depth: 16, ..row("avif-pq.avif", 0.0) },
        Row { depth: 16, ..row("avif-hlg.avif", 0.0) },
    ]
}

fn jxl() -> Vec<Row> {
    vec![
        row("jxl-lossless.jxl", 99.0),
        row("jxl-boxes.jxl", 99.0),
        row("jxl-lossy.jxl", 38.0),
        grey("jxl-grey.jxl", 99.0),
        alpha("jxl-alpha.jxl", 99.0),
        deep("jxl-16-bit.jxl", 99.0),
        of("odd", "jxl-odd-size.jxl", 36.0),
        of("one", "jxl-one-pixel.jxl", 99.0),
        row("jxl-of-a-jpeg.jxl", 28.0),
    ]
}

fn tiff() -> Vec<Row> {
    let exact = [
        "tiff-plain.tif",
        "tiff-lzw.tif",
        "tiff-lzw-differences.tif",
        "tiff-zip.tif",
        "tiff-packbits.tif",
        "tiff-planes.tif",
        "tiff-planes-lzw.tif",
        "tiff-big-endian.tif",
        "tiff-big.tif",
        "tiff-fill-order.tif",
        "tiff-tiles-none.tif",
        "tiff-tiles-lzw.tif",
        "tiff-tiles-zip.tif",
        "tiff-pages.tif",
    ];
    let mut rows: Vec<Row> = exact.map(|file| row(file, 99.0)).into();
    rows.extend([
        row("tiff-jpeg.tif", 35.0),
        row("tiff-tiles-jpeg.tif", 28.0),
        deep("tiff-16-bit.tif", 99.0),
        deep("tiff-32-bit.tif", 99.0),
        deep("tiff-float.tif", 90.0),
        grey("tiff-grey.tif", 99.0),
        alpha("tiff-alpha.tif", 99.0),
        alpha("tiff-associated.tif", 45.0),
        of("of-tiff-palette", "tiff-palette.tif", 55.0),
        Row { grey: true, ..of("of-tiff-bits", "tiff-bits.tif", 99.0) },
        Row { grey: true, ..of("of-tiff-bits", "tiff-bits-reversed.tif", 99.0) },
        Row { grey: true, ..of("of-tiff-bits", "tiff-fax.tif", 99.0) },
        row("tiff-cmyk.tif", 40.0),
        turned("tiff-turned.tif", Orientation::Rotate90, 99.0),
    ]);
    rows
}

fn others() -> Vec<Row> {
    let first = |row: Row| Row { first: true, ..row };
    vec![
        of("of-gif-one", "gif-one.gif", 99.0),
        Row { alpha: true, ..of("of-gif-alpha", "gif-alpha.gif", 99.0) },
        first(of("of-gif-film", "gif-film.gif", 99.0)),
        row("bmp-24.bmp", 99.0),
        alpha("bmp-32.bmp", 99.0),
        of("of-bmp-palette", "bmp-palette.bmp", 99.0),
        of("of-bmp-bits", "bmp-bits.bmp", 99.0),
        of("of-bmp-runs", "bmp-runs.bmp", 99.0),
        row("png-one.apng", 99.0),
        first(row("png-film.apng", 50.0)),
        row("png-interlaced.png", 99.0),
        of("of-png-palette", "png-palette.png", 99.0),
        row("webp-lossless.webp", 99.0),
        row("webp-lossy.webp", 28.0),
        alpha("webp-alpha.webp", 28.0),
        first(Row { alpha: true, ..row("webp-film.webp", 99.0) }),
        row("jpeg-420.jpg", 28.0),
        row("jpeg-progressive.jpg", 28.0),
        grey("jpeg-grey.jpg", 38.0),
        row("jpeg-cmyk.jpg", 30.0),
    ]
}
