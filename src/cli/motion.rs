//! The films that phones take with photos: `visard cloak --motion`.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use serde::Serialize;

use super::teller::Teller;
use super::video::tell;
use super::words::{summary, summary_of_clips};
use visard::listing::{Found, LeftOut, films};
use visard::photo::Limits;
use visard::pipeline::{Batch, Job, People, Report, Status};
use visard::video::{ClipEvent, ClipReport, ClipSettings, Clips, ClipsReport, check_ffmpeg};

/// The films of photos, with the places that they are written to.
#[derive(Default)]
pub(super) struct Films(Vec<Job>);

impl Films {
    /// The films of these photos, which are left out no more.
    pub(super) fn of(
        photos: &[Found],
        output: &Path,
        limits: &Limits,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<Self> {
        let films = films(photos, limits);
        if !films.is_empty() {
            check_ffmpeg()?;
        }
        left_out.retain(|left| films.iter().all(|film| film.file != left.path));
        Ok(Self(Clips::place(&films, output)?))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Protects the films of photos that are done: they are led away from the people in those, too.
    pub(super) fn protect(
        &self,
        batch: &Batch<'_>,
        people: &People,
        photos: Report,
        (teller, stopped): (&mut Teller, &AtomicBool),
    ) -> WithFilms {
        let Batch { ensemble, existing, journal, .. } = *batch;
        let settings = &ClipSettings::of(batch.settings);
        let clips = Clips { ensemble, settings, people, existing, journal, left_out: &[] };
        let before = photos.photos.len();
        let films = clips.run(&self.0, &mut |event| {
            tell(teller, &event, before);
            if let ClipEvent::Finished(films) = event {
                teller.grow(&WithFilms::of(photos.clone(), films));
            }
            teller.flow(stopped)
        });
        WithFilms::of(photos, &films)
    }
}

/// The report of photos and their films.
#[derive(Serialize)]
pub(super) struct WithFilms {
    #[serde(flatten)]
    photos: Report,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clips: Vec<ClipReport>,
}

impl WithFilms {
    fn of(photos: Report, films: &ClipsReport) -> Self {
        let cancelled = photos.cancelled || films.cancelled;
        Self { photos: Report { cancelled, ..photos }, clips: films.clips.clone() }
    }

    /// Whether every photo and every film is protected, and the run went to its end.
    pub(super) fn all_protected(&self) -> bool {
        let safe = |film: &ClipReport| matches!(film.status, Status::Protected | Status::Hidden);
        self.photos.all_protected() && self.clips.iter().all(safe)
    }

    /// What became of so many photos and films, in a line for each kind.
    pub(super) fn sum_up(&self, [photos, films]: [usize; 2]) {
        summary(&self.photos, photos);
        if films > 0 {
            summary_of_clips(&self.clips, films, &[], &self.photos.networks);
        }
    }
}
