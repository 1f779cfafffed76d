//! What is saved of a batch for other programs.

use visard::pipeline::Report;
use visard::video::ClipsReport;

use super::{Outcome, Progress, Queue};

impl Queue {
    /// The same for clips.
    pub(crate) fn clip_reports(&self, blank: &Report) -> Vec<ClipsReport> {
        let mut reports: Vec<ClipsReport> = vec![];
        let clips = self.rows.iter().filter_map(|row| Some((row.report.as_ref()?.clip()?, row.preset?)));
        for (clip, preset) in clips {
            match reports.iter_mut().find(|report| report.preset == preset) {
                Some(report) => report.clips.push(clip.clone()),
                None => {
                    let report = ClipsReport::of(Report { preset, ..blank.clone() });
                    reports.push(ClipsReport { clips: vec![clip.clone()], ..report });
                }
            }
        }
        let unfinished = self.is_unfinished();
        reports.iter_mut().for_each(|report| report.cancelled = unfinished);
        reports
    }

    fn is_unfinished(&self) -> bool {
        self.rows.iter().any(|row| row.progress != Progress::Done)
    }

    /// The reports that the command line would write for these photos: one for each strength.
    pub(crate) fn reports(&self, blank: &Report) -> Vec<Report> {
        let mut reports: Vec<Report> = vec![];
        let photos = self
            .rows
            .iter()
            .filter_map(|row| Some((row.report.as_ref().and_then(Outcome::photo)?, row.preset?)));
        for (photo, preset) in photos {
            let report = match reports.iter_mut().find(|r| r.preset == preset) {
                Some(report) => report,
                None => {
                    reports.push(Report { preset, ..blank.clone() });
                    let last = reports.len() - 1;
                    &mut reports[last]
                }
            };
            report.photos.push(photo.clone());
        }
        let unfinished = self.is_unfinished();
        reports.iter_mut().for_each(|report| report.cancelled = unfinished);
        reports
    }
}
