//! What a convolution's sums begin with.

use super::geometry::Lattice;
use super::spec::Spec;

/// Rows of biases and the row of each pixel. A shift of the source adds to the bias what the taps
/// inside the picture make of it.
pub(super) fn bias(spec: &Spec, lattice: &Lattice) -> (Vec<f32>, Option<Vec<u32>>) {
    let shift = spec.before.as_ref().map(|before| &before.shift);
    let Some(shift) = shift.filter(|shift| shift.iter().any(|&shift| shift != 0.)) else {
        return (padded(&[&spec.bias[..], &[0.; 16]].concat()), None);
    };
    let (mut kinds, mut numbers): (Vec<Vec<bool>>, Vec<u32>) = (Vec::new(), Vec::new());
    for inside in lattice.inside() {
        let number = kinds.iter().position(|kind| *kind == inside);
        numbers.push(number.unwrap_or(kinds.len()) as u32);
        if number.is_none() {
            kinds.push(inside);
        }
    }
    let taps = lattice.kernel_taps();
    let row = |inside: &Vec<bool>| padded(&shifted_bias(spec, shift, &taps, inside));
    let mut rows: Vec<f32> = kinds.iter().flat_map(row).collect();
    rows.extend([0.; 16]); // the last group's channels may end within a vector
    (rows, (kinds.len() > 1).then_some(numbers))
}

fn shifted_bias(spec: &Spec, shift: &[f32], taps: &[[usize; 2]], inside: &[bool]) -> Vec<f32> {
    let inputs = spec.source.channels / spec.groups;
    let outputs = spec.target.channels / spec.groups;
    let product = |output: usize, tap: [usize; 2]| -> f32 {
        let shifts = &shift[output / outputs * inputs..][..inputs];
        let weight = |(input, shift): (usize, &f32)| spec.weight_at(output, input, tap) * shift;
        shifts.iter().enumerate().map(weight).sum()
    };
    let sum = |(output, bias): (usize, &f32)| -> f32 {
        let taps = taps.iter().zip(inside).filter(|&(_, inside)| *inside);
        bias + taps.map(|(&tap, _)| product(output, tap)).sum::<f32>()
    };
    spec.bias.iter().enumerate().map(sum).collect()
}

/// A row of channels, padded with zeros to whole vectors.
pub(crate) fn padded(row: &[f32]) -> Vec<f32> {
    let mut padded = row.to_vec();
    padded.resize(row.len().next_multiple_of(16), 0.);
    padded
}
