//! How long the rest takes, counted in faces.

use std::collections::HashMap;

use super::{Id, Outcome, Progress, Row};

/// What is known of the work.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Faces to protect of photos that were looked at.
    expected: HashMap<Id, usize>,
    /// Faces that were worked on, and the seconds that their photos took.
    faces: f64,
    seconds: f64,
}

/// So many faces of this run tell more than all earlier runs.
const ENOUGH: f64 = 3.;

impl Pace {
    pub(super) fn expect(&mut self, id: Id, faces: usize) {
        self.expected.insert(id, faces);
    }

    pub(super) fn learn(&mut self, report: &Outcome) {
        let Some(report) = report.photo() else { return };
        let faces = report.faces.iter().filter(|face| face.steps > 0).count();
        if faces > 0 {
            self.faces += faces as f64;
            self.seconds += report.seconds;
        }
    }

    /// Earlier runs count like a few faces of this one.
    pub(super) fn seconds_left(&self, rows: &[Row], usual: Option<f64>) -> Option<f64> {
        let weight = if usual.is_some() { (ENOUGH - self.faces).max(0.) } else { 0. };
        let faces = self.faces + weight;
        let a_face = (faces > 0.).then(|| (self.seconds + weight * usual.unwrap_or(0.)) / faces)?;
        let mean = self.mean_faces(rows);
        let left = |row: &Row| {
            let share = match row.progress {
                Progress::Ordered => 1.,
                Progress::Working(share) => 1. - f64::from(share),
                _ => return 0.,
            };
            share * self.faces_of(row).unwrap_or(mean)
        };
        Some(a_face * rows.iter().map(left).sum::<f64>())
    }

    /// Faces that are to be protected, if somebody has looked.
    fn faces_of(&self, row: &Row) -> Option<f64> {
        let chosen = row.marks.as_ref().map(|marks| marks.iter().filter(|mark| mark.chosen).count());
        chosen.or(self.expected.get(&row.id).copied()).map(|faces| faces as f64)
    }

    /// What is expected of a photo that nobody has looked at: what the others have.
    fn mean_faces(&self, rows: &[Row]) -> f64 {
        let known: Vec<f64> = rows.iter().filter_map(|row| self.faces_of(row)).collect();
        if known.is_empty() { 1. } else { known.iter().sum::<f64>() / known.len() as f64 }
    }
}
