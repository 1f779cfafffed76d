//! The quality setting of a JPEG, estimated from its quantisation tables.

/// The luma table of Annex K of ITU-T T.81, in zigzag order: quality 50.
const STANDARD: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40,
    58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103,
    104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// The quality, 1 to 100, whose standard luma table is nearest to `luma` (zigzag order).
///
/// Exact for tables made by scaling the standard one, as libjpeg and most cameras do; for
/// others, the quality that loses about as much.
pub(super) fn estimate(luma: &[u16; 64]) -> u8 {
    (1..=100).rev().min_by_key(|&quality| distance(luma, quality)).unwrap_or(100)
}

fn distance(luma: &[u16; 64], quality: u8) -> u32 {
    let scaled = STANDARD.iter().map(|&value| scale(value, quality));
    luma.iter().zip(scaled).map(|(&own, standard)| u32::from(own).abs_diff(standard)).sum()
}

/// A standard table's value at a quality, by libjpeg's rule.
fn scale(value: u16, quality: u8) -> u32 {
    let quality = u32::from(quality);
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    ((u32::from(value) * percent + 50) / 100).clamp(1, 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(quality: u8) -> [u16; 64] {
        STANDARD.map(|value| scale(value, quality) as u16)
    }

    #[test]
    fn standard_tables_give_their_own_quality_back() {
        for quality in 10..=100 {
            assert_eq!(estimate(&table(quality)), quality);
        }
    }

    #[test]
    fn a_slightly_changed_table_gives_the_nearest_quality() {
        let mut odd = table(85).map(|value| value + value % 2);
        odd.swap(0, 1);
        assert_eq!(estimate(&odd), 85);
    }

    #[test]
    fn extreme_tables_give_the_ends_of_the_scale() {
        assert_eq!(estimate(&[1; 64]), 100);
        assert_eq!(estimate(&[u16::MAX; 64]), 1);
        assert_eq!(estimate(&[0; 64]), 100);
    }

    #[test]
    fn a_flat_table_is_ranked_by_its_mean_loss() {
        let gentle = estimate(&[2; 64]);
        let harsh = estimate(&[20; 64]);
        assert!(gentle >= 95, "{gentle}");
        assert!((70..90).contains(&harsh), "{harsh}");
    }
}
