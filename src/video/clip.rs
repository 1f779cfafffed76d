//! What a clip is, as ffprobe tells: its picture, its times, its sound, and what else it holds.

use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use super::animated;
use super::colour::Colour;
use super::ffmpeg::{ffprobe, output_of};
use super::source::Source;
use super::times::{Part, chosen, time_base, times};
use crate::error::{Error, Result};
use crate::photo::Limits;

/// A clip and the part of it that is worked on.
#[derive(Clone, Debug)]
pub(super) struct Clip {
    pub(super) source: Source,
    /// The number of its stream of pictures.
    pub(super) stream: usize,
    /// Pixels across and down, upright.
    pub(super) size: [usize; 2],
    pub(super) colour: Colour,
    /// Whether its pictures are of red, green and blue.
    pub(super) is_rgb: bool,
    /// What the stream says of its colours, by the names of ffmpeg's `setparams`.
    pub(super) tags: Vec<(&'static str, String)>,
    /// How wide a pixel is, if it is no square: `a/b`.
    pub(super) aspect: Option<String>,
    /// Frames of the whole clip that are worked on.
    pub(super) frames: Range<usize>,
    /// When each of these is shown: microseconds since the first of them.
    pub(super) times: Vec<u64>,
    /// Seconds from the beginning of the clip to the first of these frames.
    pub(super) start: f64,
    /// The end of the part, in seconds, if it ends before the clip does.
    pub(super) end: Option<f64>,
    /// Ticks a second in which the clip counts its times.
    pub(super) ticks: u32,
    /// Names of the codecs of its sound.
    pub(super) sound: Vec<String>,
    /// What it holds besides, which is not carried over.
    pub(super) removed: Vec<String>,
    /// What there is to say of it.
    pub(super) notes: Vec<String>,
}

impl Clip {
    /// What a clip is.
    ///
    /// # Errors
    /// Where ffprobe is not there, the file is no clip that can be protected, or the part is none of it or too long.
    pub(super) fn open(path: &Path, part: &Part, limits: &Limits) -> Result<Self> {
        match Source::of(path, limits)? {
            Source::Animation(animation) => animated::clip(animation, part),
            source => Self::probed(source, part, limits),
        }
    }

    /// Asks ffprobe about a clip.
    fn probed(source: Source, part: &Part, limits: &Limits) -> Result<Self> {
        let about = ask(&source, &["-show_streams", "-show_format"])?;
        let streams = about["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_picture = |s: &&Value| s["codec_type"] == "video" && s["disposition"]["attached_pic"] != 1;
        let stream = streams.iter().find(is_picture).ok_or_else(|| refused("it has no moving picture"))?;
        let index = stream["index"].as_u64().unwrap_or(0) as usize;
        let size = upright(stream)?;
        limits.check(size[0] as u32, size[1] as u32, 3)?;
        refuse_what_would_be_wrong(stream)?;
        let mut notes = vec![];
        let Colours { colour, is_rgb, tags } = colours(stream, size[1], &mut notes)?;
        let (seconds_a_tick, ticks) = time_base(stream)?;
        let times = times(&source, index, seconds_a_tick)?;
        let said = number(&stream["nb_frames"]).map_or(0, |count| count as usize);
        if times.len() < said {
            notes.push(format!("it is damaged: only {} of its {said} frames can be read", times.len()));
        }
        let (frames, end) = chosen(&times, part)?;
        let first = times[frames.start];
        let begin = number(&about["format"]["start_time"]).unwrap_or(0.);
        let sound = streams.iter().filter(|s| s["codec_type"] == "audio");
        let micro = |time: &f64| ((time - first) * 1e6).round().max(0.) as u64;
        Ok(Self {
            source,
            stream: index,
            size: size.map(|side| side / 2 * 2),
            colour,
            is_rgb,
            tags,
            aspect: aspect(stream),
            times: times[frames.clone()].iter().map(micro).collect(),
            start: first - begin,
            end,
            frames,
            ticks,
            sound: sound.map(|s| s["codec_name"].as_str().unwrap_or("unknown").into()).collect(),
            removed: removed(&about, streams, index),
            notes,
        })
    }

    /// Microseconds that a frame is shown.
    pub(super) fn duration(&self, frame: usize) -> u64 {
        let between = |a: usize, b: usize| self.times.get(b)?.checked_sub(*self.times.get(a)?);
        between(frame, frame + 1).or_else(|| between(frame.checked_sub(1)?, frame)).unwrap_or(40_000)
    }

    /// Seconds from the beginning of the clip at which a frame is shown.
    pub(super) fn at(&self, frame: usize) -> f64 {
        self.start + self.times[frame] as f64 / 1e6
    }

    /// Seconds of the part.
    pub(super) fn seconds(&self) -> f64 {
        let last = self.times.len() - 1;
        (self.times[last] + self.duration(last)) as f64 / 1e6
    }
}

pub(super) fn refused(why: &str) -> Error {
    Error::Usage(format!("no clip that can be protected: {why}"))
}

pub(super) fn ask(source: &Source, what: &[&str]) -> Result<Value> {
    let mut command = ffprobe();
    command.args(what).args(["-of", "json"]);
    let bytes = output_of(command, source.name())?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Usage(format!("ffprobe: {error}")))
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok().filter(|number: &f64| number.is_finite())
}

fn named<'a>(stream: &'a Value, field: &str) -> Option<&'a str> {
    stream[field].as_str().filter(|name| *name != "unknown")
}

/// Width and height as the clip is shown, which the display matrix may turn.
fn upright(stream: &Value) -> Result<[usize; 2]> {
    let side = |name: &str| stream[name].as_u64().unwrap_or(0) as usize;
    let size = [side("width"), side("height")];
    if size.iter().any(|side| *side < 16) {
        return Err(refused("its picture has less than 16 pixels a side"));
    }
    let beside = stream["side_data_list"].as_array().map(Vec::as_slice).unwrap_or_default();
    let turned = beside.iter().find_map(|data| data["rotation"].as_i64()).unwrap_or(0);
    match turned.rem_euclid(180) {
        0 => Ok(size),
        90 => Ok([size[1], size[0]]),
        _ => Err(refused("it is turned by an angle that is no quarter; turn it upright first")),
    }
}

/// What could be read, but would come out looking other than it was.
fn refuse_what_would_be_wrong(stream: &Value) -> Result<()> {
    let transfer = named(stream, "color_transfer").unwrap_or_default();
    if ["smpte2084", "arib-std-b67", "smpte428"].contains(&transfer) {
        return Err(refused(
            "it is HDR, which cannot be kept here; make a copy with the usual range of brightness, for example by: \
             ffmpeg -i IN -vf zscale=t=linear:npl=100,tonemap=hable,zscale=t=bt709:m=bt709:p=bt709:r=tv,format=yuv420p \
             -c:a copy OUT.mp4",
        ));
    }
    if named(stream, "field_order").is_some_and(|order| order != "progressive") {
        return Err(refused(
            "it is interlaced; make a copy that is not, by: ffmpeg -i IN -vf bwdif -c:a copy OUT.mp4",
        ));
    }
    Ok(())
}

/// How levels are colours, and what is said of that.
struct Colours {
    colour: Colour,
    is_rgb: bool,
    tags: Vec<(&'static str, String)>,
}

/// How its levels are colours; sets down what is not kept.
fn colours(stream: &Value, height: usize, notes: &mut Vec<String>) -> Result<Colours> {
    let format = named(stream, "pix_fmt").unwrap_or_default();
    let full = format.starts_with("yuvj") || named(stream, "color_range") == Some("pc");
    if !["yuv420p", "yuvj420p", "nv12", "nv21"].contains(&format) {
        notes.push(format!("its pictures, {format}, are written as 4:2:0 with 8 bits"));
    }
    let is_rgb =
        ["rgb", "bgr", "gbr", "pal8", "argb", "abgr", "0rgb", "0bgr"].iter().any(|f| format.starts_with(f));
    let (matrix, full) = if is_rgb { (Some("bt709"), false) } else { (named(stream, "color_space"), full) };
    let unknown = || refused("its colours are of a kind that is not known here");
    let colour = Colour::of(matrix, full, height).ok_or_else(unknown)?;
    let mut tags = vec![("range", if full { "pc" } else { "tv" }.to_string())];
    tags.extend(matrix.map(|matrix| ("colorspace", matrix.to_string())));
    for (field, tag) in [("color_primaries", "color_primaries"), ("color_transfer", "color_trc")] {
        tags.extend(named(stream, field).map(|name| (tag, name.to_string())));
    }
    Ok(Colours { colour, is_rgb, tags })
}

fn aspect(stream: &Value) -> Option<String> {
    let (across, down) = stream["sample_aspect_ratio"].as_str()?.split_once(':')?;
    let [across, down]: [u32; 2] = [across.parse().ok()?, down.parse().ok()?];
    let sides = [stream["width"].as_u64()? as usize, upright(stream).ok()?[0]];
    let turned = sides[0] != sides[1];
    let (across, down) = if turned { (down, across) } else { (across, down) };
    (across != down && across > 0 && down > 0).then(|| format!("{across}/{down}"))
}

/// Names what a clip holds besides its picture and its sound.
fn removed(about: &Value, streams: &[Value], picture: usize) -> Vec<String> {
    const HARMLESS: [&str; 9] = [
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "handler_name",
        "vendor_id",
        "language",
        "duration",
        "rotate",
    ];
    let mut removed: Vec<String> = vec![];
    let tags = |value: &Value| -> Vec<String> {
        let names = value["tags"].as_object().map(|tags| tags.keys().cloned().collect());
        let names: Vec<String> = names.unwrap_or_default();
        names.into_iter().filter(|name| !HARMLESS.contains(&name.to_lowercase().as_str())).collect()
    };
    removed.extend(tags(&about["format"]));
    for (i, stream) in streams.iter().enumerate() {
        removed.extend(tags(stream));
        let kind = stream["codec_type"].as_str().unwrap_or("unknown");
        if i != picture && kind != "audio" {
            removed.push(format!("a stream of {kind}"));
        }
    }
    removed.sort();
    removed.dedup();
    removed
}
