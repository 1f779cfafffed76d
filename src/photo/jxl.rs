//! JPEG XL files: input only.

#![warn(clippy::indexing_slicing)]

use heifer::heifer_isobmff::{BoxIter, RawBox};
use image::{ColorType, DynamicImage};
use jxl::api::{
    AlphaMode, Endianness, Event, ExtraChannel, JxlBasicInfo, JxlColorType, JxlDataFormat, JxlDecoder,
    JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};

use super::{
    Error, Format, Limits,
    colour::View,
    decode::Decoded,
    metadata::{FURTHER_PICTURES, Metadata},
};

/// Reads a JPEG XL, upright: grey or colour, any depth up to 16 bit, with or without alpha.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let mut reader = Reader::open(bytes, limits)?;
    let form = Form::of(&reader.info, reader.is_grey())?;
    let (width, height) = side(&reader.info).ok_or_else(|| damaged("its size is beyond all bounds"))?;
    limits.check(width, height, form.bytes_per_pixel())?;
    if reader.info.animation.is_some() && !limits.first_picture {
        return Err(Error::Animated { format: Format::JpegXl });
    }
    let mut metadata = metadata(bytes);
    metadata.icc = reader.ask_for(&form)?;
    if reader.info.extra_channels.iter().any(|channel| channel.ec_type != ExtraChannel::Alpha) {
        metadata.note_lost("further channels: depth, selections or other");
    }
    if reader.info.animation.is_some() {
        metadata.note_lost(FURTHER_PICTURES);
    }
    let pixels = reader.pixels(&form, (width, height))?;
    Ok(Decoded::new(pixels, metadata))
}

/// What samples are asked for.
struct Form {
    colours: JxlColorType,
    deep: bool,
    others: usize,
}

impl Form {
    fn of(info: &JxlBasicInfo, grey: bool) -> Result<Self, Error> {
        let has = |kind| info.extra_channels.iter().any(|channel| channel.ec_type == kind);
        if has(ExtraChannel::Black) {
            let variety = "colours of four inks".into();
            return Err(Error::UnreadableVariety { format: Format::JpegXl, variety });
        }
        let colours = match (grey, has(ExtraChannel::Alpha)) {
            (true, false) => JxlColorType::Grayscale,
            (true, true) => JxlColorType::GrayscaleAlpha,
            (false, false) => JxlColorType::Rgb,
            (false, true) => JxlColorType::Rgba,
        };
        Ok(Self { colours, deep: info.bit_depth.bits_per_sample() > 8, others: info.extra_channels.len() })
    }

    fn bytes_per_pixel(&self) -> u8 {
        self.colours.samples_per_pixel() as u8 * if self.deep { 2 } else { 1 }
    }

    fn pixel_format(&self) -> JxlPixelFormat {
        let format = match self.deep {
            true => JxlDataFormat::U16 { endianness: Endianness::native(), bit_depth: 16 },
            false => JxlDataFormat::U8 { bit_depth: 8 },
        };
        JxlPixelFormat {
            color_type: self.colours,
            color_data_format: Some(format),
            extra_channel_format: vec![None; self.others],
        }
    }

    fn image(&self, width: u32, height: u32) -> DynamicImage {
        let colours = match (self.colours, self.deep) {
            (JxlColorType::Grayscale, false) => ColorType::L8,
            (JxlColorType::GrayscaleAlpha, false) => ColorType::La8,
            (JxlColorType::Rgb, false) => ColorType::Rgb8,
            (_, false) => ColorType::Rgba8,
            (JxlColorType::Grayscale, true) => ColorType::L16,
            (JxlColorType::GrayscaleAlpha, true) => ColorType::La16,
            (JxlColorType::Rgb, true) => ColorType::Rgb16,
            (_, true) => ColorType::Rgba16,
        };
        DynamicImage::new(width, height, colours)
    }
}

/// A decoder that has read as far as the size.
struct Reader<'a> {
    decoder: JxlDecoder,
    rest: &'a [u8],
    info: JxlBasicInfo,
}

impl<'a> Reader<'a> {
    fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let mut options = JxlDecoderOptions::default();
        options.sample_limit = usize::try_from(limits.memory).ok();
        options.alpha_mode = AlphaMode::Unpremultiplied;
        options.max_profile_level = ProfileLevel::Main10;
        let (mut decoder, mut rest) = (JxlDecoder::new(options), bytes);
        next(&mut decoder, &mut rest, None)?;
        let info = decoder.basic_info().cloned().ok_or(Error::CutShort { format: Format::JpegXl })?;
        Ok(Self { decoder, rest, info })
    }

    fn is_grey(&self) -> bool {
        self.decoder.embedded_color_profile().is_some_and(|profile| profile.channels() == 1)
    }

    /// Asks for samples of a form, and tells their profile where they are not those of sRGB.
    fn ask_for(&mut self, form: &Form) -> Result<Option<Vec<u8>>, Error> {
        self.decoder.set_pixel_format(form.pixel_format()).map_err(damaged)?;
        let profile = self.decoder.output_color_profile();
        let icc = profile.and_then(|profile| profile.try_as_icc()).map(|icc| icc.into_owned());
        Ok(icc.filter(|icc| View::of(icc, form.colours.is_grayscale()).is_some()))
    }

    fn pixels(mut self, form: &Form, (width, height): (u32, u32)) -> Result<DynamicImage, Error> {
        let mut image = form.image(width, height);
        let row = width as usize * usize::from(form.bytes_per_pixel());
        let samples = samples(&mut image);
        let mut buffers = [JxlOutputBuffer::new(samples, height as usize, row)];
        while next(&mut self.decoder, &mut self.rest, Some(&mut buffers))? != Done::Picture {}
        Ok(image)
    }
}

/// The bytes of an image's samples.
fn samples(image: &mut DynamicImage) -> &mut [u8] {
    match image {
        DynamicImage::ImageLuma8(pixels) => pixels,
        DynamicImage::ImageLumaA8(pixels) => pixels,
        DynamicImage::ImageRgb8(pixels) => pixels,
        DynamicImage::ImageRgba8(pixels) => pixels,
        DynamicImage::ImageLuma16(pixels) => bytemuck::cast_slice_mut(pixels),
        DynamicImage::ImageLumaA16(pixels) => bytemuck::cast_slice_mut(pixels),
        DynamicImage::ImageRgb16(pixels) => bytemuck::cast_slice_mut(pixels),
        DynamicImage::ImageRgba16(pixels) => bytemuck::cast_slice_mut(pixels),
        _ => &mut [],
    }
}

/// How far a decoder came.
#[derive(PartialEq, Eq)]
enum Done {
    Part,
    Picture,
}

/// Lets the decoder work on. All bytes are there, so one that asks for more works on a file that was cut.
fn next(
    decoder: &mut JxlDecoder,
    rest: &mut &[u8],
    buffers: Option<&mut [JxlOutputBuffer<'_>]>,
) -> Result<Done, Error> {
    match decoder.process(rest, buffers, None).map_err(damaged)? {
        Event::NeedMoreInput { .. } => Err(Error::CutShort { format: Format::JpegXl }),
        Event::FrameComplete { .. } => Ok(Done::Picture),
        Event::Complete => Err(damaged("it holds no picture")),
        Event::BasicInfo | Event::FrameHeader => Ok(Done::Part),
    }
}

fn side(info: &JxlBasicInfo) -> Option<(u32, u32)> {
    Some((info.size.0.try_into().ok()?, info.size.1.try_into().ok()?))
}

fn damaged(cause: impl Into<super::error::Cause>) -> Error {
    Error::damaged(Format::JpegXl, cause)
}

/// What a JPEG XL holds besides its pixels. One without boxes holds nothing else.
fn metadata(bytes: &[u8]) -> Metadata {
    let mut metadata = Metadata::default();
    if bytes.starts_with(&[0xff, 0x0a]) {
        return metadata;
    }
    let mut end = 0;
    for RawBox { header, content, offset } in BoxIter::new(bytes).map_while(Result::ok) {
        end = offset + header.header_size as usize + content.len();
        match &header.box_type.0 {
            b"JXL " | b"ftyp" | b"jxll" | b"jxlc" | b"jxlp" | b"jxli" => {}
            b"Exif" => metadata.add_exif(content.get(4..).unwrap_or_default()),
            b"xml " => metadata.add_xmp(content),
            b"brob" => metadata.note_lost("compressed metadata"),
            b"jbrd" => metadata.note_lost("what the JPEG held that it was made from"),
            b"jhgm" => metadata.note_lost("gain map"),
            b"jumb" => metadata.note_lost("content credentials (C2PA)"),
            other => metadata.note_lost(format!("{} box", other.escape_ascii())),
        }
    }
    metadata.note_trailing(bytes.get(end..).unwrap_or_default());
    metadata
}
