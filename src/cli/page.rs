//! `visard page`: the page for browsers, served to this machine alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

use super::args::Page;
use super::{Outcome, print};
use visard::names::shown;

/// What browsers are told with every file: it stays among files of its own, and may then have several threads.
const HEADERS: [(&str, &str); 6] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-cache"),
];

/// The type of a file by its ending.
const TYPES: [(&str, &str); 8] = [
    ("css", "text/css"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
];

pub(super) fn run(command: &Page) -> Result<Outcome> {
    let folder = command.folder.clone().or_else(beside_the_program).ok_or_else(|| {
        anyhow!("the page is not beside this program; name its folder, as web/README.md says how to build it")
    })?;
    let files = files(&folder).with_context(|| format!("cannot read {}", shown(&folder)))?;
    if !files.contains_key("index.html") {
        return Err(anyhow!("{} does not hold the page: it has no index.html", shown(&folder)));
    }
    let server = Server::http((Ipv4Addr::LOCALHOST, command.port))
        .map_err(|error| anyhow!("cannot listen on port {}: {error}; choose another with --port", command.port))?;
    let address = server.server_addr().to_ip().context("it listens nowhere")?;
    print(&format!("http://{address}/"))?;
    eprintln!("open this address in a browser; Ctrl-C ends it");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| server.incoming_requests().for_each(|request| answer(request, &files)));
        }
    });
    Ok(Outcome::Complete)
}

/// Where packages and archives put it.
fn beside_the_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.canonicalize().ok()?;
    let folder = program.parent()?;
    let places = [folder.join("page"), folder.join("../share/visard/page")];
    places.into_iter().find(|place| place.join("index.html").is_file())
}

/// The files of a folder by their addresses. Nothing else is ever opened, whatever a request asks for.
fn files(folder: &Path) -> std::io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            let below = self::files(&path)?;
            files.extend(below.into_iter().map(|(below, path)| (format!("{name}/{below}"), path)));
        } else {
            files.insert(name.to_owned(), path);
        }
    }
    Ok(files)
}

fn answer(request: Request, files: &BTreeMap<String, PathBuf>) {
    let address = request.url().split(['?', '#']).next().unwrap_or_default();
    let name = match address.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let wanted = [Method::Get, Method::Head].contains(request.method());
    let file = files.get(name).filter(|_| wanted).and_then(|path| File::open(path).ok());
    // A browser that went away needs no answer.
    let _ = match file {
        Some(file) => {
            let named = HEADERS.into_iter().chain([("Content-Type", kind(name))]);
            let headers = named.filter_map(|(name, value)| Header::from_bytes(name, value).ok());
            request.respond(headers.fold(Response::from_file(file), Response::with_header))
        }
        None => request.respond(Response::from_string("there is no such file\n").with_status_code(404)),
    };
}

fn kind(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    TYPES.into_iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, kind)| kind)
}
