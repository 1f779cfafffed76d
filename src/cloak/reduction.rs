//! Pictures made smaller by means, and the way back of slopes.

/// Means over stretches of rows and of columns.
pub(super) struct Reduction {
    /// Height and width before.
    from: [usize; 2],
    rows: Vec<Stretch>,
    pub(super) columns: Vec<Stretch>,
}

/// The first of the numbers that a mean is made of, and their weights.
pub(super) struct Stretch {
    first: usize,
    weights: Vec<f32>,
}

impl Reduction {
    /// Of the first `used` of all rows and columns.
    pub(super) fn new(from: [usize; 2], used: [usize; 2], to: [usize; 2]) -> Self {
        let [rows, columns] = [0, 1].map(|axis| stretches(used[axis], to[axis]));
        Self { from, rows, columns }
    }

    /// To half the size; an odd last row or column is left out.
    pub(super) fn half(from: [usize; 2]) -> Self {
        Self::new(from, from.map(|side| side / 2 * 2), from.map(|side| side / 2))
    }

    /// Height and width after it.
    pub(super) fn to(&self) -> [usize; 2] {
        [self.rows.len(), self.columns.len()]
    }

    /// The smaller planes.
    pub(super) fn reduce(&self, planes: &[f32]) -> Vec<f32> {
        let ([_, width], [height, columns]) = (self.from, self.to());
        let mut smaller = Vec::with_capacity(planes.len() / width * columns);
        let mut wide = vec![0f32; width];
        for plane in planes.chunks_exact(self.from.iter().product()) {
            for row in &self.rows[..height] {
                wide.fill(0.);
                for (weight, source) in row.weights.iter().zip(plane[row.first * width..].chunks_exact(width))
                {
                    wide.iter_mut().zip(source).for_each(|(sum, value)| *sum += weight * value);
                }
                smaller.extend(self.columns.iter().map(|column| column.mean(&wide)));
            }
        }
        smaller
    }

    /// The transpose: slopes of the smaller planes as slopes of the larger ones.
    pub(super) fn restore(&self, slopes: &[f32]) -> Vec<f32> {
        let ([height, width], [rows, columns]) = (self.from, self.to());
        let mut larger = vec![0f32; slopes.len() / (rows * columns) * height * width];
        let mut wide = vec![0f32; width];
        for (plane, slopes) in
            larger.chunks_exact_mut(height * width).zip(slopes.chunks_exact(rows * columns))
        {
            for (row, slopes) in self.rows.iter().zip(slopes.chunks_exact(columns)) {
                wide.fill(0.);
                self.columns.iter().zip(slopes).for_each(|(column, slope)| column.spread(*slope, &mut wide));
                let to = plane[row.first * width..].chunks_exact_mut(width);
                for (weight, to) in row.weights.iter().zip(to) {
                    to.iter_mut().zip(&wide).for_each(|(sum, slope)| *sum += weight * slope);
                }
            }
        }
        larger
    }
}

impl Stretch {
    fn mean(&self, row: &[f32]) -> f32 {
        self.weights.iter().zip(&row[self.first..]).map(|(weight, value)| weight * value).sum()
    }

    fn spread(&self, slope: f32, row: &mut [f32]) {
        let to = row[self.first..].iter_mut();
        self.weights.iter().zip(to).for_each(|(weight, sum)| *sum += weight * slope);
    }
}

/// So many means of even stretches of a row.
fn stretches(from: usize, to: usize) -> Vec<Stretch> {
    let length = from as f32 / to as f32;
    let stretch = |i: usize| {
        let (start, end) = (i as f32 * length, ((i + 1) as f32 * length).min(from as f32));
        let (first, last) = ((start as usize).min(from - 1), (end.ceil() as usize).min(from));
        let weight = |j: usize| ((end.min(j as f32 + 1.) - start.max(j as f32)) / length).max(0.);
        Stretch { first, weights: (first..last).map(weight).collect() }
    };
    (0..to).map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_is_the_mean_of_its_stretch() {
        let thirds = Reduction::new([1, 4], [1, 4], [1, 3]);
        let found = thirds.reduce(&[3., 6., 9., 12.]);
        // A stretch is four thirds of a cell.
        let expected = [(3. + 6. / 3.) * 0.75, (6. * 2. / 3. + 9. * 2. / 3.) * 0.75, (9. / 3. + 12.) * 0.75];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}");
        assert_eq!(Reduction::half([2, 5]).reduce(&[1., 3., 5., 7., 9., 1., 3., 5., 7., 9.]), [2., 6.]);
    }

    #[test]
    fn the_way_back_is_the_transpose() {
        let reduction = Reduction::new([6, 9], [6, 9], [4, 5]);
        let picture: Vec<f32> = (0..2 * 54).map(|i| (i as f32).sin()).collect();
        let weights: Vec<f32> = (0..2 * 20).map(|i| (i as f32).cos()).collect();
        let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let (there, back) = (reduction.reduce(&picture), reduction.restore(&weights));
        assert!((dot(&there, &weights) - dot(&picture, &back)).abs() < 1e-4);
    }
}
