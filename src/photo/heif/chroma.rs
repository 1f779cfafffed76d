//! Colour that is coarser than brightness, drawn out to its size.

/// A plane drawn out twofold across and, where `down` says so, down: each new sample lies a quarter of an old one beside it
/// and takes three quarters of that and a quarter of the next.
///
/// This is what libavif and browsers do: the samples of colour lie in the middle of those of brightness.
pub(super) fn drawn_out(plane: &[u16], width: usize, down: bool) -> Vec<u16> {
    if width == 0 {
        return vec![];
    }
    let rows: Vec<&[u16]> = plane.chunks_exact(width).collect();
    let mut larger = Vec::with_capacity(plane.len() * 4);
    for (y, row) in rows.iter().enumerate() {
        let beside = |at: usize| if down { *rows.get(at).unwrap_or(row) } else { row };
        let above_and_below = [beside(y.wrapping_sub(1)), beside(y + 1)];
        for other in above_and_below.into_iter().take(if down { 2 } else { 1 }) {
            let mixed: Vec<u32> =
                row.iter().zip(other).map(|(a, b)| 3 * u32::from(*a) + u32::from(*b)).collect();
            for (x, own) in mixed.iter().enumerate() {
                for next in [mixed.get(x.wrapping_sub(1)), mixed.get(x + 1)] {
                    larger.push(((3 * own + next.unwrap_or(own) + 8) / 16) as u16);
                }
            }
        }
    }
    larger
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_lie_between_those_of_brightness() {
        assert_eq!(drawn_out(&[100, 200], 2, false), [100, 125, 175, 200]);
        assert_eq!(drawn_out(&[100, 200], 1, true), [100, 100, 125, 125, 175, 175, 200, 200]);
        assert_eq!(drawn_out(&[7], 1, true), [7; 4]);
    }

    #[test]
    fn nothing_is_drawn_out_of_nothing() {
        assert!(drawn_out(&[], 0, true).is_empty());
    }
}
