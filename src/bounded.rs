//! Files that are read whole, up to a limit.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// Where it cannot be read, or is larger.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    let claimed = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(claimed.min(limit) as usize);
    // The length that a file claims says nothing of pipes, and of what grows while it is read.
    up_to(file, limit, &mut bytes)?;
    Ok(bytes)
}

/// Reads all that is left of something, at most `limit` bytes.
fn up_to(source: impl std::io::Read, limit: u64, bytes: &mut Vec<u8>) -> Result<()> {
    source.take(limit + 1).read_to_end(bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!("the file is over the limit of {} MiB", limit >> 20);
        return Err(Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(())
}

/// Reads standard input to its end, at most `limit` bytes.
///
/// # Errors
/// Where it cannot be read, or is longer.
pub fn read_standard_input(limit: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    up_to(std::io::stdin().lock(), limit, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![7; 1 << 20]).unwrap();
        assert_eq!(read(&path, 1 << 20).unwrap(), vec![7; 1 << 20]);
        std::fs::write(&path, vec![7; (1 << 20) + 1]).unwrap();
        assert_eq!(read(&path, 1 << 20).unwrap_err().to_string(), "the file is over the limit of 1 MiB");
        #[cfg(unix)]
        assert!(read(Path::new("/dev/zero"), 10).is_err(), "a file without an end");
    }
}
