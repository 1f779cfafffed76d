//! Short clips: `docs/videos.md` says what is done with them.
//!
//! [`Clips`] is a batch; `protect` is one clip on one screen. Faces are followed (`track`, `look`), placed (`place`), cloaked at their
//! key frames (`keys`), and judged in the written file (`check`). `clip` is what ffprobe says of a file; `reader` and `writer` are
//! pipes from and to ffmpeg (`ffmpeg`, `matroska`), and `frame` what goes through them, in the levels of its `colour`.

mod batch;
mod check;
mod clip;
mod colour;
mod ffmpeg;
mod frame;
mod keys;
mod look;
mod matroska;
mod place;
mod protect;
mod reader;
mod report;
mod track;
mod writer;

pub use batch::{ClipEvent, Clips};
pub use clip::Part;
pub use ffmpeg::check_ffmpeg;
pub use protect::{ClipProgress, ClipSettings, Stage};
pub use report::{ClipReport, ClipsReport, Missed, TrackReport};
pub use writer::Codec;
