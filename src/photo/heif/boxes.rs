//! Writing a box file: items, what they are like, and what they are made of.

/// An item of a file; items are called by their places, from 1 on.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// What it is: a coded picture, a grid of them, EXIF, or a text with a type of its own.
    pub(super) kind: [u8; 4],
    /// The type of a text.
    pub(super) text_type: &'static str,
    pub(super) content: Vec<u8>,
    /// Whether it is not shown by itself.
    pub(super) hidden: bool,
    /// Whole boxes that say what it is like, and whether nobody may show it who does not know them.
    pub(super) properties: Vec<(Vec<u8>, bool)>,
    /// How it refers to which others.
    pub(super) refers: Vec<([u8; 4], Vec<u16>)>,
}

/// A box of some parts.
pub(super) fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = (length as u32 + 8).to_be_bytes().to_vec();
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    bytes
}

/// A file of some items, of which the first is the main picture. There are fewer than 65,536.
pub(super) fn file(brands: [&[u8; 4]; 3], items: &[Item]) -> Vec<u8> {
    let [main, ..] = brands;
    let first = boxed(b"ftyp", &[main, &[0; 4], &brands.map(|brand| *brand).concat()]);
    let contents: Vec<&[u8]> = items.iter().map(|item| &*item.content).collect();
    // The table of places is as long with any of them.
    let start = first.len() + table(items, 0).len() + 8;
    [first, table(items, start), boxed(b"mdat", &contents)].concat()
}

/// All that is said of the items, the first of which begins at a place in the file.
fn table(items: &[Item], start: usize) -> Vec<u8> {
    let handler = boxed(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]);
    let primary = boxed(b"pitm", &[&[0; 4], &[0, 1]]);
    let (places, kinds, bonds, likeness) =
        (places(items, start), kinds(items), bonds(items), likeness(items));
    boxed(b"meta", &[&[0; 4], &handler, &primary, &places, &kinds, &bonds, &likeness])
}

fn places(items: &[Item], start: usize) -> Vec<u8> {
    // Offsets and lengths of four bytes each, and no common base.
    let mut body = vec![0, 0, 0, 0, 0x44, 0];
    body.extend((items.len() as u16).to_be_bytes());
    let mut at = start as u32;
    for (item, id) in items.iter().zip(1_u16..) {
        let length = item.content.len() as u32;
        body.extend(id.to_be_bytes());
        body.extend([0, 0, 0, 1]);
        body.extend(at.to_be_bytes());
        body.extend(length.to_be_bytes());
        at += length;
    }
    boxed(b"iloc", &[&body])
}

fn kinds(items: &[Item]) -> Vec<u8> {
    let mut body = vec![0; 4];
    body.extend((items.len() as u16).to_be_bytes());
    for (item, id) in items.iter().zip(1_u16..) {
        // Without a name; behind it the type of a text.
        let text_type =
            if item.text_type.is_empty() { vec![] } else { [item.text_type.as_bytes(), &[0]].concat() };
        let version = [2, 0, 0, u8::from(item.hidden)];
        body.extend(boxed(b"infe", &[&version, &id.to_be_bytes(), &[0; 2], &item.kind, &[0], &text_type]));
    }
    boxed(b"iinf", &[&body])
}

fn bonds(items: &[Item]) -> Vec<u8> {
    let mut body = vec![0; 4];
    for (item, id) in items.iter().zip(1_u16..) {
        for (bond, others) in &item.refers {
            let count = (others.len() as u16).to_be_bytes();
            let others: Vec<u8> = others.iter().flat_map(|other| other.to_be_bytes()).collect();
            body.extend(boxed(bond, &[&id.to_be_bytes(), &count, &others]));
        }
    }
    if body.len() > 4 { boxed(b"iref", &[&body]) } else { vec![] }
}

/// The properties, each written once, and the numbers of those that each item has.
fn likeness(items: &[Item]) -> Vec<u8> {
    let mut all: Vec<&[u8]> = Vec::new();
    let mut of = Vec::new();
    let described: Vec<_> =
        items.iter().zip(1_u16..).filter(|(item, _)| !item.properties.is_empty()).collect();
    let count = (described.len() as u32).to_be_bytes();
    for (item, id) in described {
        of.extend(id.to_be_bytes());
        of.push(item.properties.len() as u8);
        for (property, essential) in &item.properties {
            let at = all.iter().position(|other| other == property).unwrap_or_else(|| {
                all.push(property);
                all.len() - 1
            });
            of.push((at as u8 + 1) | if *essential { 0x80 } else { 0 });
        }
    }
    boxed(b"iprp", &[&boxed(b"ipco", &all), &boxed(b"ipma", &[&[0; 4], &count, &of])])
}
