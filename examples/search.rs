//! Who in a folder would be found by a photo: `cargo run --release --example search -- pictures/ photo.jpg`

use std::ops::ControlFlow;
use std::path::PathBuf;

use visard::Visard;
use visard::embed::Embeddings;
use visard::search::{Index, threshold};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, photo] = &arguments[..] else { return Err("name a folder and a photo".into()) };
    let visard = Visard::new()?;
    let judge = &visard.ensemble().judges[0];
    let mut index = Index::new(&visard.networks());
    index.update(std::slice::from_ref(folder), &visard.networks(), &mut |_, _| ControlFlow::Continue(()))?;
    let threshold = threshold(&judge.entry, index.faces());
    for seen in visard.embed(&std::fs::read(photo)?, &judge.entry.name)? {
        let query = Embeddings::from_values(seen.embedding.len(), seen.embedding).unwrap_or_default();
        for found in index.nearest(0, &query, 5).concat() {
            let same = if found.similarity >= threshold { "the same person" } else { "a stranger" };
            println!("{:.3} {same}: {}", found.similarity, found.photo.display());
        }
    }
    Ok(())
}
