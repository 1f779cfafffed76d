//! The main picture of a file: decoded, put together of its tiles, cut and turned.

use std::borrow::Cow;

use heifer::heifer_hevc_dec::recon::Frame;
use heifer::heifer_isobmff::boxes::{ColorInfo, Property};
use heifer::heifer_isobmff::{HeifFile, ItemId};
use heifer::{Image, Options, Sample, color};

use super::super::{Error, Format};
use super::items::{is_alpha, primary_and_parts};
use super::{alpha, av1, damaged};

/// So deep may pictures be made of pictures.
const DEPTH: usize = 4;

/// A kind of sample that the decoder of HEVC gives as well.
pub(super) trait Coded: Sample {
    fn hevc(bytes: &[u8], options: &Options) -> Result<Image<Self>, heifer::Error>;
}

impl Coded for u8 {
    fn hevc(bytes: &[u8], options: &Options) -> Result<Image<Self>, heifer::Error> {
        heifer::decode_rgba8(bytes, options)
    }
}

impl Coded for u16 {
    fn hevc(bytes: &[u8], options: &Options) -> Result<Image<Self>, heifer::Error> {
        heifer::decode_with_options(bytes, options)
    }
}

/// A file, and how much of it may be decoded.
struct Source<'a> {
    file: &'a HeifFile<'a>,
    format: Format,
    most: u64,
}

/// Decodes the main picture.
pub(super) fn read<S: Coded>(
    (file, bytes): (&HeifFile<'_>, &[u8]),
    format: Format,
    options: &Options,
) -> Result<Image<S>, Error> {
    let is_av1 = |id: &ItemId| file.item(*id).is_ok_and(|item| &item.item_type.0 == b"av01");
    let mut image = if primary_and_parts(file).iter().any(is_av1) {
        Source { file, format, most: options.max_pixels }.picture(file.primary_id, DEPTH)?
    } else {
        S::hevc(bytes, options).map_err(|error| damaged(format, error))?
    };
    if image.has_alpha && !file.referenced_items(file.primary_id, b"prem").is_empty() {
        alpha::divide(&mut image);
    }
    Ok(image)
}

impl Source<'_> {
    fn damaged<T>(&self, cause: &'static str) -> Result<T, Error> {
        Err(Error::damaged(self.format, cause))
    }

    fn unreadable<T>(&self, variety: impl Into<String>) -> Result<T, Error> {
        Err(Error::UnreadableVariety { format: self.format, variety: variety.into() })
    }

    fn properties(&self, id: ItemId) -> impl Iterator<Item = &Property> {
        self.file.item_properties(id).into_iter().flatten()
    }

    /// A picture with its transparency, cut and turned as its properties say.
    fn picture<S: Coded>(&self, id: ItemId, depth: usize) -> Result<Image<S>, Error> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.damaged("its pictures are made of pictures without an end");
        };
        let item = self.file.item(id).map_err(|error| damaged(self.format, error))?;
        let mut image = match &item.item_type.0 {
            b"av01" => self.coded(id)?,
            b"grid" => self.grid(id, depth)?,
            b"iden" => match self.file.referenced_items(id, b"dimg") {
                [source] => self.picture(*source, depth)?,
                _ => return self.damaged("a picture is made of none"),
            },
            other => return self.unreadable(format!("a picture of kind {}", other.escape_ascii())),
        };
        let transparencies = self.file.referencing_items(id, b"auxl");
        if let Some(aux) = transparencies.into_iter().find(|aux| is_alpha(self.file, *aux)) {
            let mask: Image<S> = self.picture(aux, depth)?;
            if (mask.width, mask.height) != (image.width, image.height) {
                return self.damaged("its transparency has another size");
            }
            alpha::attach(&mut image, &mask);
        }
        self.properties(id).try_fold(image, |image, property| self.turned(image, property))
    }

    fn coded<S: Coded>(&self, id: ItemId) -> Result<Image<S>, Error> {
        let stream = self.stream(id)?;
        let mut frame = av1::decode(&stream, self.most).or_else(|cause| self.damaged(cause))?;
        let (width, height) = match self.file.image_size(id) {
            Ok(Some(size)) => size,
            _ => return self.damaged("a picture has no size"),
        };
        if width > frame.widths[0] || height > frame.heights[0] {
            return self.damaged("a picture is smaller than it claims");
        }
        let nclx = self.properties(id).find_map(|property| match property {
            Property::Color(ColorInfo::Nclx { matrix, full_range, .. }) => Some((*matrix, *full_range)),
            _ => None,
        });
        let (matrix, full_range) = nclx.unwrap_or((u16::from(frame.matrix_coeffs), frame.full_range));
        if matches!(matrix, 8 | 11..) {
            return self.unreadable(format!("colours coded by matrix {matrix}"));
        }
        if frame.chroma_format == 0 && !full_range {
            widen(&mut frame);
        }
        let params = color::ColorParams { matrix, full_range };
        Ok(color::frame_to_rgba_sized(&frame, params, width, height))
    }

    fn stream(&self, id: ItemId) -> Result<Cow<'_, [u8]>, Error> {
        self.file.item_data(id).map_err(|error| damaged(self.format, error))
    }

    /// Puts tiles of one size together; what lies outside the grid's size is cut off.
    fn grid<S: Coded>(&self, id: ItemId, depth: usize) -> Result<Image<S>, Error> {
        let grid = self.file.grid(id).map_err(|error| damaged(self.format, error))?;
        let tiles = self.file.referenced_items(id, b"dimg");
        let (columns, rows) = (u32::from(grid.columns), u32::from(grid.rows));
        if tiles.len() as u64 != u64::from(columns) * u64::from(rows) {
            return self.damaged("it has not as many tiles as it claims");
        }
        let (width, height) = (grid.output_width, grid.output_height);
        if u64::from(width) * u64::from(height) > self.most {
            return Err(Error::OverLimit { width, height, limit: format!("{} pixels", self.most) });
        }
        let mut whole: Option<Image<S>> = None;
        let mut size = (0, 0);
        for (tile, number) in tiles.iter().zip(0_u32..) {
            let tile: Image<S> = self.picture(*tile, depth)?;
            let canvas = whole.get_or_insert_with(|| {
                size = (tile.width, tile.height);
                Image::filled_samples(width, height, tile.bit_depth, [S::default(); 4])
            });
            if (tile.width, tile.height) != size || tile.bit_depth != canvas.bit_depth {
                return self.damaged("its tiles differ in size or depth");
            }
            canvas.has_alpha |= tile.has_alpha;
            let at = |steps: u32, side: u32| i64::from(steps) * i64::from(side);
            copy(canvas, &tile, (at(number % columns, size.0), at(number / columns, size.1)));
        }
        if size.0.saturating_mul(columns) < width || size.1.saturating_mul(rows) < height {
            return self.damaged("its tiles do not cover it");
        }
        whole.map_or_else(|| self.damaged("it has no tiles"), Ok)
    }

    fn turned<S: Coded>(&self, image: Image<S>, property: &Property) -> Result<Image<S>, Error> {
        Ok(match *property {
            Property::Rotation(quarters) if quarters > 0 => image.rotate_ccw(quarters),
            Property::Mirror(top_and_bottom) => image.mirror(top_and_bottom),
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let part =
                    cut((image.width, width), horiz_offset).zip(cut((image.height, height), vert_offset));
                match part {
                    Some(((x, width), (y, height))) => image.crop(x, y, width, height),
                    None => return self.damaged("its cut is none"),
                }
            }
            _ => image,
        })
    }
}

/// Spreads brightness without colour over its full range, which is all that is known of it later.
fn widen(frame: &mut Frame) {
    let unit = 1_i32 << (frame.bit_depth[0] - 8);
    let most = 256 * unit - 1;
    for sample in &mut frame.planes[0] {
        let above = i32::from(*sample) - 16 * unit;
        *sample = ((above * most + 219 * unit / 2) / (219 * unit)).clamp(0, most) as u16;
    }
}

/// The first pixel and the number of pixels along a side that a centred cut with an offset leaves.
fn cut((side, length): (u32, (u32, u32)), offset: (i32, u32)) -> Option<(u32, u32)> {
    let ratio = |above: f64, below: u32| (below != 0).then(|| above / f64::from(below));
    let length = ratio(f64::from(length.0), length.1)?;
    let middle = ratio(f64::from(offset.0), offset.1)? + (f64::from(side) - 1.0) / 2.0;
    let first = (middle - (length - 1.0) / 2.0).round().max(0.0) as u32;
    let length = length.round() as u32;
    (length > 0 && first < side).then_some((first, length))
}

/// Copies a tile as it is, as far as it lies on the canvas.
fn copy<S: Sample>(canvas: &mut Image<S>, tile: &Image<S>, (x, y): (i64, i64)) {
    let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
    let (width, across) = (canvas.width as usize * 4, tile.width as usize * 4);
    let rows = canvas.data.chunks_exact_mut(width.max(1)).skip(y);
    for (to, from) in rows.zip(tile.data.chunks_exact(across.max(1))) {
        let to = to.get_mut(4 * x..).unwrap_or_default();
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}
