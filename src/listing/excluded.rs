//! What the user wants left out, by the rules that `.gitignore` files have.

use std::path::{Component, Path};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::{Error, Result};

/// Patterns of names that are not taken: `*.tmp.jpg` anywhere, `drafts/` folders anywhere, `/2024/*` in the folder that is given;
/// `!keep.jpg` takes a file after all. The last that fits counts.
#[derive(Clone, Debug)]
pub struct Excluded(Gitignore);

impl Excluded {
    /// No pattern.
    pub fn nothing() -> Self {
        Self(Gitignore::empty())
    }

    /// These patterns.
    ///
    /// # Errors
    /// Where one is none.
    pub fn of(patterns: &[String]) -> Result<Self> {
        let mut builder = GitignoreBuilder::new("");
        let wrong = |error: ignore::Error| Error::Usage(format!("a pattern of --exclude is wrong: {error}"));
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(wrong)?;
        }
        Ok(Self(builder.build().map_err(wrong)?))
    }

    /// Whether a file is left out, by its place below the folder that was given.
    pub(super) fn holds(&self, place: &Path) -> bool {
        let plain = place.components().all(|part| matches!(part, Component::Normal(_)));
        plain && !self.0.is_empty() && self.0.matched_path_or_any_parents(place, false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_a_gitignore() {
        let excluded = |patterns: &[&str], place: &str| {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            Excluded::of(&patterns).unwrap().holds(Path::new(place))
        };
        assert!(excluded(&["*.tmp.jpg"], "a/b.tmp.jpg") && !excluded(&["*.tmp.jpg"], "b.jpg"));
        assert!(excluded(&["drafts/"], "a/drafts/c.jpg") && !excluded(&["drafts/"], "drafts"));
        assert!(excluded(&["/2024"], "2024/a.jpg") && !excluded(&["/2024"], "b/2024/a.jpg"));
        assert!(!excluded(&["*.jpg", "!keep.jpg"], "keep.jpg") && !excluded(&[], "a.jpg"));
        assert!(excluded(&["a/**/b.jpg"], "a/x/y/b.jpg"));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        let refused = Excluded::of(&["[z-a].jpg".into()]).unwrap_err().to_string();
        assert!(refused.starts_with("a pattern of --exclude is wrong: "), "{refused}");
    }
}
