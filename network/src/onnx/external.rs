//! Weights in files beside the network's: put into its bytes, so that one file says all.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::cost::{MAX_DEPTH, MAX_FILE};
use super::wire::{Content, next, write};
use crate::{Error, Result};

/// A message on the way to tensors, by the numbers of the fields that lead there.
struct Message(&'static [(u64, Inner)]);

#[derive(Clone, Copy)]
enum Inner {
    Message(&'static Message),
    Tensor,
}

static MODEL: Message = Message(&[(7, Inner::Message(&GRAPH)), (25, Inner::Message(&FUNCTION))]);
static FUNCTION: Message = Message(&[(7, Inner::Message(&NODE)), (11, Inner::Message(&ATTRIBUTE))]);
static GRAPH: Message = Message(&[(1, Inner::Message(&NODE)), (5, Inner::Tensor)]);
static NODE: Message = Message(&[(5, Inner::Message(&ATTRIBUTE))]);
static ATTRIBUTE: Message = Message(&[(5, Inner::Tensor), (6, Inner::Message(&GRAPH))]);

/// Fields of a tensor.
const NAME: u64 = 8;
const RAW_DATA: u64 = 9;
const EXTERNAL_DATA: u64 = 13;
const DATA_LOCATION: u64 = 14;

/// An ONNX file with the weights that lie in files beside it put in: the bytes of a file that says all. One without such
/// weights stays as it is.
///
/// Only files in `folder`, where the network's file lies, and below are read, whatever links there are; all together may
/// have 1 GiB.
///
/// # Errors
/// [`Error::Malformed`] where a file lies elsewhere, is shorter than it should be, or all are too large;
/// [`Error::Unreadable`] where one cannot be read.
pub fn gather<'a>(bytes: &'a [u8], folder: &Path) -> Result<Cow<'a, [u8]>> {
    if bytes.len() > MAX_FILE {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut gathering = Gathering { folder, left: MAX_FILE - bytes.len(), found: false, depth: 0 };
    let whole = gathering.message(&MODEL, bytes)?;
    Ok(if gathering.found { Cow::Owned(whole) } else { Cow::Borrowed(bytes) })
}

struct Gathering<'a> {
    folder: &'a Path,
    /// Bytes that may still be put in.
    left: usize,
    found: bool,
    /// Messages around the one that is written.
    depth: usize,
}

impl Gathering<'_> {
    /// A message with its tensors made whole; what is not sound is left to the parser.
    fn message(&mut self, message: &Message, mut bytes: &[u8]) -> Result<Vec<u8>> {
        let mut whole = Vec::with_capacity(bytes.len());
        loop {
            let rest = bytes;
            let Some((key, content)) = next(&mut bytes) else {
                whole.extend(rest);
                return Ok(whole);
            };
            let inner = message.0.iter().find(|(number, _)| *number == key >> 3);
            match (inner, content) {
                (Some(&(number, Inner::Tensor)), Content::Bytes(tensor)) => {
                    write(number, &self.tensor(tensor)?, &mut whole);
                }
                (Some(&(number, Inner::Message(message))), Content::Bytes(content))
                    if self.depth < MAX_DEPTH =>
                {
                    self.depth += 1;
                    write(number, &self.message(message, content)?, &mut whole);
                    self.depth -= 1;
                }
                _ => whole.extend(&rest[..rest.len() - bytes.len()]),
            }
        }
    }

    fn tensor<'t>(&mut self, tensor: &'t [u8]) -> Result<Cow<'t, [u8]>> {
        let (mut kept, mut name, mut settings) = (Vec::new(), "", Vec::new());
        let mut bytes = tensor;
        loop {
            let rest = bytes;
            let Some((key, content)) = next(&mut bytes) else { break };
            match (key >> 3, content) {
                (EXTERNAL_DATA, Content::Bytes(content)) => settings.push(setting(content)),
                (DATA_LOCATION, _) => {}
                (number, content) => {
                    if let (NAME, Content::Bytes(content)) = (number, content) {
                        name = std::str::from_utf8(content).unwrap_or_default();
                    }
                    kept.extend(&rest[..rest.len() - bytes.len()]);
                }
            }
        }
        if settings.is_empty() {
            return Ok(Cow::Borrowed(tensor));
        }
        self.found = true;
        write(RAW_DATA, &self.content(name, &settings)?, &mut kept);
        Ok(Cow::Owned(kept))
    }

    /// What the settings name: a `location`, and where they say so an `offset` and a `length`.
    fn content(&mut self, name: &str, settings: &[(&str, &str)]) -> Result<Vec<u8>> {
        let malformed = |reason: String| Error::Malformed(format!("tensor {name:.100?}: {reason}"));
        let text = |key| settings.iter().find(|(k, _)| *k == key).map(|(_, value)| *value);
        let number = |key| match text(key).map(str::parse::<u64>) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => Err(malformed(format!("the {key} of its data is no number"))),
        };
        let location = text("location").unwrap_or_default();
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let path = self.place(location)?.ok_or_else(|| {
            malformed(format!("its data are in {location:.100?}, which is no file in the network's folder"))
        })?;
        let unreadable = |source| Error::Unreadable { path: path.display().to_string(), source };
        let mut file = File::open(&path).map_err(unreadable)?;
        let there = file.metadata().map_err(unreadable)?.len().saturating_sub(offset);
        let length = length.unwrap_or(there);
        if length > there {
            return Err(malformed(format!("{location:.100?} ends before its data do")));
        }
        let count = usize::try_from(length).ok().filter(|&count| count <= self.left);
        let count =
            count.ok_or_else(|| malformed(format!("with its data there are more than {MAX_FILE} bytes")))?;
        self.left -= count;
        let mut data = vec![0; count];
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut data)).map_err(unreadable)?;
        Ok(data)
    }

    /// The file of a location; `None` where it leads out of the folder or to no file.
    fn place(&self, location: &str) -> Result<Option<PathBuf>> {
        let named = Path::new(location);
        let inside = named.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { self.folder };
        let path = folder.join(named);
        if !inside || !path.exists() {
            return Ok(None);
        }
        let real = |path: &Path| {
            let unreadable = |source| Error::Unreadable { path: path.display().to_string(), source };
            path.canonicalize().map_err(unreadable)
        };
        let path = real(&path)?;
        Ok((path.starts_with(real(folder)?) && path.is_file()).then_some(path))
    }
}

/// Key and value of a setting.
fn setting(mut bytes: &[u8]) -> (&str, &str) {
    let mut setting = ("", "");
    while let Some((key, content)) = next(&mut bytes) {
        let Content::Bytes(content) = content else { continue };
        let text = std::str::from_utf8(content).unwrap_or_default();
        match key >> 3 {
            1 => setting.0 = text,
            2 => setting.1 = text,
            _ => {}
        }
    }
    setting
}
