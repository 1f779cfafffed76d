//! Networks and settings as Python gives them: JSON of plain words and numbers.

use std::path::{Path, PathBuf};

use pyo3::pybacked::PyBackedBytes;
use pyo3::{PyResult, pyfunction};
use serde::Deserialize;

use visard::add::NewNetwork;
use visard::cloak::Preset;
use visard::embed::{Crop, Input, Layout, Order};
use visard::face::Rectangle;
use visard::models::Role;
use visard::photo::{Destination, EncodeOptions, Format, Limits, MetadataPolicy, OutputFormat};
use visard::pipeline::{Faces, Others, References, Settings, Whose};
use visard::video::{ClipSettings, Codec, Part};
use visard::{OwnNetwork, Visard};

use crate::error::{UsageError, raised, raised_of};

/// `visard.Visard` has their meaning.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    strength: Preset,
    seed: u64,
    faces: Faces,
    others: Others,
    boxes: Vec<[f32; 4]>,
    destination: Destination,
    max_side: Option<u32>,
    format: OutputFormat,
    quality: Option<u8>,
    max_bytes: Option<u64>,
    metadata: MetadataPolicy,
    keep_faceless: bool,
    first_picture: bool,
    max_memory: Option<u64>,
    folders: Vec<PathBuf>,
    detector: Option<String>,
    surrogates: Vec<String>,
    judges: Vec<String>,
    networks: Vec<Own>,
}

/// `visard.Network` has their meaning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    file: PathBuf,
    name: String,
    role: Role,
    crop: Crop,
    mean: [f32; 3],
    std: [f32; 3],
    order: Order,
    layout: Layout,
    mirror: bool,
    output: Option<String>,
    licence: String,
    threshold: Option<f32>,
}

/// Opens the networks that are asked for.
pub(crate) fn open(options: &str) -> PyResult<Visard> {
    let options = read(options)?;
    let settings = settings(&options)?;
    let mut builder =
        Visard::builder().surrogates(options.surrogates).judges(options.judges).settings(settings);
    builder = options.folders.into_iter().fold(builder, visard::Builder::folder);
    builder = options.networks.into_iter().map(own).fold(builder, visard::Builder::network);
    if let Some(name) = options.detector {
        builder = builder.detector(name);
    }
    builder.open().map_err(raised)
}

/// What is wanted of a clip besides: `visard.Visard.protect_video` has its meaning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfClip {
    seed: Option<u64>,
    start: f64,
    end: Option<f64>,
    longest: f64,
    codec: Codec,
    crf: Option<u8>,
}

/// What is wanted of a clip, where this is wanted of photos.
pub(crate) fn of_clip(settings: &Settings, wish: &str) -> PyResult<ClipSettings> {
    let wish: OfClip = serde_json::from_str(wish).map_err(|e| UsageError::new_err(e.to_string()))?;
    Ok(ClipSettings {
        part: Part { from: wish.start, to: wish.end, longest: wish.longest },
        codec: wish.codec,
        quality: wish.crf,
        seed: wish.seed.unwrap_or(settings.seed),
        ..ClipSettings::of(settings)
    })
}

/// Photos of people: the name and the bytes of each.
pub(crate) type PhotosOf = Vec<(String, PyBackedBytes)>;

/// The same networks, for the faces of some people alone, or of all others.
pub(crate) fn choose(visard: Visard, only: PhotosOf, except: PhotosOf) -> PyResult<Visard> {
    let whose = match (&only[..], &except[..]) {
        ([], []) => return Ok(visard),
        (only, []) => Whose::Only(people(&visard, only)?),
        ([], except) => Whose::Except(people(&visard, except)?),
        _ => return Err(UsageError::new_err("only and except_ cannot both be given")),
    };
    let settings = Settings { whose, ..visard.settings().clone() };
    Ok(visard.with(settings))
}

fn people(visard: &Visard, photos: &[(String, PyBackedBytes)]) -> PyResult<References> {
    let mut people = References::default();
    for (name, bytes) in photos {
        let added = people.add(visard.ensemble(), bytes, &visard.settings().limits);
        added.map_err(|error| raised_of(name, &error))?;
    }
    Ok(people)
}

/// The photos among files and in folders.
#[pyfunction]
pub(crate) fn photos(paths: Vec<PathBuf>) -> PyResult<Vec<PathBuf>> {
    let listing = visard::listing::list(&paths, None).map_err(raised)?;
    Ok(listing.photos.into_iter().map(|found| found.file).collect())
}

/// The ending that a photo's name has when it is written with these options: its own where that tells the format.
#[pyfunction]
pub(crate) fn ending(name: &str, options: &str) -> PyResult<String> {
    let settings = settings(&read(options)?)?;
    let own = Path::new(name).extension().map_or_else(String::new, |own| own.to_string_lossy().into_owned());
    let format = Format::named(&own.to_lowercase());
    let written = settings.encoding().format.resolve(format.unwrap_or(Format::Jpeg));
    Ok(if format == Some(written) { own } else { written.extension().to_string() })
}

fn read(options: &str) -> PyResult<Options> {
    serde_json::from_str(options).map_err(|e| UsageError::new_err(e.to_string()))
}

fn settings(options: &Options) -> PyResult<Settings> {
    let limits = options.max_memory.map_or_else(|| Some(Limits::default()), Limits::within);
    let limits = limits.ok_or_else(|| UsageError::new_err("max_memory is not enough for any photo"))?;
    let rectangle = |&[x, y, width, height]: &[f32; 4]| Rectangle { x, y, width, height };
    Ok(Settings {
        preset: options.strength,
        seed: options.seed,
        faces: options.faces.clone(),
        others: options.others,
        boxes: options.boxes.iter().map(rectangle).collect(),
        destination: options.destination,
        max_side: options.max_side,
        encode: EncodeOptions {
            format: options.format,
            quality: options.quality,
            metadata: options.metadata,
            max_bytes: options.max_bytes,
        },
        keep_faceless: options.keep_faceless,
        limits: Limits { first_picture: options.first_picture, ..limits },
        ..Settings::default()
    })
}

fn own(own: Own) -> OwnNetwork {
    let Own { mean, std, order, layout, mirror, .. } = own;
    OwnNetwork {
        network: NewNetwork {
            crop: own.crop,
            input: Input { mean, std, order, layout, mirror },
            output: own.output,
            licence: own.licence,
            ..NewNetwork::new(own.name, own.role)
        },
        file: own.file,
        threshold: own.threshold,
    }
}
