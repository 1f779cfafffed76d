//! What the values of a catalogue may be. Everything that a catalogue says is checked where it is read.

use super::stored::MAX_FILE;
use super::{Entry, Kind, Thresholds};
use crate::embed::Crop;

/// Longest text, in bytes: as long as the name of a file may be.
const LONGEST: usize = 255;
/// Longest embedding.
const MOST_DIMENSIONS: usize = 1 << 16;

type Checked = std::result::Result<(), &'static str>;

/// An error with this reason unless it holds.
fn must(holds: bool, reason: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(reason) }
}

/// Whether a text is made of ASCII letters, digits and `more`, and is not too long.
fn is_plain(text: &str, more: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    !text.is_empty() && text.len() <= LONGEST && plain
}

impl Entry {
    /// What is wrong with it, if anything.
    pub(crate) fn check(&self) -> Checked {
        self.check_texts()?;
        self.check_file()?;
        self.check_input()?;
        self.check_judgement()
    }

    fn check_texts(&self) -> Checked {
        let texts = [&self.licence, &self.source];
        let mut texts = texts.into_iter().chain(&self.calibration).chain(&self.training_data);
        must(is_plain(&self.name, "-_."), "is no name: use letters, digits, \"-\", \"_\" and \".\"")?;
        // A line feed or an escape sequence would forge lines of output.
        must(
            !texts.any(|text| text.chars().any(char::is_control)),
            "must have texts without control characters",
        )?;
        let teacher = self.teacher.as_ref();
        must(
            teacher.is_none_or(|name| is_plain(name, "-_.")),
            "must have the name of a network as its teacher",
        )?;
        must(teacher != Some(&self.name), "cannot be its own teacher")
    }

    fn check_file(&self) -> Checked {
        let plain = is_plain(&self.file, "-_. ") && !self.file.starts_with('.');
        must(plain, "must have the plain name of a file, without a folder")?;
        let digits = self.sha256.len() == 64 && self.sha256.chars().all(|c| c.is_ascii_hexdigit());
        must(digits, "needs the SHA-256 of its file in 64 hexadecimal digits")?;
        let both = self.address.is_some() == self.bytes.is_some();
        must(both, "needs an address and the bytes of its file, or neither")?;
        let web = |address: &str| {
            let from_web = address.starts_with("https://") || address.starts_with("http://");
            from_web && address.chars().all(|c| c.is_ascii_graphic())
        };
        must(
            self.address.as_deref().is_none_or(web),
            "must have an address that begins with https:// or http://",
        )?;
        let size = self.bytes.is_none_or(|bytes| (1..=MAX_FILE).contains(&bytes));
        must(size, "must have a file of 1 byte to 1 GiB")
    }

    fn check_input(&self) -> Checked {
        let embeds = self.kind == Kind::Detector || self.embedding().is_some();
        must(embeds, "needs a role, a crop, a mean and a std")?;
        let finite = self.mean.iter().chain(&self.std).flatten().all(|x| x.is_finite());
        let positive = self.std.iter().flatten().all(|&std| std > 0.);
        must(finite && positive, "must have finite means, and stds above 0")?;
        if let Some(Crop::Template(template)) = &self.crop {
            let [rows, columns] = [template.rows, template.columns];
            let sizes = (16..=1024).contains(&rows) && (16..=1024).contains(&columns);
            must(sizes, "must have a crop of 16 to 1,024 rows and columns")?;
            let near = |x: &f32| (-2048. ..=2048.).contains(x);
            let points = template.points.iter().flatten().flatten().all(near);
            must(points, "must have the points of its crop in or near it")?;
        }
        let dimension = self.dimension.is_none_or(|n| (1..=MOST_DIMENSIONS).contains(&n));
        must(dimension, "must have a dimension of 1 to 65,536")
    }

    fn check_judgement(&self) -> Checked {
        // A comparison with what is no number is never true, so such a threshold would let every face pass.
        let cosine = |x: f32| (-1. ..=1.).contains(&x);
        if let Some(Thresholds { far_1e2, far_1e3, far_1e4 }) = self.thresholds {
            let last = far_1e4.unwrap_or(far_1e3);
            must([far_1e2, far_1e3, last].into_iter().all(cosine), "must have thresholds from -1 to 1")?;
            must(
                far_1e2 <= far_1e3 && far_1e3 <= last,
                "must have thresholds that rise as fewer are accepted",
            )?;
        }
        must(self.verdict.is_none_or(cosine), "must have a verdict from -1 to 1")?;
        let weight = self.weight.is_none_or(|weight| weight > 0. && weight <= 1.);
        must(weight, "must have a weight above 0 and at most 1")
    }
}

/// What is wrong with the entries of one catalogue together: no two may have one name, file or sum.
pub(super) fn check_apart(entries: &[Entry]) -> std::result::Result<(), String> {
    for (i, entry) in entries.iter().enumerate() {
        for other in &entries[..i] {
            let (a, b) = (&other.name, &entry.name);
            if a == b {
                return Err(format!("two networks are called {a:?}"));
            }
            if other.sha256 == entry.sha256 {
                return Err(format!("{a:?} and {b:?} have the same SHA-256"));
            }
            if other.file.eq_ignore_ascii_case(&entry.file) {
                return Err(format!("{a:?} and {b:?} have the same file {:?}", entry.file));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "8F2383E4DD3CFBB4553EA8718107FC0423210DC964F9F4280604804ED2552FA4";

    /// A detector with other or further lines.
    fn network(changes: &[(&str, &str)]) -> String {
        let sum = format!("'{SUM}'");
        let mut fields = vec![
            ("name", "'n'"),
            ("kind", "'detector'"),
            ("file", "'n.onnx'"),
            ("sha256", &sum),
            ("licence", "'MIT'"),
            ("source", "''"),
        ];
        fields.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
        let lines = fields.iter().chain(changes).map(|(key, value)| format!("{key} = {value}\n"));
        "[[network]]\n".to_string() + &lines.collect::<String>()
    }

    /// Why the catalogue is refused, or else the sum of its first network.
    fn read(catalogue: &str) -> String {
        Entry::parse(catalogue, "test").map_or_else(|e| e.to_string(), |e| e[0].sha256.clone())
    }

    #[test]
    fn a_sum_in_capitals_is_the_same_sum() {
        assert_eq!(read(&network(&[])), SUM.to_lowercase());
    }

    #[test]
    fn an_entry_that_cannot_be_is_refused_by_name() {
        for (changes, reason) in [
            (&[("kind", "'embedder'")][..], "\"n\" needs a role"),
            (&[("licence", "'MIT'"), ("license", "'MIT'")], "license"),
            (&[("name", "'a,b'")], "\"a,b\" is no name"),
            (&[("name", "''")], "\"\" is no name"),
            (&[("file", "'../n.onnx'")], "\"n\" must have the plain name of a file"),
            (&[("file", "'.bashrc'")], "\"n\" must have the plain name of a file"),
            (&[("file", "''")], "\"n\" must have the plain name of a file"),
            (&[("sha256", "'8f23'")], "\"n\" needs the SHA-256"),
            (&[("address", "'https://example.org/n.onnx'")], "\"n\" needs an address and the bytes"),
            (&[("address", "'file:///n'"), ("bytes", "1")], "an address that begins with https://"),
            (&[("address", "'http://a/'"), ("bytes", "0")], "a file of 1 byte to 1 GiB"),
            (&[("address", "'http://a/'"), ("bytes", "1073741825")], "a file of 1 byte to 1 GiB"),
            (&[("std", "[1.0, 0.0, 1.0]")], "\"n\" must have finite means, and stds above 0"),
            (&[("mean", "[1.0, nan, 1.0]")], "\"n\" must have finite means"),
            (&[("weight", "0.0")], "\"n\" must have a weight above 0"),
            (&[("weight", "nan")], "\"n\" must have a weight above 0"),
            (&[("dimension", "0")], "\"n\" must have a dimension of 1 to 65,536"),
            (&[("source", "\"a\\nb\"")], "\"n\" must have texts without control characters"),
            (&[("training_data", "[\"\\u001b[2J\"]")], "texts without control characters"),
            (&[("teacher", "'n'")], "\"n\" cannot be its own teacher"),
            (&[("teacher", "'a b'")], "the name of a network as its teacher"),
        ] {
            let refused = read(&network(changes));
            assert!(refused.contains(reason), "{changes:?}: {refused}");
        }
        let long = format!("'{}'", "n".repeat(256));
        assert!(read(&network(&[("name", &long)])).contains("is no name"));
    }

    #[test]
    fn a_threshold_that_is_no_cosine_is_refused() {
        let with = |thresholds: &str| read(&network(&[("thresholds", thresholds)]));
        for bad in ["nan", "inf", "-inf", "1.5", "-1.5"] {
            for values in [[bad, "0.2", "0.3"], ["0.1", bad, "0.3"], ["0.1", "0.2", bad]] {
                let [a, b, c] = values;
                let refused = with(&format!("{{ far_1e2 = {a}, far_1e3 = {b}, far_1e4 = {c} }}"));
                assert!(refused.contains("\"n\" must have thresholds from -1 to 1"), "{values:?}: {refused}");
            }
            let refused = read(&network(&[("verdict", bad)]));
            assert!(refused.contains("\"n\" must have a verdict from -1 to 1"), "{bad}: {refused}");
        }
    }

    #[test]
    fn thresholds_rise_and_the_last_may_be_unknown() {
        let with = |thresholds: &str| read(&network(&[("thresholds", thresholds)]));
        for falling in ["far_1e2 = 0.3, far_1e3 = 0.2", "far_1e2 = 0.1, far_1e3 = 0.3, far_1e4 = 0.2"] {
            assert!(with(&format!("{{ {falling} }}")).contains("thresholds that rise"), "{falling}");
        }
        assert_eq!(with("{ far_1e2 = 0.2, far_1e3 = 0.2 }"), SUM.to_lowercase());
        assert!(with("{ far_1e2 = 0.2, far_1e4 = 0.2 }").contains("far_1e3"));
    }

    #[test]
    fn two_entries_for_one_thing_are_refused() {
        let other = SUM.replace('8', "9");
        let second = |name: &str, file: &str, sum: &str| {
            let [name, file, sum] = [name, file, sum].map(|text| format!("'{text}'"));
            read(&(network(&[]) + &network(&[("name", &name), ("file", &file), ("sha256", &sum)])))
        };
        assert!(second("n", "m.onnx", &other).contains("two networks are called \"n\""));
        assert!(second("m", "m.onnx", &SUM.to_lowercase()).contains("\"n\" and \"m\" have the same SHA-256"));
        assert!(second("m", "N.onnx", &other).contains("have the same file"));
        assert_eq!(second("m", "m.onnx", &other), SUM.to_lowercase());
    }
}
