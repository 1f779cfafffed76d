//! When the frames of a clip are shown, and which of them are worked on.

use std::ops::Range;

use serde_json::Value;

use super::clip::{ask, refused};
use super::source::Source;
use crate::error::{Error, Result};

/// Which part of a clip, and how long it may be.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Part {
    /// Seconds from its beginning. Default: 0.
    pub from: f64,
    /// Seconds from its beginning; its end where there is none. Default: none.
    pub to: Option<f64>,
    /// Longer parts than this, in seconds, are refused. Default: 300.
    pub longest: f64,
}

impl Default for Part {
    fn default() -> Self {
        Self { from: 0., to: None, longest: 300. }
    }
}

pub(super) fn time_base(stream: &Value) -> Result<(f64, u32)> {
    let base = stream["time_base"].as_str().and_then(|base| base.split_once('/'));
    let parts = base.and_then(|(a, b)| Some((a.parse::<f64>().ok()?, b.parse::<u32>().ok()?)));
    let (a, b) = parts.filter(|(a, b)| *a > 0. && *b > 0).ok_or_else(|| refused("its times have no unit"))?;
    // Fewer ticks would not tell frames apart, and a codec's own limit is a million.
    let ticks = if b < 1000 { b * 1000_u32.div_ceil(b) } else { b.min(1_000_000) };
    Ok((a / f64::from(b), ticks))
}

/// When each frame is shown, in seconds of the clip's own clock.
pub(super) fn times(source: &Source, stream: usize, unit: f64) -> Result<Vec<f64>> {
    let stream = stream.to_string();
    let about = ask(source, &["-select_streams", &stream, "-show_entries", "frame=best_effort_timestamp"])?;
    let frames = about["frames"].as_array().map(Vec::as_slice).unwrap_or_default();
    let times: Option<Vec<f64>> =
        frames.iter().map(|f| Some(f["best_effort_timestamp"].as_i64()? as f64 * unit)).collect();
    let times = times.ok_or_else(|| refused("a frame of it has no time"))?;
    if times.is_empty() {
        return Err(refused("it has no frames"));
    }
    match times.windows(2).all(|pair| pair[0] < pair[1]) {
        true => Ok(times),
        false => Err(refused("its frames are not in the order of their times")),
    }
}

/// The frames of a part, and its end if that is not the clip's.
pub(super) fn chosen(times: &[f64], part: &Part) -> Result<(Range<usize>, Option<f64>)> {
    let before = |seconds: f64| times.partition_point(|time| time - times[0] < seconds - 1e-6);
    let frames = before(part.from)..part.to.map_or(times.len(), before);
    if frames.is_empty() {
        let length = times[times.len() - 1] - times[0];
        return Err(Error::Usage(format!("no frame lies in that part; the clip has {length:.2} s")));
    }
    let seconds = times[frames.end - 1] - times[frames.start];
    if seconds > part.longest {
        return Err(Error::Usage(format!(
            "{seconds:.0} s are over the limit of {:.0} s; choose a part with --from and --to, or raise --longest",
            part.longest
        )));
    }
    let end = times.get(frames.end).map(|end| end - times[0]);
    Ok((frames, end))
}
