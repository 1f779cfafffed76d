//! The index on disk.
//!
//! | bytes | what |
//! |---|---|
//! | 13 | `visard index\n` |
//! | 4 | version of the format, little-endian |
//! | 8 | length of the header, little-endian |
//! | length | header: JSON with the networks, their SHA-256 and inputs, the photos, and the shape of each block |
//! | rest | for each judge, one row of little-endian `f32` for each face |
//! | 32 | SHA-256 of all before |

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::index::{Fingerprint, Index, IndexedPhoto, Networks};
use crate::embed::Embeddings;
use crate::error::{Error, Result};
use crate::whole::{Rights, Unplaced};

const MAGIC: &[u8; 13] = b"visard index\n";
const VERSION: u32 = 2;
/// Numbers that are converted at a time.
const CHUNK: usize = 1 << 14;

#[derive(Serialize, Deserialize)]
struct Header {
    networks: Vec<Fingerprint>,
    photos: Vec<IndexedPhoto>,
    /// Rows and numbers in a row, for each judge.
    blocks: Vec<[usize; 2]>,
}

impl Index {
    /// The index in a file, or an empty one where there is none that can be used.
    ///
    /// # Returns
    /// The index, and why the file could not be used where there is one: it is damaged, or was made
    /// by other networks or another version.
    pub fn open(path: &Path, networks: &Networks<'_>) -> (Self, Option<String>) {
        if !path.exists() {
            return (Self::new(networks), None);
        }
        let read = |file: File| {
            let length = file.metadata().map_err(|e| e.to_string())?.len();
            Self::read(BufReader::new(file), length)
        };
        match File::open(path).map_err(|e| e.to_string()).and_then(read) {
            Ok(index) if index.fits(networks) => (index, None),
            Ok(_) => (Self::new(networks), Some("it was made with other networks".into())),
            Err(reason) => (Self::new(networks), Some(reason)),
        }
    }

    /// Reads an index; `length` is the number of bytes that `file` has.
    ///
    /// The memory that it takes stays within a few times `length`, whatever the file claims.
    ///
    /// # Errors
    /// In words, where it is no index, is damaged, or was made by another version.
    pub fn read(file: impl Read, length: u64) -> std::result::Result<Self, String> {
        load(Summing { inner: file, sum: Sha256::new() }, length)
    }

    /// Whether there is something else than an index in a place: a photo, say, which no index may replace.
    pub fn is_foreign(path: &Path) -> bool {
        let mut magic = vec![];
        let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut magic));
        path.exists() && (read.is_err() || magic != MAGIC)
    }

    /// Writes the index; the file appears whole or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        self.write(path).map_err(|e| Error::file(path, e))
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        // It tells who is in whose photos.
        Unplaced::with(path, Rights::PRIVATE, |file| self.write_to(file))?.replace()
    }

    fn write_to(&self, file: impl Write) -> std::io::Result<()> {
        let mut file = Summing { inner: file, sum: Sha256::new() };
        let header = serde_json::to_vec(&Header {
            networks: self.made_with.clone(),
            photos: self.photos.clone(),
            blocks: self.embeddings.iter().map(|e| [e.len(), e.dimension()]).collect(),
        })?;
        file.write_all(MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        for values in self.embeddings.iter().flat_map(|e| e.values().chunks(CHUNK)) {
            file.write_all(&values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())?;
        }
        let sum = file.sum.finalize();
        file.inner.write_all(&sum)
    }
}

/// Passes bytes on and sums them up.
struct Summing<T> {
    inner: T,
    sum: Sha256,
}

impl<T: Write> Summing<T> {
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.sum.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<T: Read> Summing<T> {
    fn take(&mut self, count: usize) -> std::result::Result<Vec<u8>, String> {
        let mut bytes = vec![0; count];
        self.inner.read_exact(&mut bytes).map_err(|_| "it ends too early".to_string())?;
        self.sum.update(&bytes);
        Ok(bytes)
    }

    fn number(&mut self, count: usize) -> std::result::Result<u64, String> {
        Ok(self.take(count)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }
}

fn load(mut file: Summing<impl Read>, length: u64) -> std::result::Result<Index, String> {
    if file.take(MAGIC.len())? != MAGIC {
        return Err("it is not an index".into());
    }
    let version = file.number(4)?;
    if version != u64::from(VERSION) {
        return Err(format!("it has version {version} of the format, this visard writes {VERSION}"));
    }
    let size = file.number(8)?;
    // Nothing is reserved that the file cannot fill.
    if size > length {
        return Err("it ends too early".into());
    }
    let header: Header = serde_json::from_slice(&file.take(size as usize)?).map_err(|e| e.to_string())?;
    let numbers = |[rows, dimension]: [usize; 2]| rows.checked_mul(dimension)?.checked_mul(4);
    let claimed = header.blocks.iter().try_fold(0usize, |sum, b| sum.checked_add(numbers(*b)?));
    if claimed.is_none_or(|claimed| claimed as u64 > length) {
        return Err("it ends too early".into());
    }
    let faces: usize = header.photos.iter().map(|p| p.faces.len()).sum();
    let fits = |&[rows, dimension]: &[usize; 2]| rows == faces && (dimension > 0 || rows == 0);
    if !header.blocks.iter().all(fits) || header.blocks.len() + 1 != header.networks.len() {
        return Err("its parts do not fit together".into());
    }
    let embeddings =
        header.blocks.iter().map(|b| block(&mut file, *b)).collect::<std::result::Result<_, _>>()?;
    let sum = file.sum.clone().finalize();
    if file.take(sum.len())? != sum[..] {
        return Err("its check sum is wrong".into());
    }
    Ok(Index { made_with: header.networks, photos: header.photos, embeddings })
}

fn block(
    file: &mut Summing<impl Read>,
    [rows, dimension]: [usize; 2],
) -> std::result::Result<Embeddings, String> {
    let count = rows * dimension;
    let mut values = Vec::with_capacity(count);
    while values.len() < count {
        let bytes = file.take(4 * CHUNK.min(count - values.len()))?;
        values.extend(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)));
    }
    Embeddings::from_values(dimension, values).ok_or("its parts do not fit together".to_string())
}
