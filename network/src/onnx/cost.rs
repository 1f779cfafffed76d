//! What it would cost to read a file, counted before anything is built up from it: two bytes of a file can name an
//! empty node, which takes a hundred times as much in memory.

use super::proto;
use super::wire::{Content, next};
use crate::{Error, Result};

/// Largest file: 1 GiB.
pub(super) const MAX_FILE: usize = 1 << 30;

/// Memory for what is read of a file: so many times its length, and this much more, but never above the ceiling.
const TIMES: usize = 6;
const ALLOWANCE: usize = 1 << 26;
const CEILING: usize = 1 << 31;

/// Longest name, in bytes.
const MAX_NAME: usize = 1 << 14;

/// Deepest message within messages.
pub(super) const MAX_DEPTH: usize = 64;

/// A list that grows has up to twice the room it needs, and for a moment the old one beside it.
const GROWTH: usize = 3;

/// A message of the schema: bytes that it takes in memory, and its fields that take more.
struct Message {
    size: usize,
    fields: &'static [(u64, Field)],
}

/// What a field holds.
#[derive(Clone, Copy)]
enum Field {
    Message(&'static Message),
    Name,
    Bytes,
    /// Numbers that take so many bytes each in memory; packed ones are written as varints.
    Varints(usize),
    /// Numbers that take as many bytes in the file as in memory.
    Fixed,
}

use Field::{Bytes, Fixed, Name, Varints};

static MODEL: Message = Message {
    size: size_of::<proto::Model>(),
    fields: &[
        (2, Name),
        (3, Name),
        (7, Field::Message(&GRAPH)),
        (8, Field::Message(&OPERATOR_SET)),
        (25, Field::Message(&FUNCTION)),
    ],
};
static OPERATOR_SET: Message = Message { size: size_of::<proto::OperatorSet>(), fields: &[(1, Name)] };
static FUNCTION: Message = Message {
    size: size_of::<proto::Function>(),
    fields: &[
        (1, Name),
        (4, Name),
        (5, Name),
        (7, Field::Message(&NODE)),
        (10, Name),
        (11, Field::Message(&ATTRIBUTE)),
    ],
};
static GRAPH: Message = Message {
    size: size_of::<proto::Graph>(),
    fields: &[
        (1, Field::Message(&NODE)),
        (5, Field::Message(&TENSOR)),
        (11, Field::Message(&VALUE)),
        (12, Field::Message(&VALUE)),
    ],
};
static NODE: Message = Message {
    size: size_of::<proto::Node>(),
    fields: &[(1, Name), (2, Name), (3, Name), (4, Name), (5, Field::Message(&ATTRIBUTE)), (7, Name)],
};
static ATTRIBUTE: Message = Message {
    size: size_of::<proto::Attribute>(),
    fields: &[
        (1, Name),
        (4, Bytes),
        (5, Field::Message(&TENSOR)),
        (6, Field::Message(&GRAPH)),
        (7, Fixed),
        (8, Varints(8)),
        (21, Name),
    ],
};
static TENSOR: Message = Message {
    size: size_of::<proto::Tensor>(),
    fields: &[
        (1, Varints(8)),
        (4, Fixed),
        (5, Varints(4)),
        (7, Varints(8)),
        (8, Name),
        (9, Bytes),
        (10, Fixed),
        (11, Varints(8)),
    ],
};
static VALUE: Message =
    Message { size: size_of::<proto::ValueInfo>(), fields: &[(1, Name), (2, Field::Message(&TYPE))] };
static TYPE: Message =
    Message { size: size_of::<proto::Type>(), fields: &[(1, Field::Message(&TENSOR_TYPE))] };
static TENSOR_TYPE: Message =
    Message { size: size_of::<proto::TensorType>(), fields: &[(2, Field::Message(&SHAPE))] };
static SHAPE: Message =
    Message { size: size_of::<proto::TensorShape>(), fields: &[(1, Field::Message(&DIMENSION))] };
static DIMENSION: Message = Message { size: size_of::<proto::Dimension>(), fields: &[] };

/// Refuses a file that would take more memory than its length is worth.
///
/// # Errors
/// [`Error::Malformed`] where the file is too large, or what is in it: names, or all of it together.
pub(super) fn check(file: &[u8]) -> Result<()> {
    if file.len() > MAX_FILE {
        return Err(Error::Malformed(format!(
            "it has {} bytes, but at most {MAX_FILE} are read",
            file.len()
        )));
    }
    let most = (file.len() * TIMES + ALLOWANCE).min(CEILING);
    Count { left: most, most, depth: 0 }.message(&MODEL, file)
}

/// Counts down.
struct Count {
    left: usize,
    most: usize,
    /// Messages around the one that is counted.
    depth: usize,
}

impl Count {
    /// Counts what is in a message, as far as it is sound: what is not, the parser refuses.
    fn message(&mut self, message: &Message, mut bytes: &[u8]) -> Result<()> {
        while let Some((key, content)) = next(&mut bytes) {
            let field = message.fields.iter().find(|(number, _)| *number == key >> 3);
            match (field, content) {
                (Some((_, field)), Content::Bytes(content)) => self.field(*field, content)?,
                (Some((_, Varints(_) | Fixed)), Content::Number) => self.take(8 * GROWTH)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn field(&mut self, field: Field, content: &[u8]) -> Result<()> {
        match field {
            Field::Message(message) => {
                self.take(message.size * GROWTH)?;
                if self.depth == MAX_DEPTH {
                    return Err(Error::Malformed("its graphs are nested too deep".into()));
                }
                self.depth += 1;
                self.message(message, content)?;
                self.depth -= 1;
                Ok(())
            }
            Name if content.len() > MAX_NAME => Err(Error::Malformed(format!(
                "a name of {} bytes, but at most {MAX_NAME} are taken",
                content.len()
            ))),
            Name => self.take(size_of::<String>() * GROWTH + content.len()),
            Bytes => self.take(content.len()),
            Varints(size) => self.take(content.iter().filter(|&&byte| byte < 0x80).count() * size * GROWTH),
            Fixed => self.take(content.len() * GROWTH),
        }
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Error::Malformed(format!("it would take more than {} MiB of memory", self.most >> 20))
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that holds bytes.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut length = content.len();
        let mut bytes = vec![number << 3 | 2];
        while length > 0x7f {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        [&bytes, content].concat()
    }

    fn refusal(graph: &[u8]) -> String {
        check(&field(7, graph)).map_or_else(|e| e.to_string(), |()| "taken".into())
    }

    #[test]
    fn a_million_empty_parts_of_any_kind_are_refused() {
        for part in [field(1, &[]), field(1, &field(1, &[])), field(5, &[]), field(11, &[]), field(12, &[])] {
            assert!(refusal(&part.repeat(1 << 20)).contains("MiB of memory"), "{part:?}");
        }
        let attributes = field(5, &[]).repeat(1 << 20);
        assert!(refusal(&field(1, &attributes)).contains("MiB of memory"));
    }

    #[test]
    fn weights_may_be_as_large_as_the_file() {
        assert_eq!(refusal(&field(5, &field(9, &vec![0; 1 << 27]))), "taken");
        assert_eq!(refusal(&field(5, &field(4, &vec![0; 1 << 27]))), "taken");
    }

    #[test]
    fn small_numbers_that_become_large_ones_are_counted_in_memory() {
        // 16 million numbers of one byte each: 128 MiB, and more while the list grows.
        assert!(refusal(&field(5, &field(7, &vec![1; 1 << 24]))).contains("MiB of memory"));
        assert!(refusal(&field(5, &[7 << 3, 1].repeat(1 << 24))).contains("MiB of memory"));
    }

    #[test]
    fn a_name_has_an_end() {
        assert!(refusal(&field(1, &field(4, &vec![b'a'; 20_000]))).contains("a name of 20000 bytes"));
    }

    #[test]
    fn what_is_no_message_is_left_to_the_parser() {
        assert_eq!(refusal(&[0xff; 30]), "taken");
        assert_eq!(refusal(&[1 << 3 | 2, 200]), "taken");
    }
}
