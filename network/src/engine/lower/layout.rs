//! In which order the axes of a value lie in memory.
//!
//! A value's axes may lie in any order: convolutions want channels innermost, and a transpose only
//! renames axes. Elements move when an operation needs an order that its operand does not have.

/// A value in memory: the array's `k`-th axis is the value's axis `axes[k]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) array: usize,
    pub(super) axes: Vec<usize>,
}

/// The order of a value that is stored as the plan says.
pub(super) fn plain(rank: usize) -> Vec<usize> {
    (0..rank).collect()
}

/// The order with `axis` innermost and the others as they are.
pub(super) fn with_innermost(axes: &[usize], axis: usize) -> Vec<usize> {
    let mut order: Vec<usize> = axes.iter().copied().filter(|&a| a != axis).collect();
    order.push(axis);
    order
}

/// Whether two orders put the elements into the same places: axes of length 1 do not count.
pub(super) fn same_order(shape: &[usize], a: &[usize], b: &[usize]) -> bool {
    let long = |axis: &&usize| shape[**axis] != 1;
    a.iter().filter(long).eq(b.iter().filter(long))
}

/// Sizes in memory order.
pub(super) fn sizes(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    axes.iter().map(|&axis| shape[axis]).collect()
}

/// The order of a reshaped value, if no element has to move.
pub(super) fn reshaped(from: &[usize], to: &[usize], axes: &[usize]) -> Option<Vec<usize>> {
    if same_order(from, axes, &plain(from.len())) {
        return Some(plain(to.len()));
    }
    let groups = groups(from, to)?;
    let mut order = Vec::new();
    let mut rest: Vec<usize> = axes.iter().copied().filter(|&axis| from[axis] != 1).collect();
    while let Some(&axis) = rest.first() {
        let (old, new) = groups.iter().find(|(old, _)| old.contains(&axis))?;
        if !rest.starts_with(old) {
            return None;
        }
        rest.drain(..old.len());
        order.extend(new);
    }
    let missing = (0..to.len()).filter(|axis| !order.contains(axis)).collect::<Vec<_>>();
    order.splice(0..0, missing);
    Some(order)
}

/// Which axes, of length other than 1, became which: the smallest groups with equal products.
fn groups(from: &[usize], to: &[usize]) -> Option<Vec<(Vec<usize>, Vec<usize>)>> {
    let long = |shape: &[usize]| (0..shape.len()).filter(|&i| shape[i] != 1).collect::<Vec<_>>();
    let (mut old, mut new) = (long(from).into_iter(), long(to).into_iter());
    let mut groups = Vec::new();
    while let Some(first) = old.next() {
        let mut group = (vec![first], vec![new.next()?]);
        let (mut left, mut right) = (from[first], to[group.1[0]]);
        while left != right {
            if left < right {
                let axis = old.next()?;
                left *= from[axis];
                group.0.push(axis);
            } else {
                let axis = new.next()?;
                right *= to[axis];
                group.1.push(axis);
            }
        }
        groups.push(group);
    }
    Some(groups)
}

/// A constant as it repeats along a value's array: the shortest row that does.
///
/// `shape` is the value's, `axes` its order; the constant's axes match the value's last ones.
pub(super) fn repeating(constant: (&[usize], &[f32]), shape: &[usize], axes: &[usize]) -> Vec<f32> {
    let (own, elements) = constant;
    let missing = shape.len() - own.len();
    let own = |axis: usize| if axis < missing { 1 } else { own[axis - missing] };
    let varies = axes.iter().position(|&axis| own(axis) != 1);
    let Some(varies) = varies else {
        return vec![elements[0]];
    };
    let inner = &axes[varies..];
    let length: usize = inner.iter().map(|&axis| shape[axis]).product();
    let element = |mut index: usize| {
        let mut place = vec![0; shape.len()];
        for &axis in inner.iter().rev() {
            place[axis] = index % shape[axis];
            index /= shape[axis];
        }
        let step = |at, axis: usize| at * own(axis) + place[axis] % own(axis);
        elements[(missing..shape.len()).fold(0, step)]
    };
    (0..length).map(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flattening_pixels_keeps_channels_innermost() {
        let order = reshaped(&[1, 8, 3, 5], &[1, 8, 15], &[0, 2, 3, 1]);
        assert_eq!(order, Some(vec![0, 2, 1]));
    }

    #[test]
    fn flattening_channels_into_pixels_has_to_move_elements() {
        assert_eq!(reshaped(&[1, 8, 3, 5], &[1, 120], &[0, 2, 3, 1]), None);
    }

    #[test]
    fn a_picture_of_one_pixel_flattens_in_place() {
        let order = reshaped(&[1, 8, 1, 1], &[1, 8], &[0, 2, 3, 1]);
        assert_eq!(order, Some(vec![0, 1]));
    }

    #[test]
    fn one_number_per_channel_repeats_with_every_pixel() {
        let constant = (&[2, 1, 1][..], &[5., 6.][..]);
        assert_eq!(repeating(constant, &[1, 2, 3, 1], &[0, 2, 3, 1]), [5., 6.]);
        let rows = [5., 5., 5., 6., 6., 6.];
        assert_eq!(repeating(constant, &[1, 2, 3, 1], &[0, 1, 2, 3]), rows);
    }
}
