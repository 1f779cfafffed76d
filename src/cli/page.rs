//! `visard page`: the page for browsers, served to this machine alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::args::Page;
use super::{Outcome, print};
use visard::names::shown;

/// What browsers are told with every file: it stays among files of its own, and may then have several threads.
const HEADERS: &str = "\
    Cross-Origin-Opener-Policy: same-origin\r\n\
    Cross-Origin-Embedder-Policy: require-corp\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Referrer-Policy: no-referrer\r\n\
    Cache-Control: no-cache\r\n\
    Connection: close\r\n";

/// What they are told to allow the page and its workers: no word with any other server.
const POLICY: &str = include_str!("../../web/policy.txt");

/// Bytes of a request that are read.
const LONGEST: u64 = 16 << 10;
/// How long a browser may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, command.port))
        .with_context(|| format!("cannot listen on port {}; choose another with --port", command.port))?;
    print(&format!("http://{}/", listener.local_addr()?))?;
    eprintln!("open this address in a browser; Ctrl-C ends it");
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // A browser that went away needs no answer.
            scope.spawn(|| answer(stream, &files).ok());
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

/// Answers the one request of a connection.
fn answer(mut stream: TcpStream, files: &BTreeMap<String, PathBuf>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new((&stream).take(LONGEST)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The headers say nothing that is needed, but have to be read.
    lines.map_while(Result::ok).find(String::is_empty);
    let (method, name) = asked(&request);
    let file = files.get(name).map(File::open).transpose()?;
    let Some(mut file) = file.filter(|_| ["GET", "HEAD"].contains(&method)) else {
        return write!(stream, "HTTP/1.1 404 Not Found\r\n{HEADERS}Content-Length: 0\r\n\r\n");
    };
    let (kind, length, policy) = (kind(name), file.metadata()?.len(), POLICY.trim());
    write!(
        stream,
        "HTTP/1.1 200 OK\r\n{HEADERS}Content-Security-Policy: {policy}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    )?;
    if method == "GET" {
        std::io::copy(&mut file, &mut stream)?;
    }
    Ok(())
}

/// The method and the file of a request's first line.
fn asked(request: &str) -> (&str, &str) {
    let mut words = request.split(' ');
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match address.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/') {
        "" => (method, "index.html"),
        name => (method, name),
    }
}

fn kind(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    TYPES.into_iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_opened_but_the_files_of_the_page() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("assets")).unwrap();
        std::fs::write(folder.path().join("assets/a.js"), "1").unwrap();
        std::fs::write(folder.path().join("index.html"), "2").unwrap();
        let files = files(folder.path()).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["assets/a.js", "index.html"]);
        for (request, file) in [
            ("GET / HTTP/1.1", Some("index.html")),
            ("GET /assets/a.js?x=1 HTTP/1.1", Some("assets/a.js")),
            ("GET /../secret HTTP/1.1", None),
            ("GET //etc/passwd HTTP/1.1", None),
            ("", Some("index.html")),
        ] {
            let (_, name) = asked(request);
            assert_eq!(files.get_key_value(name).map(|(name, _)| name.as_str()), file, "{request}");
        }
    }

    #[test]
    fn a_browser_is_told_to_isolate_the_page() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.wasm"), [7; 100]).unwrap();
        let files = files(folder.path()).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            answer(listener.accept().unwrap().0, &files).unwrap();
            let mut answer = vec![];
            stream.read_to_end(&mut answer).unwrap();
            String::from_utf8(answer).unwrap()
        };
        let whole = ask("GET /a.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(whole.starts_with("HTTP/1.1 200 OK\r\n"), "{whole}");
        assert!(whole.contains("\r\nCross-Origin-Embedder-Policy: require-corp\r\n"), "{whole}");
        assert!(whole.contains("\r\nContent-Security-Policy: default-src 'none'; "), "{whole}");
        assert!(whole.contains("\r\nContent-Type: application/wasm\r\nContent-Length: 100\r\n"), "{whole}");
        assert!(whole.ends_with(&"\u{7}".repeat(100)));
        assert!(ask("HEAD /a.wasm HTTP/1.1\r\n\r\n").ends_with("Content-Length: 100\r\n\r\n"));
        assert!(ask("POST /a.wasm HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        assert!(ask("GET /b HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    }
}
