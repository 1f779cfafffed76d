//! One row of the table.

use visard::photo::{EncodeOptions, MetadataPolicy, OutputFormat, traces};

use crate::make::{FORMATS, decode};

/// What must happen to a file.
#[derive(Debug)]
pub(crate) enum Must {
    /// It is an error whose message contains these words.
    Refuse(&'static str),
    /// It is read with this size, and its first pixel within 4 of this colour, if given.
    Read((usize, usize), Option<[f32; 3]>),
    /// It is read, the report says that these were removed, and nothing of the word is written.
    Remove(&'static str, &'static str),
}

/// A file and what must happen to it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) must: Must,
}

pub(crate) fn row(name: impl Into<String>, bytes: Vec<u8>, must: Must) -> Row {
    Row { name: name.into(), bytes, must }
}

impl Row {
    /// Decodes, and encodes under every policy to every format.
    pub(crate) fn check(&self) -> Result<(), String> {
        let fail = |what: String| Err(format!("{}: {what}", self.name));
        let photo = match (decode(&self.bytes), &self.must) {
            (Err(error), Must::Refuse(words)) if error.to_string().contains(words) => return Ok(()),
            (Err(error), _) => return fail(error.to_string()),
            (Ok(_), Must::Refuse(words)) => return fail(format!("read, but it should say {words:?}")),
            (Ok(photo), _) => photo,
        };
        let size = (photo.width(), photo.height());
        let first = &photo.rgb(photo.region())[..3];
        if let Must::Read(expected, colour) = self.must {
            let near = |colour: [f32; 3]| colour.iter().zip(first).all(|(a, b)| (a - b).abs() <= 4.0);
            if size != expected || !colour.is_none_or(near) {
                return fail(format!("{size:?}, first pixel {first:?}"));
            }
        }
        for format in FORMATS.into_iter().chain([OutputFormat::Keep]) {
            for metadata in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
                let options = EncodeOptions { format, metadata, ..EncodeOptions::default() };
                let encoded = match visard::photo::encode(&photo, &options) {
                    Err(error) if error.to_string().contains("transparent") => continue,
                    encoded => encoded.map_err(|error| format!("{}: {error}", self.name))?,
                };
                let found = traces(&encoded.bytes);
                if !found.is_empty() || shows_picture(&encoded.bytes) {
                    return fail(format!("{format:?} {metadata:?} still holds {found:?}"));
                }
                let written = decode(&encoded.bytes).map_err(|error| error.to_string())?;
                if (written.width(), written.height()) != size {
                    return fail(format!("{format:?} {metadata:?} has another size"));
                }
                self.check_removed(metadata, &encoded).or_else(|what| fail(format!("{format:?} {what}")))?;
            }
        }
        Ok(())
    }

    fn check_removed(&self, policy: MetadataPolicy, encoded: &visard::photo::Encoded) -> Result<(), String> {
        let Must::Remove(what, word) = self.must else { return Ok(()) };
        let said = encoded.removed.iter().any(|removed| removed.contains(what));
        // Without metadata, the whole block went, and that is what the report says.
        if !said && (policy == MetadataPolicy::Keep || encoded.removed.is_empty()) {
            return Err(format!("removed {:?}, not {what:?}", encoded.removed));
        }
        let holds = !word.is_empty() && crate::make::holds(&encoded.bytes, word);
        if holds { Err(format!("{word:?} is still there under {policy:?}")) } else { Ok(()) }
    }
}

/// Whether a second picture can be seen in a file's bytes: a search of its own, that knows nothing of formats.
fn shows_picture(bytes: &[u8]) -> bool {
    const SIGNS: [&[u8]; 13] = [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n",
        b"WEBPVP8",
        b"GIF87a",
        b"GIF89a",
        b"ftyp",
        b"moov",
        b"/9j/",
        b"iVBORw0K",
        b"UklGR",
        b"R0lGOD",
        b"ffd8ff",
        b"FFD8FF",
    ];
    let own = if bytes.starts_with(b"RIFF") { 20 } else { 8 };
    let metadata = before_pixels(bytes);
    SIGNS.iter().any(|sign| metadata[own..].windows(sign.len()).any(|window| window == *sign))
}

/// A file up to its compressed pixels, in which any bytes may occur by chance.
fn before_pixels(bytes: &[u8]) -> &[u8] {
    let marks: [&[u8]; 4] = [b"\xff\xda\0", b"IDAT", b"VP8 ", b"VP8L"];
    let found = marks.iter().filter_map(|mark| bytes.windows(mark.len()).position(|window| window == *mark));
    &bytes[..found.min().unwrap_or(bytes.len()).max(20)]
}
