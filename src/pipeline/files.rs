//! Which files a batch reads, and where it writes.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Error, Result, file_error};
use crate::photo::{Format, OutputFormat};

/// Writes a file, and the folder that it is in; the file appears whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".visard-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|e| e.error)
}

/// Endings of files that are taken from folders.
const ENDINGS: [&str; 9] = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "heic"];

/// One photo of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The file to read.
    pub input: PathBuf,
    /// The file to write.
    pub output: PathBuf,
}

/// The photos under `inputs` (files and folders) and their places under `output`.
///
/// A photo in a folder keeps its place below that folder. The ending follows the format that will
/// be written.
///
/// # Errors
/// Where an input does not exist, two would be written to one file, or one would replace an input.
pub fn jobs(inputs: &[PathBuf], output: &Path, format: OutputFormat) -> Result<Vec<Job>> {
    let job =
        |(input, place): (PathBuf, PathBuf)| Job { input, output: output.join(with_ending(&place, format)) };
    let jobs = placed(inputs, output)?.into_iter().map(job).collect::<Vec<_>>();
    refuse_clashes(&jobs)?;
    Ok(jobs)
}

/// The photos under `inputs` (files and folders) that are not under `output`.
///
/// # Errors
/// Where an input does not exist.
pub fn inputs(inputs: &[PathBuf], output: &Path) -> Result<Vec<PathBuf>> {
    Ok(placed(inputs, output)?.into_iter().map(|(input, _)| input).collect())
}

/// Photos, each with its place below the folder that was given.
fn placed(inputs: &[PathBuf], output: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut placed = vec![];
    for input in inputs {
        if input.is_dir() {
            for file in photos(input, Some(output))? {
                let place = file.strip_prefix(input).unwrap_or(&file).to_path_buf();
                placed.push((file, place));
            }
        } else if input.is_file() {
            placed.push((input.clone(), PathBuf::from(input.file_name().unwrap_or_default())));
        } else {
            return Err(Error::Usage(format!("{}: no such file or folder", input.display())));
        }
    }
    Ok(placed)
}

/// All photo files below a folder, sorted; links are not followed, nor is the output folder entered.
///
/// # Errors
/// Where a folder cannot be read.
pub fn photos(folder: &Path, output: Option<&Path>) -> Result<Vec<PathBuf>> {
    let mut found = vec![];
    let entries = std::fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    for entry in entries {
        let entry = entry.map_err(|e| file_error(folder, e))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(|e| file_error(folder, e))?);
        if kind.is_dir() && !output.is_some_and(|output| same(&path, output)) {
            found.extend(photos(&path, output)?);
        } else if kind.is_file() && is_photo(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_photo(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    !hidden && ending.is_some_and(|e| ENDINGS.contains(&e.as_str()))
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// The name with the ending of the format that will be written; unchanged where that fits already.
fn with_ending(path: &Path, format: OutputFormat) -> PathBuf {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let input = match ending.as_str() {
        "png" => Format::Png,
        "webp" => Format::WebP,
        "tif" | "tiff" => Format::Tiff,
        _ => Format::Jpeg,
    };
    let output = format.resolve(input);
    if output == input { path.to_path_buf() } else { path.with_extension(output.extension()) }
}

fn refuse_clashes(jobs: &[Job]) -> Result<()> {
    let inputs: HashSet<PathBuf> = jobs.iter().filter_map(|job| job.input.canonicalize().ok()).collect();
    let mut taken: HashMap<&Path, &Path> = HashMap::new();
    for job in jobs {
        if let Some(other) = taken.insert(&job.output, &job.input) {
            let (a, b) = (other.display(), job.input.display());
            return Err(Error::Usage(format!(
                "{a} and {b} would both be written to {}; protect them in two runs",
                job.output.display()
            )));
        }
        if job.output.canonicalize().is_ok_and(|output| inputs.contains(&output)) {
            return Err(Error::Usage(format!(
                "{} would be written over; choose another --output folder",
                job.output.display()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"").unwrap();
    }

    #[test]
    fn photos_keep_their_place_below_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/2.JPG", "a.png", "notes.txt", ".hidden.jpg", "c.tiff", "out/old.jpg"] {
            touch(&folder.path().join(name));
        }
        let out = folder.path().join("out");
        let jobs = jobs(&[folder.path().to_path_buf()], &out, OutputFormat::Keep).unwrap();
        let outputs: Vec<_> =
            jobs.iter().map(|j| j.output.strip_prefix(&out).unwrap().to_path_buf()).collect();
        assert_eq!(outputs, ["a.png", "b/2.JPG", "c.png"].map(PathBuf::from));
    }

    #[test]
    fn two_photos_for_one_output_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let inputs = ["a/1.jpg", "b/1.jpg"].map(|n| folder.path().join(n));
        inputs.iter().for_each(|p| touch(p));
        let error = jobs(&inputs, &folder.path().join("out"), OutputFormat::Keep).unwrap_err().to_string();
        assert!(error.contains("would both be written"), "{error}");
    }

    #[test]
    fn an_input_is_never_an_output() {
        let folder = tempfile::tempdir().unwrap();
        touch(&folder.path().join("1.jpg"));
        let error = jobs(&[folder.path().join("1.jpg")], folder.path(), OutputFormat::Keep).unwrap_err();
        assert!(error.to_string().contains("another --output"), "{error}");
    }

    #[test]
    fn another_format_gets_another_ending() {
        assert_eq!(with_ending(Path::new("a/b.JPEG"), OutputFormat::Png), Path::new("a/b.png"));
        assert_eq!(with_ending(Path::new("a/b.JPEG"), OutputFormat::Jpeg), Path::new("a/b.JPEG"));
    }
}
