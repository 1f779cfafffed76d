//! Which photos of two folders belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use visard::listing::list;

/// The photos of two folders.
#[derive(Debug, PartialEq)]
pub(super) struct Paired {
    /// Original and cloaked photo.
    pub(super) pairs: Vec<(PathBuf, PathBuf)>,
    /// Photos without a counterpart, and why.
    pub(super) alone: Vec<(PathBuf, String)>,
}

/// Pairs the photos below two folders by their places: those of the very same name first, then those whose names differ
/// in the ending only, where no other photo could be meant. Pictures that cannot be read are alone.
pub(super) fn paired(original: &Path, cloaked: &Path) -> Result<Paired> {
    let mut alone = vec![];
    let mut places = |folder: &Path, other: &Path| -> Result<BTreeSet<PathBuf>> {
        let listing = list(&[folder.to_path_buf()], Some(other))?;
        let pictures = listing.left_out.into_iter().filter(|left| left.picture);
        alone.extend(pictures.map(|left| (left.path, left.reason)));
        Ok(listing.photos.into_iter().map(|found| found.place).collect())
    };
    let (originals, others) = (places(original, cloaked)?, places(cloaked, original)?);
    let (matched, left, right) = matches(&originals, &others);
    for (folder, without) in [(original, left), (cloaked, right)] {
        alone.extend(without.into_iter().map(|(place, reason)| (folder.join(place), reason.to_string())));
    }
    Ok(Paired {
        pairs: matched.into_iter().map(|(a, b)| (original.join(a), cloaked.join(b))).collect(),
        alone,
    })
}

type Alone = Vec<(PathBuf, &'static str)>;

const SEVERAL: &str = "more than one photo of this name";

fn each(places: &[PathBuf], reason: &'static str) -> impl Iterator<Item = (PathBuf, &'static str)> {
    places.iter().map(move |place| (place.clone(), reason))
}

fn matches(
    originals: &BTreeSet<PathBuf>,
    cloaked: &BTreeSet<PathBuf>,
) -> (Vec<(PathBuf, PathBuf)>, Alone, Alone) {
    let mut pairs: Vec<(PathBuf, PathBuf)> =
        originals.intersection(cloaked).map(|place| (place.clone(), place.clone())).collect();
    let [left, right] = [originals.difference(cloaked), cloaked.difference(originals)].map(by_stem);
    let (mut alone, mut strangers) = (vec![], vec![]);
    for (stem, originals) in &left {
        match (&originals[..], right.get(stem).map(|found| &found[..])) {
            ([one], Some([other])) => pairs.push((one.clone(), other.clone())),
            (all, None) => alone.extend(each(all, "no cloaked photo of this name")),
            (all, Some(_)) => alone.extend(each(all, SEVERAL)),
        }
    }
    for (stem, others) in &right {
        match left.get(stem).map_or(0, Vec::len) {
            0 => strangers.extend(each(others, "no original of this name")),
            1 if others.len() == 1 => {}
            _ => strangers.extend(each(others, SEVERAL)),
        }
    }
    pairs.sort();
    (pairs, alone, strangers)
}

fn by_stem<'a>(places: impl Iterator<Item = &'a PathBuf>) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut stems: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for place in places {
        stems.entry(place.with_extension("")).or_default().push(place.clone());
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    fn reasons(alone: &Alone) -> Vec<(String, &'static str)> {
        alone.iter().map(|(path, reason)| (path.display().to_string(), *reason)).collect()
    }

    #[test]
    fn photos_of_one_stem_and_two_endings_are_each_paired_with_their_own() {
        let (pairs, alone, strangers) = matches(&set(&["a.jpg", "a.png"]), &set(&["a.jpg", "a.png"]));
        assert_eq!(pairs, ["a.jpg", "a.png"].map(|n| (n.into(), n.into())));
        assert!(alone.is_empty() && strangers.is_empty());
    }

    #[test]
    fn another_ending_is_paired_where_nothing_else_can_be_meant() {
        let (pairs, alone, strangers) = matches(&set(&["a.tif", "b/c.tif"]), &set(&["a.png", "b/c.png"]));
        assert_eq!(pairs, [("a.tif", "a.png"), ("b/c.tif", "b/c.png")].map(|(a, b)| (a.into(), b.into())));
        assert!(alone.is_empty() && strangers.is_empty());
        let (pairs, alone, strangers) = matches(&set(&["a.tif", "a.webp"]), &set(&["a.png"]));
        assert!(pairs.is_empty());
        assert_eq!(reasons(&alone), [("a.tif".into(), SEVERAL), ("a.webp".into(), SEVERAL)]);
        assert_eq!(reasons(&strangers), [("a.png".into(), SEVERAL)]);
    }

    #[test]
    fn what_has_no_counterpart_is_named_on_both_sides() {
        let (pairs, alone, strangers) = matches(&set(&["a.jpg", "b.jpg"]), &set(&["b.jpg", "c.jpg"]));
        assert_eq!(pairs, [("b.jpg".into(), "b.jpg".into())]);
        assert_eq!(reasons(&alone), [("a.jpg".into(), "no cloaked photo of this name")]);
        assert_eq!(reasons(&strangers), [("c.jpg".into(), "no original of this name")]);
    }
}
