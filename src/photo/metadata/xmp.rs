//! XMP packets: written again without what is no longer true of the photo, and without pictures.
//!
//! A packet may say that a film or a gain map lies behind the picture, tell how and from which files
//! the photo was edited, and hold thumbnails. Such properties are taken out of it; a packet that
//! cannot be taken apart is not written.

use super::pictures;

/// Prefixes of properties that are never written, as their vocabularies recommend them.
const PREFIXES: [&str; 18] = [
    "GCamera",
    "Camera",
    "MicroVideo",
    "Container",
    "GContainer",
    "Item",
    "hdrgm",
    "HDRGainMap",
    "apdi",
    "GDepth",
    "GFocus",
    "GImage",
    "GAudio",
    "xmpMM",
    "stEvt",
    "stRef",
    "xmpGImg",
    "crs",
];

/// How the names of their vocabularies begin, whatever prefix a packet gives them.
const VOCABULARIES: [&str; 13] = [
    "http://ns.google.com/photos/1.0/camera/",
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/image/",
    "http://ns.google.com/photos/1.0/audio/",
    "http://ns.google.com/photos/1.0/depthmap/",
    "http://ns.google.com/photos/1.0/focus/",
    "http://ns.google.com/photos/dd/",
    "http://ns.adobe.com/hdr-gain-map/",
    "http://ns.apple.com/",
    "http://ns.adobe.com/xap/1.0/mm/",
    "http://ns.adobe.com/xap/1.0/sType/",
    "http://ns.adobe.com/xap/1.0/g/img/",
    "http://ns.adobe.com/camera-raw-",
];

/// Single properties of other vocabularies that are never written.
const PROPERTIES: [&str; 5] = [
    "xmp:Thumbnails",
    "photoshop:History",
    "photoshop:DocumentAncestors",
    "xmpNote:HasExtendedXMP",
    "crs:RawFileName",
];

/// A packet as it may be written.
pub(super) struct Packet {
    pub(super) bytes: Vec<u8>,
    /// Whether anything was taken out.
    pub(super) dropped: bool,
}

/// Takes out of a packet what is not to be written; `None` where it is damaged or a picture is left.
pub(super) fn packet(xmp: &[u8]) -> Option<Packet> {
    let text = str::from_utf8(xmp).ok()?.trim_end_matches('\0');
    let mut writer =
        Writer { prefixes: foreign_prefixes(text), text: String::new(), inside: 0, dropped: false };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at_checked(at)?;
        writer.pass(before);
        let (tag, behind) = tag_at_start(tag)?;
        writer.tag(tag)?;
        rest = behind;
    }
    writer.pass(rest);
    (writer.inside == 0).then_some(())?;
    let bytes = upright(writer.text.as_bytes());
    let clean = !pictures::hidden_in(&bytes) && !pictures::has_endless_word(&bytes);
    clean.then_some(Packet { bytes, dropped: writer.dropped })
}

/// The prefixes by which a packet calls the vocabularies that are not written.
fn foreign_prefixes(text: &str) -> Vec<&str> {
    let declarations = text.split("xmlns:").skip(1).filter_map(|declaration| {
        let (prefix, value) = declaration.split_once('=')?;
        let address = value.trim_start().trim_start_matches(['"', '\'']);
        VOCABULARIES.iter().any(|known| address.starts_with(known)).then_some(prefix.trim())
    });
    declarations.chain(PREFIXES).collect()
}

/// Splits off a tag, from its `<` up to its `>`, which may also stand in a quoted value.
fn tag_at_start(text: &str) -> Option<(&str, &str)> {
    if text.starts_with("<!--") {
        return text.split_at_checked(text.find("-->")? + 3);
    }
    let mut quote = None;
    let end = text.char_indices().find_map(|(at, letter)| {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        None
    });
    text.split_at_checked(end? + 1)
}

struct Writer<'a> {
    prefixes: Vec<&'a str>,
    text: String,
    /// How deep the place lies inside an element that is not written, 0 for outside.
    inside: usize,
    dropped: bool,
}

impl Writer<'_> {
    fn pass(&mut self, text: &str) {
        if self.inside == 0 {
            self.text.push_str(text);
        }
    }

    /// Writes a tag without the attributes that are not to be written; `None` where it is none that
    /// a packet may have.
    fn tag(&mut self, tag: &str) -> Option<()> {
        let content = tag.strip_prefix('<')?.strip_suffix('>')?;
        if content.starts_with("!--") {
            self.dropped = true;
        } else if content.starts_with('?') {
            self.pass(tag);
        } else if content.starts_with('!') {
            return None;
        } else if content.starts_with('/') {
            self.pass(tag);
            self.inside = self.inside.saturating_sub(1);
        } else {
            let opens = !content.ends_with('/');
            let name = content.split([' ', '\t', '\r', '\n', '/']).next()?;
            if self.inside > 0 || self.is_foreign(name) {
                self.inside += usize::from(opens);
                self.dropped = true;
            } else {
                self.attributes(tag, name)?;
            }
        }
        Some(())
    }

    fn attributes(&mut self, tag: &str, name: &str) -> Option<()> {
        let (start, mut rest) = tag.split_at_checked(1 + name.len())?;
        self.text.push_str(start);
        while let Some((name, value)) = rest.split_once('=') {
            let quote = value.trim_start().chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let value_at = rest.len() - value.trim_start().len() + 1;
            let end = value_at + rest.get(value_at..)?.find(quote)? + 1;
            let (attribute, behind) = rest.split_at_checked(end)?;
            if self.is_foreign(name.trim()) {
                self.dropped = true;
            } else {
                self.text.push_str(attribute);
            }
            rest = behind;
        }
        self.text.push_str(rest);
        Some(())
    }

    fn is_foreign(&self, name: &str) -> bool {
        let (prefix, property) = name.split_once(':').unwrap_or_default();
        // A declaration goes with the properties that it is for.
        let of = if prefix == "xmlns" { property } else { prefix };
        self.prefixes.contains(&of) || PROPERTIES.contains(&name)
    }
}

/// The packet with each orientation that it states set to upright.
fn upright(xmp: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"tiff:Orientation";
    let mut xmp = xmp.to_vec();
    let mut from = 0;
    while let Some(found) = xmp.get(from..).and_then(|rest| position(rest, NAME)) {
        from += found + NAME.len();
        let value = xmp
            .get_mut(from..)
            .and_then(|rest| rest.iter_mut().find(|byte| !matches!(byte, b'=' | b'"' | b'\'' | b'>' | b' ')));
        if let Some(digit @ b'1'..=b'8') = value {
            *digit = b'1';
        }
    }
    xmp
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(xmp: &str) -> Option<String> {
        packet(xmp.as_bytes()).map(|packet| String::from_utf8(packet.bytes).unwrap())
    }

    #[test]
    fn orientation_becomes_upright_as_attribute_and_as_element() {
        assert_eq!(
            written("<a tiff:Orientation=\"6\" b='6'/>").unwrap(),
            "<a tiff:Orientation=\"1\" b='6'/>"
        );
        assert_eq!(
            written("<tiff:Orientation>8</tiff:Orientation>").unwrap(),
            "<tiff:Orientation>1</tiff:Orientation>"
        );
    }

    #[test]
    fn claims_of_films_and_gain_maps_go_and_titles_stay() {
        let xmp = "<r:D GCamera:MotionPhoto='1' dc:format='image/jpeg'><dc:title>Sea</dc:title>\
                   <Container:Directory><r:Seq><r:li Item:Mime=\"a>b\"/></r:Seq></Container:Directory></r:D>";
        assert_eq!(written(xmp).unwrap(), "<r:D dc:format='image/jpeg'><dc:title>Sea</dc:title></r:D>");
    }

    #[test]
    fn a_vocabulary_is_known_under_any_prefix() {
        let xmp = "<r:D xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/' h:Version='1.0' b='2'/>";
        assert_eq!(written(xmp).unwrap(), "<r:D b='2'/>");
    }

    #[test]
    fn history_and_thumbnails_go() {
        assert_eq!(written("<a><xmpMM:History>C:\\Anna</xmpMM:History></a>").unwrap(), "<a></a>");
        assert_eq!(written("<a><xmp:Thumbnails><b>x</b></xmp:Thumbnails>c</a>").unwrap(), "<a>c</a>");
    }

    #[test]
    fn a_picture_and_what_is_no_packet_are_not_written() {
        assert!(written("<x:y>/9j/4AAQSkZJRgABAQ</x:y>").is_none());
        assert!(written(&"A".repeat(1001)).is_none());
        assert!(written("<a b='c>").is_none());
        assert!(written("<!DOCTYPE a [<!ENTITY b 'c'>]>").is_none());
        assert!(written("<xmpMM:History>").is_none());
        assert!(written(&"a day at the sea ".repeat(100)).is_some());
    }
}
