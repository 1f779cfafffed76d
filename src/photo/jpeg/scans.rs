//! Whether the scans of a progressive picture build on each other as they should.
//!
//! Decoders go on with scans that do not, each in its own way: such a picture is refused.

use super::headers::Scan;

/// How exactly each of the 64 values of each channel is known: how many low bits are missing.
#[derive(Debug, Default)]
pub(super) struct Progress(Vec<[Option<u8>; 64]>);

impl Progress {
    /// Nothing is known yet of so many channels.
    pub(super) fn of(channels: usize) -> Self {
        Self(vec![[None; 64]; channels])
    }

    /// Notes a scan of channels given by their places in the frame; `None` where it does not follow
    /// from those before it.
    pub(super) fn note(&mut self, scan: &Scan, channels: &[usize]) -> Option<()> {
        let (first, last) = (usize::from(scan.band.0), usize::from(scan.band.1));
        let dc_or_ac = if first == 0 { last == 0 } else { first <= last && channels.len() == 1 };
        let (before, after) = (scan.bits.0, scan.bits.1);
        let begins = before == 0;
        (dc_or_ac && after <= 13 && (begins || before == after + 1)).then_some(())?;
        for &channel in channels {
            let known = self.0.get_mut(channel)?;
            // The finer values of a block are said to follow from the mean of it.
            (first == 0 || known.first()?.is_some()).then_some(())?;
            for value in known.get_mut(first..=last)? {
                (*value == (!begins).then_some(before)).then_some(())?;
                *value = Some(after);
            }
        }
        Some(())
    }

    /// Whether there is at least the mean of every block of every channel.
    pub(super) fn shows_all_channels(&self) -> bool {
        self.0.iter().all(|known| known.first().is_some_and(Option::is_some))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(band: (u8, u8), bits: (u8, u8)) -> Scan {
        Scan { channels: vec![(1, 0)], band, bits }
    }

    fn follow(scans: &[Scan]) -> Option<Progress> {
        let mut progress = Progress::of(1);
        scans.iter().try_for_each(|scan| progress.note(scan, &[0]))?;
        Some(progress)
    }

    #[test]
    fn coarse_then_fine_is_a_progression() {
        let scans =
            [scan((0, 0), (0, 1)), scan((1, 63), (0, 2)), scan((1, 63), (2, 1)), scan((0, 0), (1, 0))];
        assert!(follow(&scans).unwrap().shows_all_channels());
    }

    #[test]
    fn a_scan_twice_is_not() {
        assert!(follow(&[scan((0, 0), (0, 0)), scan((0, 0), (0, 0))]).is_none());
    }

    #[test]
    fn detail_of_what_is_not_there_is_not() {
        assert!(follow(&[scan((1, 63), (0, 0))]).is_none());
        assert!(follow(&[scan((0, 0), (0, 0)), scan((1, 63), (2, 1))]).is_none());
        assert!(follow(&[scan((0, 63), (0, 0))]).is_none());
    }
}
