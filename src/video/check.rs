//! What judges say of a clip that was written: of its frames, decoded anew, beside the original's.

use std::ops::ControlFlow;

use super::clip::Clip;
use super::followed::Followed;
use super::reader::Reader;
use super::track::{Late, Track};
use crate::embed::similarity;
use crate::error::{Error, Result};
use crate::face::Face;
use crate::models::{Ensemble, Recogniser, Role};
use crate::photo::Photo;
use crate::verify::{KnownFaces, Opinion, embedding, verify};

/// Every so many frames the judges are asked about every face at its place, in the first and last of each track, and in all
/// frames after one in which a judge came near to recognising it.
const JUDGED: usize = 3;
/// Every so many frames faces are sought in the written clip, too, wherever they are.
const SEARCHED: usize = 10;
/// What is nearer than this to a judge's verdict is near.
const NEAR: f32 = 0.1;

/// What was found out about a written clip.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Why it does not show the same clip.
    pub(super) other_clip: Option<String>,
    /// One for each followed face; empty where it was left as it is.
    pub(super) tracks: Vec<Judged>,
    /// Faces that no track knows, by their frames.
    pub(super) late: Late,
    /// Frames in which a judge was asked.
    pub(super) judged: usize,
    /// Frames in which faces were sought.
    pub(super) searched: usize,
}

/// What judges say of a track.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    /// Of each frame that was judged, one opinion for each judge.
    pub(super) frames: Vec<(usize, Vec<Opinion>)>,
    /// Sums of the embeddings of original and written face, for each judge.
    sums: Vec<[Vec<f32>; 2]>,
}

impl Judged {
    /// What judges say of the mean of all frames: a search that averages sees that.
    pub(super) fn mean(&self, judges: &[Recogniser]) -> Vec<Opinion> {
        let of = |(judge, [before, after]): (&Recogniser, &[Vec<f32>; 2])| {
            opinion(judge, similarity(before, after))
        };
        judges.iter().zip(&self.sums).map(of).collect()
    }

    /// Whether a judge was asked, and none recognises any frame or the mean.
    pub(super) fn is_protected(&self, judges: &[Recogniser]) -> bool {
        let mean = self.mean(judges);
        !self.frames.is_empty()
            && !mean.is_empty()
            && !mean.iter().any(Opinion::recognises)
            && !self.frames.iter().any(|(_, opinions)| opinions.iter().any(Opinion::recognises))
    }

    /// The frame in which a judge comes nearest to recognising the face, or is furthest above that.
    pub(super) fn worst(&self) -> Option<&(usize, Vec<Opinion>)> {
        self.frames.iter().max_by(|a, b| margin(&a.1).total_cmp(&margin(&b.1)))
    }

    /// The frames in which a judge recognises the face, the worst first.
    pub(super) fn recognised(&self) -> Vec<usize> {
        let mut frames: Vec<_> =
            self.frames.iter().filter(|(_, all)| all.iter().any(Opinion::recognises)).collect();
        frames.sort_by(|a, b| margin(&b.1).total_cmp(&margin(&a.1)));
        frames.iter().map(|(frame, _)| *frame).collect()
    }

    fn add(&mut self, before: &[Option<Vec<f32>>], after: &[Option<Vec<f32>>]) {
        for (i, (before, after)) in before.iter().zip(after).enumerate() {
            let Some((before, after)) = before.as_ref().zip(after.as_ref()) else { continue };
            if self.sums.len() <= i {
                self.sums.resize(i + 1, [vec![], vec![]]);
            }
            for (sum, row) in self.sums[i].iter_mut().zip([before, after]) {
                sum.resize(row.len(), 0.);
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

/// How far the nearest judge is above its verdict; what is no number is furthest.
fn margin(opinions: &[Opinion]) -> f32 {
    let of = |o: &Opinion| if o.similarity.is_nan() { f32::INFINITY } else { o.similarity - o.threshold };
    opinions.iter().map(of).fold(f32::NEG_INFINITY, f32::max)
}

fn opinion(judge: &Recogniser, similarity: f32) -> Opinion {
    Opinion { network: judge.entry.name.clone(), role: Role::Judge, similarity, threshold: judge.threshold }
}

/// Judges a written clip. `hook` is told of each frame and may break off.
pub(super) fn check(
    original: &Clip,
    written: &Clip,
    faces: &[Followed],
    ensemble: &Ensemble,
    hook: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Findings> {
    let mut findings = Findings { tracks: vec![Judged::default(); faces.len()], ..Findings::default() };
    if let Some(why) = difference(original, written) {
        return Ok(Findings { other_clip: Some(why), ..findings });
    }
    let (mut before, mut after) = (Reader::of(original)?, Reader::of(written)?);
    let mut near = vec![false; faces.len()];
    let mut number = 0;
    while let (Some(old), Some(new)) = (before.next()?, after.next()?) {
        let there: Vec<usize> =
            (0..faces.len()).filter(|&i| faces[i].track().face(number).is_some()).collect();
        let asked = there.iter().copied().filter(|&i| is_asked(&faces[i], number, near[i]));
        let asked: Vec<usize> = asked.collect();
        // Between the frames in which the tracks were sought.
        let search = number % SEARCHED == SEARCHED / 2 || number + 1 == original.times.len();
        if search || !asked.is_empty() {
            let photos = [old.photo(&original.colour)?, new.photo(&written.colour)?];
            for &i in &asked {
                let opinions = judge(&photos, faces[i].track(), number, ensemble, &mut findings.tracks[i])?;
                near[i] = margin(&opinions) > -NEAR;
                findings.tracks[i].frames.push((number, opinions));
            }
            findings.judged += usize::from(!asked.is_empty());
            if search {
                self::search(&photos, (faces, &there), number, ensemble, &mut findings)?;
            }
        }
        number += 1;
        if hook(number).is_break() {
            return Err(Error::Cancelled);
        }
    }
    Ok(findings)
}

/// Whether the judges are asked about a face in a frame that it is in; `near`: they came near to recognising it in the last.
fn is_asked(face: &Followed, number: usize, near: bool) -> bool {
    let track = face.track();
    let at_end = number == track.first || number + 1 == track.end();
    !face.is_left() && (near || at_end || number.is_multiple_of(JUDGED))
}

/// Why two clips are not the same one, as far as their sizes and times tell.
fn difference(original: &Clip, written: &Clip) -> Option<String> {
    let tick = 2_000_000 / u64::from(original.ticks) + 1;
    let late = original.times.iter().zip(&written.times).any(|(a, b)| a.abs_diff(*b) > tick);
    match original.times.len() == written.times.len() {
        _ if original.size != written.size => Some("the written clip has another size".into()),
        false => Some("the written clip has another number of frames".into()),
        true if late => Some("the written clip shows its frames at other times".into()),
        true => None,
    }
}

/// What each judge says of a face at its place.
fn judge(
    [old, new]: &[Photo; 2],
    track: &Track,
    number: usize,
    ensemble: &Ensemble,
    judged: &mut Judged,
) -> Result<Vec<Opinion>> {
    let Some(face) = track.face(number) else { return Ok(vec![]) };
    let rows = |photo: &Photo| -> Result<Vec<Option<Vec<f32>>>> {
        ensemble.judges.iter().map(|judge| Ok(embedding(judge, photo, face)?)).collect()
    };
    let (before, after) = (rows(old)?, rows(new)?);
    judged.add(&before, &after);
    let alike = before.iter().zip(&after).map(|pair| match pair {
        (Some(before), Some(after)) => similarity(before, after),
        _ => f32::NAN,
    });
    Ok(ensemble.judges.iter().zip(alike).map(|(judge, alike)| opinion(judge, alike)).collect())
}

/// Seeks faces in a written frame, as the check of a photo does. `there`: which of the followed faces are in it.
fn search(
    [old, new]: &[Photo; 2],
    (faces, there): (&[Followed], &[usize]),
    number: usize,
    ensemble: &Ensemble,
    findings: &mut Findings,
) -> Result<()> {
    let which = |wanted: fn(&Followed) -> bool| -> Vec<usize> {
        there.iter().copied().filter(|&i| wanted(&faces[i])).collect()
    };
    let [chosen, hidden, left] =
        [which(|f| f.keyed().is_some()), which(|f| f.hiding().is_some()), which(Followed::is_left)];
    let at = |which: &[usize]| -> Vec<Face> {
        which.iter().filter_map(|&i| faces[i].track().face(number).copied()).collect()
    };
    let judges: Vec<(Role, &Recogniser)> = ensemble.judges.iter().map(|judge| (Role::Judge, judge)).collect();
    let known = KnownFaces { chosen: &at(&chosen), hidden: &at(&hidden), left: &at(&left) };
    let found = verify(old, known, new, &ensemble.detector, &judges)?;
    findings.searched += 1;
    if let Some(why) = found.other_photo {
        findings.other_clip.get_or_insert(format!("frame {number}: {why}"));
    }
    for (i, verdict) in chosen.into_iter().chain(hidden).zip(found.verdicts) {
        findings.tracks[i].frames.push((number, verdict.opinions));
    }
    let all = at(there);
    let is_part = |face: &Face| all.iter().any(|whole| face.is_part_of(whole));
    let late: Vec<Face> = found.unknown.into_iter().filter(|face| !is_part(face)).collect();
    if !late.is_empty() {
        findings.late.insert(number, late);
    }
    Ok(())
}
