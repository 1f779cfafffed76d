//! The page: what was found, what it means, and what it does not.

use super::super::results::Results;
use super::super::run::{Evaluated, is_white_box_name};
use super::{curves, examples, judges, tables};
use crate::error::Result;
use crate::html::escaped;
use crate::models::Role;

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(super) fn page(evaluated: &Evaluated) -> Result<String> {
    let results = &evaluated.results;
    let mut body = head(results) + &summary(results);
    body += &section("What can be seen of the changes", QUALITY, &tables::quality(evaluated));
    for judge in judges(results) {
        let name = named(results, judge);
        body += &section(&format!("Who is found, by {name}"), FOUND, &tables::main(results, judge));
        body += &section(&format!("Against visibility, by {name}"), CURVES, &curves::curves(results, judge));
        body += &section(
            &format!("After what happens to a photo, by {name}"),
            CONDITIONS,
            &tables::conditions(results, judge),
        );
        if let Some(table) = tables::classifiers(results, judge) {
            body += &section(&format!("Trained classifiers, on embeddings by {name}"), CLASSIFIERS, &table);
        }
    }
    for method in &results.methods {
        if let Some(table) = tables::adversaries(results, &method.name) {
            body +=
                &section(&format!("Against those who know of cloaks: {}", method.name), ADVERSARIES, &table);
        }
    }
    body += &section("Examples", EXAMPLES, &examples::examples(evaluated)?);
    body += &format!("<section><h2>What this does not say</h2>{LIMITS}</section>\n");
    body += &section("The run", "", &run(results));
    let title = format!("visard: {}", results.protocol.name());
    Ok(format!(
        "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <meta name=color-scheme content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ))
}

fn section(title: &str, text: &str, content: &str) -> String {
    let text = if text.is_empty() { String::new() } else { format!("<p>{text}</p>\n") };
    format!("<section><h2>{}</h2>\n{text}{content}</section>\n", escaped(title))
}

fn named(results: &Results, judge: &str) -> String {
    let mark = if is_white_box_name(results, judge) { " (WHITE-BOX: it made the cloaks)" } else { "" };
    format!("{judge}{mark}")
}

fn head(results: &Results) -> String {
    let data = &results.data;
    let left_out = match data.left_out.len() {
        0 => String::new(),
        n => format!(" {n} people were left out, having too few photos in which a face was found."),
    };
    format!(
        "<h1>Evaluation <code>{}</code></h1>\n<p>{} people, {} cloaked photos of each; {} other photos of them stay \
         clean; {} strangers.{left_out} visard {}, seed {}.</p>\n",
        results.protocol.name(),
        data.people.len(),
        data.photos_per_person,
        data.clean,
        data.distractors,
        escaped(&results.visard),
        results.seed
    )
}

/// The first figure of each method beside that without a cloak, in words.
fn summary(results: &Results) -> String {
    let (title, scenario, metric) = tables::main_columns(results)[0];
    let mut items = String::new();
    for judge in judges(results) {
        let shares = results.methods.iter().filter_map(|method| {
            let row = results.find(
                [&method.name, judge, scenario, metric],
                super::super::condition::Condition::AsWritten,
            )?;
            Some(format!("{} <b>{:.1} %</b>", escaped(&method.name), 100. * row.figure.share.value))
        });
        let shares: Vec<String> = shares.collect();
        items += &format!("<li>{}: {}</li>\n", escaped(&named(results, judge)), shares.join(", "));
    }
    format!(
        "<section><h2>In short</h2>\n<p>{}, of all such searches; less is better.</p>\n<ul>\n{items}</ul></section>\n",
        escaped(title)
    )
}

fn run(results: &Results) -> String {
    let rows = results.networks.iter().map(|network| {
        let role = match network.role {
            Some(Role::Surrogate) => "surrogate",
            Some(Role::Judge) => "judge",
            None => "detector",
        };
        let thresholds =
            network.thresholds.map_or("–".into(), |t| format!("{:.3}, {:.3}", t.far_1e2, t.far_1e3));
        (
            network.name.clone(),
            vec![role.into(), thresholds, format!("<code class=sum>{}</code>", escaped(&network.sha256))],
        )
    });
    tables::table("network", &["role", "thresholds at FAR 1e-2, 1e-3", "SHA-256"], rows)
}

const QUALITY: &str = "Means over all cloaked photos before encoding; the largest change is the largest of all, of 255. \
    DSSIM is (1 − SSIM) / 2 of luma: 0 is no change. SSIMULACRA 2: 90 is hard to tell apart, 70 is high quality. Butteraugli, of the worst spot: 1 is hardly noticed, 2 is noticed. \
    Colour difference is CIEDE2000. Seconds are those of the machine that made the cloaks.";
const FOUND: &str = "Shares in percent with their 95 % intervals, photos as written. In the first seven columns less \
    protects more; the last two say how often a search misses the person when 10 % or 1 % of searches for strangers \
    raise a false alarm, so there more protects more. The row “none” is the same photos without a cloak.";
const CURVES: &str = "The first column of the table above, against how visible the change is. Lower and further left is better.";
const CONDITIONS: &str = "The same figure after what happens to a published photo.";
const CLASSIFIERS: &str = "How often a classifier that was trained on the cloaked photos names the person on a clean \
    photo. Of the training photos 0, 10 or 50 % leaked without a cloak.";
const ADVERSARIES: &str = "What someone achieves who knows that photos are cloaked, in percent. Whatever learned, \
    learned from cloaks of strangers. For a growing gallery: the share of cloaked photos that joined it as the right \
    person, or mistaken for another. For the detector: area under the curve (50 is guessing), and cloaks found where 1 % \
    of clean photos raise an alarm.";
const EXAMPLES: &str = "The first cloaked photo of three people: original, and for each method the photo and its \
    difference, ten times as large, around grey.";
const LIMITS: &str = "<ul>\n\
    <li>It says how the networks above see these files. Other networks, above all larger ones, may see more; a search \
    engine may use any.</li>\n\
    <li>What is published cannot be changed. A network that is trained on cloaked photos later may see through them.</li>\n\
    <li>Photos of a person that are public without a cloak lead to them as before: see the columns with leaks.</li>\n\
    <li>Whoever looks for cloaks may be able to tell that a photo has one.</li>\n\
    <li>People recognise each other, and photos also tell places, times and company.</li>\n\
    <li>The intervals cover the choice of people, not the choice of networks or of data.</li>\n\
    </ul>\n";
