//! Where a batch writes.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Result};
use crate::listing::{Found, ending, film_beside, format_of, list};
use crate::names::{shown, text};
use crate::photo::{Format, OutputFormat, film};

/// One photo of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The file to read.
    pub input: PathBuf,
    /// The file to write.
    pub output: PathBuf,
}

/// The photos under `inputs` (files and folders) and their places under `output`: [`list`] and [`place`] in one.
///
/// # Errors
/// Those of the two.
pub fn jobs(inputs: &[PathBuf], output: &Path, format: OutputFormat) -> Result<Vec<Job>> {
    place(&list(inputs, Some(output))?.photos, output, format)
}

/// The places of photos under `output`.
///
/// A photo in a folder keeps its place below that folder. The ending tells the format that will be written, whatever
/// the name of the input says; where another photo has that name, the ending is added to the whole name.
///
/// # Errors
/// Where two would be written to one file (also where upper and lower case are one), or one would replace an input.
pub fn place(photos: &[Found], output: &Path, format: OutputFormat) -> Result<Vec<Job>> {
    let written: Vec<Format> = photos.iter().map(|photo| written_format(photo, format)).collect();
    let kept = photos.iter().zip(&written).filter(|(photo, written)| tells(&photo.place, **written));
    let mut taken: HashSet<String> = kept.map(|(photo, _)| one_case(&photo.place)).collect();
    let job = |(photo, written): (&Found, Format)| {
        let mut place = with_ending(&photo.place, written);
        if place != photo.place && !taken.insert(one_case(&place)) {
            place = with_added(&photo.place, written);
        }
        Job { input: photo.file.clone(), output: output.join(place) }
    };
    let jobs: Vec<Job> = photos.iter().zip(written).map(job).collect();
    refuse_clashes(&jobs)?;
    Ok(jobs)
}

/// What there is to say of the name and format of a photo with these bytes, which is `written` in a format where `wanted` was
/// asked for, and of the film that was taken with it.
pub(super) fn notes(
    input: &Path,
    bytes: &[u8],
    wanted: OutputFormat,
    written: Option<Format>,
) -> Vec<String> {
    let format = Format::of(bytes).ok();
    let other =
        format.zip(written).filter(|(format, written)| wanted == OutputFormat::Keep && format != written);
    let converted =
        |(format, written)| format!("written as {written}: {format} is read here and not written");
    let still_shows = |film: PathBuf| {
        let name = film.file_name().map(|name| shown(Path::new(name))).unwrap_or_default();
        format!("{name} beside it was taken with it and still shows the faces")
    };
    let misnamed = format.and_then(|format| misnamed(input, format));
    let film =
        film(bytes).map(|_| "the film in it is left out: `visard cloak --motion` protects it, too".into());
    let films = film.into_iter().chain(film_beside(input).map(still_shows));
    misnamed.into_iter().chain(other.map(converted)).chain(films).collect()
}

/// What is wrong with the name of a photo of a format, if anything is.
fn misnamed(path: &Path, format: Format) -> Option<String> {
    (!tells(path, format)).then(|| format!("its content is {format}, which its name does not tell"))
}

fn written_format(photo: &Found, format: OutputFormat) -> Format {
    format.resolve(format_of(&photo.file).or(named(&photo.place)).unwrap_or(Format::Jpeg))
}

/// The format that a name tells.
fn named(path: &Path) -> Option<Format> {
    Format::named(&ending(path)?)
}

/// Whether a name tells a format, without a blank at its end.
fn tells(path: &Path, format: Format) -> bool {
    let trimmed = path.extension().is_some_and(|e| !e.as_encoded_bytes().ends_with(b" "));
    trimmed && named(path) == Some(format)
}

/// The name with the ending of a format; unchanged where it has it already.
fn with_ending(path: &Path, format: Format) -> PathBuf {
    match named(path) {
        Some(_) if tells(path, format) => path.to_path_buf(),
        Some(_) => path.with_extension(format.extension()),
        None => with_added(path, format),
    }
}

fn with_added(path: &Path, format: Format) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(format.extension());
    path.with_file_name(name)
}

/// What a file system makes of a path that tells neither upper from lower case nor the ways to write one letter apart.
fn one_case(path: &Path) -> String {
    text(path).nfc().collect::<String>().to_lowercase()
}

/// Where two jobs would write one file, or one would write over an input.
pub(crate) fn refuse_clashes(jobs: &[Job]) -> Result<()> {
    let inputs: HashSet<PathBuf> = jobs.iter().filter_map(|job| job.input.canonicalize().ok()).collect();
    let mut taken: HashMap<String, &Job> = HashMap::new();
    for job in jobs {
        let output = shown(&job.output);
        if let Some(other) = taken.insert(one_case(&job.output), job) {
            let (a, b) = (shown(&other.input), shown(&job.input));
            let case =
                if other.output == job.output { "" } else { ", upper and lower case or accents apart" };
            return Err(Error::Usage(format!(
                "{a} and {b} would both be written to {output}{case}; protect them in two runs"
            )));
        }
        if job.output.canonicalize().is_ok_and(|output| inputs.contains(&output)) {
            return Err(Error::Usage(format!(
                "{output} would be written over; choose another --output folder"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0";

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    /// The outputs of a folder, below `out` in it.
    fn outputs(folder: &tempfile::TempDir, format: OutputFormat) -> Result<Vec<String>> {
        let out = folder.path().join("out");
        let jobs = jobs(&[folder.path().to_path_buf()], &out, format)?;
        Ok(jobs.iter().map(|j| j.output.strip_prefix(&out).unwrap().to_str().unwrap().into()).collect())
    }

    #[test]
    fn photos_keep_their_place_below_their_folder() {
        let names = ["b/2.JPG", "a.png", "notes.txt", ".hidden.jpg", "c.tiff", "out/old.jpg"];
        let folder = folder(&names.map(|name| (name, &b""[..])));
        assert_eq!(outputs(&folder, OutputFormat::Keep).unwrap(), ["a.png", "b/2.JPG", "c.png"]);
    }

    #[test]
    fn two_photos_for_one_output_are_refused_by_name() {
        let folder = folder(&[
            ("a/1.jpg", JPEG),
            ("b/1.jpg", JPEG),
            ("c/1.JPG", JPEG),
            ("a/\u{e9}.jpg", JPEG),
            ("b/e\u{301}.jpg", JPEG),
        ]);
        let refused = |names: [&str; 2]| {
            let inputs = names.map(|name| folder.path().join(name));
            jobs(&inputs, &folder.path().join("out"), OutputFormat::Keep).unwrap_err().to_string()
        };
        assert!(refused(["a/1.jpg", "b/1.jpg"]).contains("would both be written to"));
        let case = refused(["a/1.jpg", "c/1.JPG"]);
        assert!(refused(["a/\u{e9}.jpg", "b/e\u{301}.jpg"]).contains("or accents apart"));
        assert!(case.contains("out/1.JPG, upper and lower case or accents apart"), "{case}");
    }

    #[test]
    fn an_input_is_never_an_output() {
        let folder = folder(&[("1.jpg", JPEG)]);
        let error = jobs(&[folder.path().join("1.jpg")], folder.path(), OutputFormat::Keep).unwrap_err();
        assert!(error.to_string().contains("another --output"), "{error}");
    }

    #[test]
    fn another_format_gets_another_ending() {
        let photos = folder(&[("b.JPEG", JPEG), ("c.jpe", JPEG)]);
        assert_eq!(outputs(&photos, OutputFormat::Png).unwrap(), ["b.png", "c.png"]);
        assert_eq!(outputs(&photos, OutputFormat::Jpeg).unwrap(), ["b.JPEG", "c.jpe"]);
    }

    #[test]
    fn the_ending_tells_the_content_whatever_the_name_says() {
        let photos = folder(&[
            ("a.jpg", PNG),
            ("b.jpg", PNG),
            ("b.png", PNG),
            ("c.jpg_large", JPEG),
            ("d.jpg ", JPEG),
            ("e.2019", JPEG),
            ("f", PNG),
        ]);
        let right = ["a.png", "b.jpg.png", "b.png", "c.jpg_large.jpg", "d.jpg", "e.2019.jpg", "f.png"];
        assert_eq!(outputs(&photos, OutputFormat::Keep).unwrap(), right);
        assert_eq!(misnamed(Path::new("a.jpg"), Format::Jpeg), None);
        let wrong = "its content is PNG, which its name does not tell";
        assert_eq!(misnamed(Path::new("a.jpg"), Format::Png).as_deref(), Some(wrong));
    }
}
