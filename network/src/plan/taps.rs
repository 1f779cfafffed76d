//! Weighted sums along an axis.

/// What each element of a mixed axis is made of: nothing, one element, or a weighted sum of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taps {
    /// Where the sources of each element end; one number an element.
    pub ends: Vec<usize>,
    /// Places along the axis of the operand.
    pub sources: Vec<usize>,
    /// One weight for each source.
    pub weights: Vec<f32>,
}

impl Taps {
    /// One element each.
    pub fn picks(places: impl IntoIterator<Item = usize>) -> Self {
        Self::of(places.into_iter().map(|place| [(place, 1.)]))
    }

    /// Places and weights for each element.
    pub fn of<T: IntoIterator<Item = (usize, f32)>>(elements: impl IntoIterator<Item = T>) -> Self {
        let mut taps = Self::default();
        for element in elements {
            for (source, weight) in element {
                taps.sources.push(source);
                taps.weights.push(weight);
            }
            taps.ends.push(taps.sources.len());
        }
        taps
    }

    /// Places and weights of each element.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = (usize, f32)>> {
        self.ends.iter().scan(0, |start, &end| {
            let range = *start..end;
            *start = end;
            Some(range.map(|i| (self.sources[i], self.weights[i])))
        })
    }
}
