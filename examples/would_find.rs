//! Would a search of a folder find the person: with the original, and with the protected photo?
//! `cargo run --release --example would_find -- pictures/ originals/ protected/`
//!
//! One line for each face and side: the photo, the answer, the most similar face's photo, its similarity and the
//! similarity from which on a search of this folder finds somebody.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use visard::Visard;
use visard::listing::photos;
use visard::search::{Hit, Index};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [gallery, originals, protected] = &arguments[..] else { return Err("name three folders".into()) };
    let visard = Visard::new()?;
    let networks = visard.networks();
    let mut index = Index::new(&networks);
    index.update(std::slice::from_ref(gallery), &networks, &mut |_, _| ControlFlow::Continue(()))?;
    for original in photos(originals, None)? {
        let other = protected.join(original.strip_prefix(originals)?);
        for compared in index.compare(&original, &other, &networks)? {
            print("original", &original, compared.before.as_ref());
            print("protected", &original, compared.after.as_ref());
        }
    }
    Ok(())
}

fn print(side: &str, photo: &Path, hit: Option<&Hit>) {
    match hit {
        Some(Hit { photo: nearest, similarity, threshold, answer, .. }) => {
            let (photo, nearest) = (photo.display(), nearest.display());
            println!("{side}\t{photo}\t{answer:?}\t{nearest}\t{similarity:.3}\t{threshold:.3}");
        }
        None => println!("{side}\t{}\tnobody", photo.display()),
    }
}
