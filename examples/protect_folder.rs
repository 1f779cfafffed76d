//! Protects the photos of a folder: `cargo run --release --example protect_folder -- photos/ protected/`

use std::ops::ControlFlow;
use std::path::PathBuf;

use visard::Visard;
use visard::names::shown;
use visard::pipeline::{Batch, Event, Existing, People, jobs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [photos, output] = &arguments[..] else {
        return Err("name a folder of photos and one to write to".into());
    };
    let visard = Visard::new()?;
    let (ensemble, settings) = (visard.ensemble(), visard.settings());
    let jobs = jobs(std::slice::from_ref(photos), output, settings.encode.format)?;
    let batch = Batch { ensemble, settings, existing: Existing::Refuse, journal: None, left_out: &[] };
    let report = batch.run(&jobs, &mut People::default(), &mut |event| {
        if let Event::Started(job) = event {
            println!("{}", shown(&job.input));
        }
        ControlFlow::Continue(())
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
