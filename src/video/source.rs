//! Where the pictures of a clip are.

use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::clip::refused;
use super::ffmpeg::file;
use crate::error::{Error, Result};
use crate::listing::format_of;
use crate::photo::{Animation, Format, Limits, film};

/// Where the pictures of a clip are.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// In a file that ffmpeg reads.
    File(PathBuf),
    /// In the film that a photo's file holds, from the first of these bytes up to the second.
    Film(PathBuf, Range<usize>),
    /// In a GIF or WebP that is decoded here.
    Animation(Animation),
}

impl Source {
    /// Where those of a file are.
    ///
    /// # Errors
    /// Where the file is a photo, or an animation that cannot be read.
    pub(super) fn of(path: &Path, limits: &Limits) -> Result<Self> {
        let Some(format) = format_of(path) else { return Ok(Self::File(path.into())) };
        let bytes = limits.read(path).map_err(|error| Error::file(path, error))?;
        let source = match format {
            Format::Gif | Format::WebP => Animation::of(bytes, limits)?.map(Self::Animation),
            _ => film(&bytes).map(|film| Self::Film(path.into(), film)),
        };
        source.ok_or_else(|| refused("it is a still photo, which `visard cloak` protects"))
    }

    /// What ffmpeg opens; nothing where the pictures are decoded here.
    pub(super) fn name(&self) -> Option<OsString> {
        match self {
            Self::File(path) => Some(file(path)),
            Self::Film(path, film) => {
                let mut name = OsString::from(format!("subfile,,start,{},end,{},,:", film.start, film.end));
                name.push(file(path));
                Some(name)
            }
            Self::Animation(_) => None,
        }
    }
}
