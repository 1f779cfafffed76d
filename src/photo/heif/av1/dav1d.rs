//! Decoding one picture of AV1. The decoder is a translation of dav1d and is called as that is, by pointers.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use heifer::heifer_hevc_dec::recon::Frame;
use re_rav1d::include::dav1d::data::Dav1dData;
use re_rav1d::include::dav1d::dav1d::{Dav1dContext, Dav1dSettings};
use re_rav1d::include::dav1d::headers::{
    DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I444,
};
use re_rav1d::include::dav1d::picture::Dav1dPicture;
use re_rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture, dav1d_open,
    dav1d_picture_unref, dav1d_send_data,
};

use super::super::chroma::drawn_out;

/// What the decoder says where it wants more data.
const AGAIN: i32 = -11;

/// What is no picture of AV1 makes the decoder ask for more for ever: so often it is asked for one.
const ROUNDS: usize = 64;

/// Decodes the first picture of a stream, of at most so many pixels. The error says what is wrong.
pub(in crate::photo::heif) fn decode(stream: &[u8], most: u64) -> Result<Frame, &'static str> {
    let mut decoder = Decoder::open(most)?;
    let mut data = Data::of(stream)?;
    for _ in 0..ROUNDS {
        let sent = decoder.send(&mut data);
        if !matches!(sent, 0 | AGAIN) {
            return Err("its AV1 stream is damaged");
        }
        let mut picture = Picture(Dav1dPicture::default());
        match decoder.picture(&mut picture) {
            0 => return frame(&picture.0).ok_or("its AV1 stream contradicts itself"),
            AGAIN => {}
            _ => return Err("its AV1 stream is damaged"),
        }
    }
    Err("its AV1 stream holds no picture")
}

struct Decoder(Option<Dav1dContext>);
struct Data(Dav1dData);
struct Picture(Dav1dPicture);

#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
impl Decoder {
    fn open(most: u64) -> Result<Self, &'static str> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        // SAFETY: `settings` may be written to, and is whole once it was.
        let mut settings = unsafe {
            dav1d_default_settings(NonNull::from(&mut settings).cast());
            settings.assume_init()
        };
        // Not this thread alone: a panic of one of the decoder's own is an error of this photo, one that runs into
        // the C interface ends the process.
        settings.n_threads = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 16)) as i32;
        settings.max_frame_delay = 1;
        settings.all_layers = 0;
        settings.frame_size_limit = u32::try_from(most).unwrap_or(u32::MAX);
        // SAFETY: the default is none, and that is what all bits zero mean.
        settings.logger = unsafe { std::mem::zeroed() };
        let mut context = None;
        // SAFETY: both may be read and written during the call.
        let opened =
            unsafe { dav1d_open(Some(NonNull::from(&mut context)), Some(NonNull::from(&mut settings))) };
        if opened.0 == 0 { Ok(Self(context)) } else { Err("no decoder of AV1 can be had for it") }
    }

    /// Hands over what of the data the decoder takes.
    fn send(&mut self, data: &mut Data) -> i32 {
        if data.0.sz == 0 {
            return 0;
        }
        // SAFETY: the context is open, and the data may be read and written.
        unsafe { dav1d_send_data(self.0, Some(NonNull::from(&mut data.0))).0 }
    }

    fn picture(&mut self, picture: &mut Picture) -> i32 {
        // SAFETY: the context is open, and the picture may be written to.
        unsafe { dav1d_get_picture(self.0, Some(NonNull::from(&mut picture.0))).0 }
    }
}

#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context was opened and is closed this once.
        unsafe { dav1d_close(Some(NonNull::from(&mut self.0))) };
    }
}

#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
impl Data {
    fn of(stream: &[u8]) -> Result<Self, &'static str> {
        let mut data = Dav1dData::default();
        if stream.is_empty() {
            return Err("its AV1 stream is empty");
        }
        // SAFETY: `data` may be written to; where memory was had, it is as long as the stream and nobody else's.
        unsafe {
            let room = dav1d_data_create(Some(NonNull::from(&mut data)), stream.len());
            let room = NonNull::new(room).ok_or("there is no memory for its AV1 stream")?;
            room.copy_from_nonoverlapping(NonNull::from(stream).cast(), stream.len());
        }
        Ok(Self(data))
    }
}

#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
impl Drop for Data {
    fn drop(&mut self) {
        // SAFETY: the data was made by the decoder and may be read and written.
        unsafe { dav1d_data_unref(Some(NonNull::from(&mut self.0))) };
    }
}

#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the picture is empty or was made by the decoder.
        unsafe { dav1d_picture_unref(Some(NonNull::from(&mut self.0))) };
    }
}

/// Copies the planes out. Where colour is coarser than brightness, brightness is widened to a whole number of its samples, and
/// colour is drawn out to that.
fn frame(picture: &Dav1dPicture) -> Option<Frame> {
    let depth = u8::try_from(picture.p.bpc).ok().filter(|depth| matches!(depth, 8 | 10 | 12))?;
    let (width, height) = (u32::try_from(picture.p.w).ok()?, u32::try_from(picture.p.h).ok()?);
    let halved = match picture.p.layout {
        DAV1D_PIXEL_LAYOUT_I400 | DAV1D_PIXEL_LAYOUT_I444 => (0, 0),
        DAV1D_PIXEL_LAYOUT_I420 => (1, 1),
        _ => (1, 0),
    };
    let (chroma_width, chroma_height) = (width.div_ceil(1 << halved.0), height.div_ceil(1 << halved.1));
    let whole = (chroma_width << halved.0, chroma_height << halved.1);
    let plane = |at: usize, size, padded| samples(picture, at, size, padded, depth);
    let luma = plane(0, (width, height), whole)?;
    let chroma = |at: usize| -> Option<Vec<u16>> {
        let size = (chroma_width, chroma_height);
        let plane = plane(at, size, size)?;
        Some(if halved.0 == 0 { plane } else { drawn_out(&plane, chroma_width as usize, halved.1 == 1) })
    };
    let grey = picture.p.layout == DAV1D_PIXEL_LAYOUT_I400;
    let (blue, red, chroma) = if grey { (vec![], vec![], (0, 0)) } else { (chroma(1)?, chroma(2)?, whole) };
    let (matrix_coeffs, full_range) = meaning(picture)?;
    Some(Frame {
        widths: [whole.0, chroma.0, chroma.0],
        heights: [whole.1, chroma.1, chroma.1],
        planes: [luma, blue, red],
        bit_depth: [depth; 2],
        chroma_format: if grey { 0 } else { 3 },
        full_range,
        matrix_coeffs,
    })
}

/// How colours are coded, as the stream says: the matrix, and whether samples use their full range.
#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
fn meaning(picture: &Dav1dPicture) -> Option<(u8, bool)> {
    // SAFETY: a picture that was decoded points to the header of its stream, which lives as long.
    let header = unsafe { picture.seq_hdr?.as_ref() };
    Some((u8::try_from(header.mtrx).ok()?, header.color_range != 0))
}

/// The samples of a plane of a size, the last of each row and the last row repeated up to a padded size.
#[expect(unsafe_code, reason = "the decoder has no other face than that of a C library")]
fn samples(
    picture: &Dav1dPicture,
    at: usize,
    (width, height): (u32, u32),
    (padded_width, padded_height): (u32, u32),
    depth: u8,
) -> Option<Vec<u16>> {
    let start: NonNull<c_void> = (*picture.data.get(at)?)?;
    let stride = *picture.stride.get(usize::from(at > 0))?;
    let (width, padded) = (width as usize, padded_width as usize);
    let mut samples = Vec::with_capacity(padded * padded_height as usize);
    for y in 0..padded_height {
        let row_at = isize::try_from(y.min(height - 1)).ok()?.checked_mul(stride)?;
        // SAFETY: a decoded plane holds `height` rows, `stride` bytes apart, of `width` samples of one byte, or of two
        // where there are more than 8 bits; two-byte samples are aligned.
        unsafe {
            let row = start.cast::<u8>().offset(row_at);
            if depth == 8 {
                samples
                    .extend(NonNull::slice_from_raw_parts(row, width).as_ref().iter().map(|s| u16::from(*s)));
            } else {
                samples.extend(NonNull::slice_from_raw_parts(row.cast::<u16>(), width).as_ref());
            }
        }
        let last = *samples.last()?;
        samples.extend(std::iter::repeat_n(last, padded - width));
    }
    Some(samples)
}
