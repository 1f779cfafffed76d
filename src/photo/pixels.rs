//! A photo's pixels: reading rectangles as RGB and adding changes to them.

use image::DynamicImage;

use super::{Format, colour::View, jpeg::Coding, metadata::Metadata};

/// A rectangle of whole pixels; `x` runs to the right, `y` down, from the photo's upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// The leftmost column.
    pub x: usize,
    /// The topmost row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A decoded photo: upright pixels in the depth of the file, and what must survive.
#[derive(Clone, Debug)]
pub struct Photo {
    pub(super) pixels: DynamicImage,
    pub(super) format: Format,
    pub(super) metadata: Metadata,
    /// How the file was compressed, if it was a JPEG.
    pub(super) coding: Option<Coding>,
    /// Whether the file was a WebP that gives up detail for size.
    pub(super) lossy_webp: bool,
    /// What is seen of the samples, where that is not they themselves.
    pub(super) view: Option<View>,
}

impl Photo {
    /// A photo without metadata from interleaved 8-bit RGB, to be written as PNG by default.
    ///
    /// Returns `None` unless there are `3 * width * height` samples and both sides are positive.
    pub fn from_rgb(width: u32, height: u32, samples: Vec<u8>) -> Option<Self> {
        let pixels = image::RgbImage::from_raw(width, height, samples)?;
        (width > 0 && height > 0).then(|| Self {
            pixels: pixels.into(),
            format: Format::Png,
            metadata: Metadata::default(),
            coding: None,
            lossy_webp: false,
            view: None,
        })
    }

    /// Pixels per row of the upright photo.
    pub fn width(&self) -> usize {
        self.pixels.width() as usize
    }

    /// Rows of the upright photo.
    pub fn height(&self) -> usize {
        self.pixels.height() as usize
    }

    /// The whole photo.
    pub fn region(&self) -> Region {
        Region { x: 0, y: 0, width: self.width(), height: self.height() }
    }

    /// Whether the photo has no colour channels.
    pub fn is_grey(&self) -> bool {
        !self.pixels.color().has_color()
    }

    /// Whether the photo has an alpha channel.
    pub fn has_alpha(&self) -> bool {
        self.pixels.color().has_alpha()
    }

    /// Bits per sample: 8 or 16.
    pub fn depth(&self) -> u8 {
        self.pixels.color().bytes_per_pixel() * 8 / self.pixels.color().channel_count()
    }

    /// The format of the file that the photo was decoded from.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The JPEG quality, 1 to 100, whose quantisation tables come nearest to the file's own;
    /// `None` for other formats.
    pub fn jpeg_quality(&self) -> Option<u8> {
        self.coding.map(|coding| coding.quality)
    }

    /// Reads a rectangle as RGB: as a colour-managed viewer shows it on a screen of sRGB, whatever the photo's profile.
    ///
    /// # Shapes
    /// - returns: `region.height * region.width * 3`, rows from the top, pixels from the left,
    ///   red, green, blue; in `0.0..=255.0` whatever the depth. Grey is repeated, alpha ignored.
    ///
    /// # Panics
    /// If the region is not inside the photo.
    pub fn rgb(&self, region: Region) -> Vec<f32> {
        let mut rgb = self.samples(region);
        if let Some(view) = &self.view {
            view.see(&mut rgb);
        }
        rgb
    }

    /// The samples themselves, in the same shape.
    pub(crate) fn samples(&self, region: Region) -> Vec<f32> {
        let grid = self.grid(region);
        match &self.pixels {
            DynamicImage::ImageLuma16(pixels) => grid.read(pixels),
            DynamicImage::ImageLumaA16(pixels) => grid.read(pixels),
            DynamicImage::ImageRgb16(pixels) => grid.read(pixels),
            DynamicImage::ImageRgba16(pixels) => grid.read(pixels),
            eight_bit => grid.read(eight_bit.as_bytes()),
        }
    }

    /// Adds a change to a rectangle, rounded and clamped in the photo's own depth, so that it is seen in [`Photo::rgb`].
    ///
    /// A sample whose change is 0 keeps its exact value. A grey photo takes the mean of the
    /// three channels; alpha never changes.
    ///
    /// # Shapes
    /// - `change`: `region.height * region.width * 3`, laid out as by [`Photo::rgb`], in units
    ///   of 1/255 of full scale
    ///
    /// # Panics
    /// If the region is not inside the photo, or `change` has another length.
    pub fn add(&mut self, region: Region, change: &[f32]) {
        let grid = self.grid(region);
        assert_eq!(change.len(), region.width * region.height * 3, "one change per sample");
        let of_samples = self.view.as_ref().map(|view| view.change_of_samples(self.samples(region), change));
        let change = of_samples.as_deref().unwrap_or(change);
        match &mut self.pixels {
            DynamicImage::ImageLuma8(pixels) => grid.add(pixels, change),
            DynamicImage::ImageLumaA8(pixels) => grid.add(pixels, change),
            DynamicImage::ImageRgb8(pixels) => grid.add(pixels, change),
            DynamicImage::ImageRgba8(pixels) => grid.add(pixels, change),
            DynamicImage::ImageLuma16(pixels) => grid.add(pixels, change),
            DynamicImage::ImageLumaA16(pixels) => grid.add(pixels, change),
            DynamicImage::ImageRgb16(pixels) => grid.add(pixels, change),
            DynamicImage::ImageRgba16(pixels) => grid.add(pixels, change),
            other => unreachable!("photos are decoded to 8 or 16 bit, not {:?}", other.color()),
        }
    }

    /// Paints a rectangle anew: `paint` is given its samples, in the shape of [`Photo::rgb`] and as they are in the file, and
    /// leaves there what is painted. A grey photo takes the mean of the three channels; alpha never changes.
    ///
    /// # Panics
    /// If the region is not inside the photo.
    pub(crate) fn repaint(&mut self, region: Region, paint: impl FnOnce(&mut [f32])) {
        let grid = self.grid(region);
        let mut painted = self.samples(region);
        paint(&mut painted);
        match &mut self.pixels {
            DynamicImage::ImageLuma16(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageLumaA16(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageRgb16(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageRgba16(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageLuma8(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageLumaA8(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageRgb8(pixels) => grid.set(pixels, &painted),
            DynamicImage::ImageRgba8(pixels) => grid.set(pixels, &painted),
            other => unreachable!("photos are decoded to 8 or 16 bit, not {:?}", other.color()),
        }
    }

    /// Whether no pixel lets anything shine through.
    pub(super) fn is_opaque(&self) -> bool {
        match &self.pixels {
            DynamicImage::ImageLumaA8(pixels) => pixels.pixels().all(|pixel| pixel.0[1] == u8::MAX),
            DynamicImage::ImageRgba8(pixels) => pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX),
            DynamicImage::ImageLumaA16(pixels) => pixels.pixels().all(|pixel| pixel.0[1] == u16::MAX),
            DynamicImage::ImageRgba16(pixels) => pixels.pixels().all(|pixel| pixel.0[3] == u16::MAX),
            _ => true,
        }
    }

    fn channels(&self) -> usize {
        usize::from(self.pixels.color().channel_count())
    }

    fn grid(&self, region: Region) -> Grid {
        let fits = |start: usize, length, whole| start.checked_add(length).is_some_and(|end| end <= whole);
        assert!(
            fits(region.x, region.width, self.width()) && fits(region.y, region.height, self.height()),
            "{region:?} is not inside a photo of {} x {} pixels",
            self.width(),
            self.height()
        );
        Grid { region, width: self.width(), channels: self.channels(), grey: self.is_grey() }
    }
}

/// Where a region's samples lie in the buffer of all samples.
struct Grid {
    region: Region,
    width: usize,
    channels: usize,
    grey: bool,
}

impl Grid {
    fn read<T: Sample>(&self, samples: &[T]) -> Vec<f32> {
        let mut rgb = Vec::with_capacity(self.region.width * self.region.height * 3);
        for y in 0..self.region.height {
            for pixel in samples[self.row(y)].chunks_exact(self.channels) {
                let [green, blue] = if self.grey { [0, 0] } else { [1, 2] };
                rgb.extend([pixel[0].to_255(), pixel[green].to_255(), pixel[blue].to_255()]);
            }
        }
        rgb
    }

    fn add<T: Sample>(&self, samples: &mut [T], change: &[f32]) {
        if self.region.width == 0 {
            return;
        }
        for (y, change) in change.chunks_exact(self.region.width * 3).enumerate() {
            let pixels = samples[self.row(y)].chunks_exact_mut(self.channels);
            for (pixel, change) in pixels.zip(change.as_chunks::<3>().0) {
                if self.grey {
                    pixel[0] = pixel[0].plus(change.iter().sum::<f32>() / 3.0);
                } else {
                    for (sample, change) in pixel.iter_mut().zip(change) {
                        *sample = sample.plus(*change);
                    }
                }
            }
        }
    }

    fn set<T: Sample>(&self, samples: &mut [T], painted: &[f32]) {
        for (y, painted) in painted.chunks_exact(self.region.width * 3).enumerate() {
            let pixels = samples[self.row(y)].chunks_exact_mut(self.channels);
            for (pixel, painted) in pixels.zip(painted.as_chunks::<3>().0) {
                if self.grey {
                    pixel[0] = T::of_255(painted.iter().sum::<f32>() / 3.0);
                } else {
                    pixel.iter_mut().zip(painted).for_each(|(sample, painted)| *sample = T::of_255(*painted));
                }
            }
        }
    }

    /// The samples of one row of the region.
    fn row(&self, y: usize) -> std::ops::Range<usize> {
        let start = ((self.region.y + y) * self.width + self.region.x) * self.channels;
        start..start + self.region.width * self.channels
    }
}

/// One channel of one pixel.
trait Sample: Copy {
    /// The value where full scale is 255.
    fn to_255(self) -> f32;
    /// The nearest value to one where full scale is 255.
    fn of_255(value: f32) -> Self;
    /// The value after a change where full scale is 255.
    fn plus(self, change: f32) -> Self;
}

impl Sample for u8 {
    fn to_255(self) -> f32 {
        f32::from(self)
    }

    fn of_255(value: f32) -> Self {
        value.round() as Self
    }

    fn plus(self, change: f32) -> Self {
        Self::of_255(f32::from(self) + change)
    }
}

impl Sample for u16 {
    fn to_255(self) -> f32 {
        f32::from(self) / 257.0
    }

    fn of_255(value: f32) -> Self {
        (value * 257.0).round() as Self
    }

    fn plus(self, change: f32) -> Self {
        (f32::from(self) + change * 257.0).round() as Self
    }
}
