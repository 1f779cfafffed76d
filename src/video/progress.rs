//! How far a clip is.

/// What is being done with a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Faces are followed.
    Following,
    /// Cloaks are made.
    Cloaking,
    /// The file is written.
    Writing,
    /// The written file is judged.
    Checking,
}

impl Stage {
    /// The share of the work that is done where this stage begins, and where it ends.
    pub(super) fn span(self) -> [f32; 2] {
        match self {
            Self::Following => [0., 0.4],
            Self::Cloaking => [0.4, 0.65],
            Self::Writing => [0.65, 0.72],
            Self::Checking => [0.72, 1.],
        }
    }
}

/// How far a clip is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipProgress {
    /// What is being done.
    pub stage: Stage,
    /// The try, counted from 0.
    pub round: usize,
    /// About which share of a try is done, `0.0..=1.0`.
    pub done: f32,
}
