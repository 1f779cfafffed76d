//! What the channels of a picture mean, by the rules that libjpeg goes by.

use super::headers::Frame;

/// The second byte of the marker before Adobe's segment.
const ADOBE: u8 = 0xee;

/// What the segments before the picture say about its channels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hints {
    /// Whether there is a JFIF header, which is for grey and YCbCr only.
    pub(super) jfif: bool,
    /// The transform of Adobe's segment.
    pub(super) adobe: Option<u8>,
}

impl Hints {
    /// Notes what a segment says.
    pub(super) fn note(&mut self, marker: u8, content: &[u8]) {
        match (marker, content) {
            (0xe0, [b'J', b'F', b'I', b'F', 0, ..]) => self.jfif = true,
            (ADOBE, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => {
                self.adobe = Some(*transform);
            }
            _ => {}
        }
    }

    /// The transform that Adobe's segment ought to have: 0 for channels that are stored as they
    /// are, 1 for YCbCr, 2 for inks of which three are stored as YCbCr.
    pub(super) fn transform(self, frame: &Frame) -> u8 {
        let ids = || frame.components.iter().map(|component| component.id);
        match (frame.components.len(), self.adobe) {
            (4, None | Some(0)) => 0,
            (4, Some(_)) => 2,
            (3, _) if self.jfif => 1,
            (3, Some(0)) => 0,
            (3, None) if ids().eq(*b"RGB") => 0,
            _ => 1,
        }
    }
}

/// A segment of Adobe's that says nothing but a transform.
pub(super) fn segment(transform: u8) -> Vec<u8> {
    [b"\xff\xee\0\x0eAdobe\0d\0\0\0\0", &[transform][..]].concat()
}
