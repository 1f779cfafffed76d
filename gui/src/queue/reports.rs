//! What is saved of a batch for other programs.

use visard::pipeline::Report;

use super::{Progress, Queue};

impl Queue {
    /// The reports that the command line would write for these photos: one for each strength.
    pub(crate) fn reports(&self, blank: &Report) -> Vec<Report> {
        let mut reports: Vec<Report> = vec![];
        for (photo, preset) in self.rows.iter().filter_map(|row| Some((row.report.as_ref()?, row.preset?))) {
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
        let unfinished = self.rows.iter().any(|row| row.progress != Progress::Done);
        reports.iter_mut().for_each(|report| report.cancelled = unfinished);
        reports
    }
}
