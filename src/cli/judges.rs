//! What must be said of the judges before their verdict is read.

use visard::models::{Ensemble, Entry, Kind, Library, Role, Tie, Warning, warnings};

/// Says where the judges of a run are tied closely to its surrogates; and, where nobody `named` the surrogates, which of
/// those at hand take no part for that reason.
pub(super) fn of_run(ensemble: &Ensemble, library: &Library, named: bool) {
    tell(&ensemble.warnings(), "");
    if !named {
        for entry in ensemble.left_out(library) {
            eprintln!("note: {}", left_out(&entry.name));
        }
    }
}

/// Says which networks a judge should not be asked about, where it is not known what made the cloaks.
pub(super) fn of_check(ensemble: &Ensemble, library: &Library) {
    let judges: Vec<&Entry> = ensemble.judges.iter().map(|judge| &judge.entry).collect();
    let is_judge = |entry: &&Entry| judges.iter().any(|judge| judge.name == entry.name);
    let surrogates: Vec<&Entry> =
        stored(library).filter(|e| e.role == Some(Role::Surrogate) && !is_judge(e)).collect();
    tell(&warnings(&judges, &surrogates), "if the surrogates at hand made these cloaks: ");
}

/// Tells of close ties; the others stand in the report and in the list of networks.
fn tell(warnings: &[Warning], condition: &str) {
    for Warning { text, .. } in warnings.iter().filter(|warning| warning.tie.is_close()) {
        eprintln!("note: {condition}{text}");
    }
}

/// Why a surrogate takes no part.
pub(super) fn left_out(name: &str) -> String {
    format!(
        "{name} is at hand but makes no cloaks: no judge would be left that has not learned from it, or it from them, or \
         both from one network; --models takes it by name, and --judges lets it judge"
    )
}

/// What of a network at hand weakens which verdict, for the list; empty where nothing does.
pub(super) fn ties(entry: &Entry, library: &Library) -> String {
    let embeds = entry.kind == Kind::Embedder;
    let judges = stored(library).filter(|e| embeds && e.role == Some(Role::Judge) && e.name != entry.name);
    let tied = judges.filter_map(|judge| {
        let said = match Tie::between(judge, entry)? {
            Tie::Teacher => "teacher of",
            Tie::Student => "student of",
            Tie::SameTeacher => "same teacher as",
            Tie::SamePhotos => "same photos as",
        };
        Some(format!("{said} {}", judge.name))
    });
    tied.collect::<Vec<_>>().join(", ")
}

fn stored(library: &Library) -> impl Iterator<Item = &Entry> {
    library.stored.iter().map(|s| &s.entry).filter(|e| e.kind == Kind::Embedder)
}
