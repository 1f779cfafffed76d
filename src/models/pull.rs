//! Downloads a network of the catalogue. Nothing else in visard uses the internet.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body};

use super::stored::{read, sha256};
use super::{Entry, Error, Result};

/// Downloads a network's file into a folder and checks its sum; what is there already is kept.
///
/// The file is collected under the name `FILE.part` and renamed when it is whole. What an interrupted
/// download left there is gone on with. `hook` is told how many bytes there are, and may break off.
/// No part of the connection may be silent for longer than `timeout`.
///
/// # Returns
/// Where the file is.
///
/// # Errors
/// Where no address is known, the server does not answer or answers with something else, what came is
/// not the network (it is removed then), the caller broke off, or the file cannot be written.
pub fn pull(
    entry: &Entry,
    folder: &Path,
    timeout: Duration,
    hook: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<PathBuf> {
    let (Some(address), Some(size)) = (&entry.address, entry.bytes) else {
        return Err(Error::Usage(format!(
            "{:?} cannot be downloaded by visard; it comes from {}",
            entry.name, entry.source
        )));
    };
    let target = folder.join(&entry.file);
    if !target.exists() {
        let path = folder.join(format!("{}.part", entry.file));
        let mut part = Part::open(&path).map_err(|e| unwritable(&path, e))?;
        let mut download = Download { entry, address, size, agent: agent(address, timeout) };
        download.complete(&mut part, hook)?;
        drop(part);
        check(entry, &path).inspect_err(|_| drop(std::fs::remove_file(&path)))?;
        std::fs::rename(&path, &target).map_err(|e| unwritable(&target, e))?;
    }
    check(entry, &target)?;
    Ok(target)
}

/// The beginning of a file; only one process at a time has it.
struct Part {
    file: File,
    length: u64,
}

impl Part {
    fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let file = File::options().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { length: file.metadata()?.len(), file }),
            Err(TryLockError::WouldBlock) => Err(io::Error::other("another visard is downloading it")),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn clear(&mut self) -> io::Result<()> {
        self.length = 0;
        self.file.set_len(0)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

/// One file that is to be had from one address.
struct Download<'a> {
    entry: &'a Entry,
    address: &'a str,
    size: u64,
    agent: Agent,
}

impl Download<'_> {
    /// Appends to the part until it is whole.
    fn complete(&mut self, part: &mut Part, hook: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Result<()> {
        if part.length > self.size {
            part.clear().map_err(|e| self.failed(e))?;
        }
        if part.length < self.size {
            let mut response = self.answer(part).map_err(|e| self.failed(e))?;
            self.receive(&mut response, part, hook)?;
        }
        part.file.sync_all().map_err(|e| self.failed(e))
    }

    /// Asks for what is missing; clears the part where the server gives the whole file instead.
    fn answer(&self, part: &mut Part) -> io::Result<Response<Body>> {
        let mut response = self.ask(part.length);
        if let Err(ureq::Error::StatusCode(416)) = response {
            part.clear()?;
            response = self.ask(0);
        }
        let response = response.map_err(ureq::Error::into_io)?;
        let range = response.headers().get("Content-Range").and_then(|value| value.to_str().ok());
        let goes_on = range.is_some_and(|range| range.starts_with(&format!("bytes {}-", part.length)));
        match (response.status().as_u16(), goes_on) {
            (206, true) => {}
            (200, _) => part.clear()?,
            (status, _) => return Err(invalid(format!("the answer has status {status} and does not fit"))),
        }
        match response.body().content_length() {
            Some(length) if part.length + length != self.size => {
                let (all, size) = (part.length + length, self.size);
                part.clear()?;
                Err(invalid(format!("the file there has {all} bytes, the catalogue says {size}")))
            }
            _ => Ok(response),
        }
    }

    fn ask(&self, from: u64) -> std::result::Result<Response<Body>, ureq::Error> {
        let request = self.agent.get(self.address);
        if from == 0 { request.call() } else { request.header("Range", format!("bytes={from}-")).call() }
    }

    fn receive(
        &self,
        response: &mut Response<Body>,
        part: &mut Part,
        hook: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut body = response.body_mut().as_reader();
        let mut buffer = vec![0; 1 << 16];
        while part.length < self.size {
            if hook(part.length).is_break() {
                return Err(Error::Cancelled);
            }
            let wanted = buffer.len().min((self.size - part.length) as usize);
            let count = match body.read(&mut buffer[..wanted]) {
                Ok(0) => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                other => other,
            };
            let count = count.map_err(|source| self.interrupted(part, source))?;
            part.append(&buffer[..count]).map_err(|e| self.failed(e))?;
        }
        let _ = hook(part.length);
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Download { name: self.entry.name.clone(), address: self.address.into(), source }
    }

    fn interrupted(&self, part: &Part, source: io::Error) -> Error {
        Error::Interrupted { name: self.entry.name.clone(), bytes: part.length, size: self.size, source }
    }
}

fn agent(address: &str, timeout: Duration) -> Agent {
    Agent::config_builder()
        .user_agent("visard")
        // An address that is secret from others on the way stays so, whatever the server says.
        .https_only(address.starts_with("https:"))
        .timeout_resolve(Some(timeout))
        .timeout_connect(Some(timeout))
        .timeout_recv_response(Some(timeout))
        .timeout_per_read(Some(timeout))
        .build()
        .into()
}

fn check(entry: &Entry, path: &Path) -> Result<()> {
    let actual = sha256(&read(path)?);
    if actual == entry.sha256 {
        return Ok(());
    }
    let (path, expected) = (path.display().to_string(), entry.sha256.clone());
    Err(Error::Checksum { name: entry.name.clone(), path, expected, actual })
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn unwritable(path: &Path, source: io::Error) -> Error {
    Error::Unwritable { path: path.display().to_string(), source }
}
