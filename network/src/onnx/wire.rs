//! Protobuf as it lies in a file: fields one after the other.

/// The content of a field.
pub(super) enum Content<'a> {
    /// Of a fixed length, or a varint.
    Number,
    Bytes(&'a [u8]),
}

/// The key and the content of the next field; `None` at the end, or where this is no field.
pub(super) fn next<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Content<'a>)> {
    let key = varint(bytes)?;
    let content = match key & 7 {
        0 => varint(bytes).map(|_| Content::Number)?,
        1 => bytes.split_off(..8).map(|_| Content::Number)?,
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            Content::Bytes(bytes.split_off(..length)?)
        }
        5 => bytes.split_off(..4).map(|_| Content::Number)?,
        _ => return None,
    };
    Some((key, content))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A field that holds bytes.
pub(super) fn write(number: u64, content: &[u8], to: &mut Vec<u8>) {
    for mut value in [number << 3 | 2, content.len() as u64] {
        while value > 0x7f {
            to.push(value as u8 | 0x80);
            value >>= 7;
        }
        to.push(value as u8);
    }
    to.extend(content);
}
