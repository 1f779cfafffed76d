//! The front door for clips: files in and out, since a clip need not fit into memory.

use std::ops::ControlFlow;
use std::path::Path;

use crate::error::Result;
use crate::pipeline::{Existing, Job, People, refuse_clashes};
use crate::video::{ClipProgress, ClipReport, ClipSettings, Clips};
use crate::visard::Visard;

impl Visard {
    /// Protects the faces of a clip: reads the file `input` and writes the file `output`, an MP4, where nothing must be yet. It is written
    /// whole or not at all, and not where no face is found. What is wanted of photos is wanted of the clip.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let visard = visard::Visard::new()?;
    /// let report = visard.protect_clip("clip.mov".as_ref(), "clip-protected.mp4".as_ref())?;
    /// if !report.is_protected() {
    ///     println!("{:?}", report.reason);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Where ffmpeg is missing, the file is no clip that can be protected, `output` is there or cannot be written, or a network fails.
    /// "No face" and "still recognisable" are no errors: [`ClipReport::status`] tells.
    pub fn protect_clip(&self, input: &Path, output: &Path) -> Result<ClipReport> {
        let settings = ClipSettings::of(self.settings());
        self.protect_clip_with(input, output, &settings, &mut |_| ControlFlow::Continue(()))
    }

    /// The same with settings of the clip's own. `hook` is called after every frame and gradient step and may break off.
    ///
    /// # Errors
    /// As [`Self::protect_clip`], and [`Error::Cancelled`](crate::Error::Cancelled) where `hook` broke off.
    pub fn protect_clip_with(
        &self,
        input: &Path,
        output: &Path,
        settings: &ClipSettings,
        hook: &mut dyn FnMut(ClipProgress) -> ControlFlow<()>,
    ) -> Result<ClipReport> {
        let job = Job { input: input.into(), output: output.into() };
        refuse_clashes(std::slice::from_ref(&job))?;
        let (ensemble, people) = (self.ensemble(), &People::default());
        Clips { ensemble, settings, people, existing: Existing::Refuse, journal: None, left_out: &[] }
            .protect(&job, hook)
    }
}
