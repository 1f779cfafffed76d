//! The result as a page that needs nothing else: to be read, kept or printed.

use std::path::Path;

use visard::html::{address, escaped};
use visard::listing::is_clip;
use visard::photo::{EncodeOptions, Limits, OutputFormat, decode, encode};
use visard::video::first_frame;

use crate::queue::{Row, State};
use crate::texts;

/// Longest side of a picture in pixels.
const SIDE: u32 = 240;
const STYLE: &str = include_str!("page.css");

/// The page: the answer, and each photo before and after with its verdict.
pub(crate) fn page(answer: &str, rows: &[Row]) -> String {
    let photos: String = rows.iter().map(photo).collect();
    let limits: String = texts::LIMITS.iter().map(|limit| format!("<li>{}</li>\n", escaped(limit))).collect();
    format!(
        "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8>\n<meta name=viewport \
         content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n<main>\n<h1>{}</h1>\n{photos}<section>\n<h2>{}</h2>\n<ul>\n{limits}</ul></section>\n\
         </main>\n</body>\n</html>\n",
        escaped(texts::PAGE_TITLE),
        escaped(answer),
        escaped(texts::MEANING),
    )
}

fn photo(row: &Row) -> String {
    let kind = if row.state() == State::Protected { "good" } else { "bad" };
    let saved = row.output().map_or(texts::NOT_SAVED.into(), |path| path.display().to_string());
    let after = row.output().map_or(String::new(), |path| figure(path, texts::SAVED_PHOTO));
    format!(
        "<article>\n{}{after}<div><h2>{}</h2>\n<p class={kind}>{}</p>\n<p>{}</p>\n<p class=place>{}</p></div>\n\
         </article>\n",
        figure(&row.source.input, texts::ORIGINAL),
        escaped(&row.name()),
        escaped(texts::state(row.state())),
        escaped(&texts::row_detail(row)),
        escaped(&saved),
    )
}

/// A small picture of a photo; its caption alone where it cannot be read.
fn figure(path: &Path, caption: &str) -> String {
    let picture = small(path).map_or(String::new(), |jpeg| {
        format!("<img alt=\"{}\" src=\"{}\">", escaped(caption), address("image/jpeg", &jpeg))
    });
    format!("<figure>{picture}<figcaption>{}</figcaption></figure>\n", escaped(caption))
}

fn small(path: &Path) -> Option<Vec<u8>> {
    let limits = Limits { first_picture: true, ..Limits::default() };
    let photo = match is_clip(path) {
        true => first_frame(path, &limits).ok()?,
        false => decode(&limits.read(path).ok()?, &limits).ok()?,
    };
    let photo = photo.reduced(SIDE);
    let options = EncodeOptions { format: OutputFormat::Jpeg, quality: Some(80), ..EncodeOptions::default() };
    encode(&photo, &options).ok().map(|encoded| encoded.bytes)
}
