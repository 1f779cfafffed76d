//! Short clips: `docs/videos.md` says what is done with them.
//!
//! [`Clips`] is a batch; `protect` is one clip on one screen. Faces are followed (`track`, `look`); it is chosen what becomes of each
//! (`choice`), and `followed` holds that. They are placed (`place`), cloaked at their key frames (`keys`), and judged in the written file
//! (`check`). `clip` is what ffprobe says of a file, or an animation of itself (`source`, `animated`, `times`); `reader` and `writer` are
//! pipes from and to ffmpeg (`ffmpeg`, `matroska`), and `frame` what goes through them, in the levels of its `colour`.

mod animated;
mod batch;
mod check;
mod choice;
mod clip;
mod colour;
mod ffmpeg;
mod followed;
mod frame;
mod keys;
mod look;
mod matroska;
mod place;
mod progress;
mod protect;
mod reader;
mod report;
mod run_report;
mod settings;
mod source;
mod still;
mod times;
mod track;
mod writer;

pub use batch::{ClipEvent, Clips};
pub use ffmpeg::check_ffmpeg;
pub use progress::{ClipProgress, Stage};
pub use report::{ClipReport, Missed, TrackReport};
pub use run_report::ClipsReport;
pub use settings::ClipSettings;
pub use still::first_frame;
pub use times::Part;
pub use writer::Codec;
