//! Paths as users name them: in lists, and by patterns where no shell did.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::names::os_string;

/// The paths of a list: one in each line, or where it holds a NUL, one before each of them, as `find -print0` writes.
pub fn paths_of(list: &[u8]) -> Vec<PathBuf> {
    let end = if list.contains(&0) { 0 } else { b'\n' };
    let line = |line: &[u8]| {
        if end == 0 { line.to_vec() } else { line.strip_suffix(b"\r").unwrap_or(line).to_vec() }
    };
    let lines = list.split(|&byte| byte == end).map(line).filter(|line| !line.is_empty());
    lines.map(|line| os_string(line).into()).collect()
}

/// The paths with each pattern replaced by what fits it, sorted. Shells of Unix do that themselves, those of Windows do not; a path
/// that is there is no pattern.
///
/// # Errors
/// Where a pattern is wrong, or nothing fits it.
pub(super) fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut expanded = vec![];
    for path in paths {
        match path.to_str().filter(|pattern| pattern.contains(['*', '?', '[']) && !path.exists()) {
            Some(pattern) => expanded.extend(fitting(pattern)?),
            None => expanded.push(path.clone()),
        }
    }
    Ok(expanded)
}

fn fitting(pattern: &str) -> Result<Vec<PathBuf>> {
    let options = glob::MatchOptions {
        case_sensitive: !cfg!(windows),
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let wrong = |why: String| Error::Usage(format!("{pattern}: {why}"));
    let found = glob::glob_with(pattern, options).map_err(|error| wrong(error.to_string()))?;
    let found: Vec<PathBuf> =
        found.collect::<std::result::Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() { Err(wrong("no such file or folder".into())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_lines_or_nuls() {
        let paths = |list: &[u8]| -> Vec<String> {
            paths_of(list).iter().map(|path| path.to_str().unwrap().into()).collect()
        };
        assert_eq!(paths(b"a.jpg\nb c.jpg\r\n\nd"), ["a.jpg", "b c.jpg", "d"]);
        assert_eq!(paths(b"a\nb.jpg\0c.jpg\0"), ["a\nb.jpg", "c.jpg"]);
        assert_eq!(paths(b""), Vec::<String>::new());
    }

    #[test]
    fn a_pattern_is_what_fits_it_and_a_file_of_that_name_is_itself() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.jpg", "a.jpg", "c.png", ".d.jpg", "[1].jpg"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let names = |pattern: &str| {
            let paths = expanded(&[folder.path().join(pattern)])?;
            Ok::<_, Error>(
                paths
                    .iter()
                    .map(|p| p.file_name().unwrap().to_str().unwrap().into())
                    .collect::<Vec<String>>(),
            )
        };
        assert_eq!(names("*.jpg").unwrap(), ["[1].jpg", "a.jpg", "b.jpg"]);
        assert_eq!(names("[1].jpg").unwrap(), ["[1].jpg"]);
        assert_eq!(names("not-there.jpg").unwrap(), ["not-there.jpg"], "what is wrong with it is said later");
        assert!(names("*.gif").unwrap_err().to_string().ends_with("*.gif: no such file or folder"));
    }
}
