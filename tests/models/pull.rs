//! Downloads from servers that do well, and from servers that do not.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use visard::models::{Entry, Error, Result, pull};

use crate::server::{Server, begin, send};
use crate::sum;

const SIZE: usize = 300_000;
/// Long enough for a server that answers.
const PATIENT: Duration = Duration::from_secs(60);

fn file() -> Vec<u8> {
    (0..SIZE).map(|i| ((i * 7919) >> 5) as u8).collect()
}

/// What the catalogue says of [`file`].
fn entry(address: &str) -> Entry {
    let text = format!(
        "[[network]]\nname = 'n'\nkind = 'detector'\nfile = 'n.onnx'\nsha256 = '{}'\naddress = '{address}'\n\
         bytes = {SIZE}\nlicence = 'MIT'\nsource = 'a test'\n",
        sum(&file())
    );
    Entry::parse(&text, "test").unwrap().remove(0)
}

/// A folder to download to.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn pull(&self, server: &Server) -> Result<PathBuf> {
        pull(&entry(&server.address), self.0.path(), PATIENT, &mut |_| ControlFlow::Continue(()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Names and sizes of the files that are there.
    fn files(&self) -> Vec<(String, u64)> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|e| e.unwrap());
        entries.map(|e| (e.file_name().into_string().unwrap(), e.metadata().unwrap().len())).collect()
    }

    fn assert_whole(&self) {
        assert_eq!(self.files(), [("n.onnx".into(), SIZE as u64)]);
        assert!(std::fs::read(self.path("n.onnx")).unwrap() == file());
    }

    /// Leaves the beginning of a file there, as an interrupted download does.
    fn with_part(self, bytes: &[u8]) -> Self {
        std::fs::write(self.path("n.onnx.part"), bytes).unwrap();
        self
    }
}

fn good() -> Server {
    Server::start(|head, stream| send(&file(), head, stream))
}

/// Waits until the client has gone.
fn stall(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0]);
}

#[test]
fn a_download_is_whole_and_tells_how_far_it_is() {
    let (folder, server, mut steps) = (Folder::new(), good(), vec![]);
    let path = pull(&entry(&server.address), &folder.path("."), PATIENT, &mut |bytes| {
        steps.push(bytes);
        ControlFlow::Continue(())
    });
    assert_eq!(path.unwrap(), folder.path(".").join("n.onnx"));
    folder.assert_whole();
    assert_eq!((steps[0], steps[steps.len() - 1]), (0, SIZE as u64));
    assert!(steps.is_sorted() && steps.len() > 3, "{steps:?}");
    assert_eq!(server.ranges(), [""]);
}

#[test]
fn what_is_there_is_not_downloaded_again() {
    let (folder, server) = (Folder::new(), good());
    folder.pull(&server).unwrap();
    folder.pull(&server).unwrap();
    assert_eq!(server.ranges().len(), 1);
    std::fs::write(folder.path("n.onnx"), "another file").unwrap();
    let error = folder.pull(&server).unwrap_err();
    assert!(matches!(error, Error::Checksum { .. }), "{error}");
    assert_eq!(std::fs::read(folder.path("n.onnx")).unwrap(), b"another file");
}

#[test]
fn a_download_that_was_cut_off_goes_on_where_it_stopped() {
    let cut = Server::start(|_, stream| {
        begin("200 OK", "", SIZE, stream);
        stream.write_all(&file()[..100_000]).unwrap();
    });
    let folder = Folder::new();
    let error = folder.pull(&cut).unwrap_err();
    assert!(matches!(error, Error::Interrupted { bytes: 100_000, .. }), "{error}");
    assert!(error.to_string().starts_with("the download of \"n\" stopped at 100000 of 300000 bytes ("));
    assert_eq!(folder.files(), [("n.onnx.part".into(), 100_000)]);
    let server = good();
    folder.pull(&server).unwrap();
    folder.assert_whole();
    assert_eq!(server.ranges(), ["bytes=100000-"]);
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_what_came_is_kept() {
    let silent = Server::start(|_, stream| {
        begin("200 OK", "", SIZE, stream);
        stream.write_all(&file()[..100_000]).unwrap();
        stall(stream);
    });
    let folder = Folder::new();
    let short = Duration::from_millis(300);
    let pull = |server: &Server| {
        pull(&entry(&server.address), folder.0.path(), short, &mut |_| ControlFlow::Continue(()))
    };
    let error = pull(&silent).unwrap_err();
    let Error::Interrupted { bytes: 100_000, source, .. } = &error else { panic!("{error}") };
    assert!(source.to_string().contains("timeout"), "{source}");
    assert_eq!(folder.files(), [("n.onnx.part".into(), 100_000)]);

    let error = pull(&Server::start(|_, stream| stall(stream))).unwrap_err();
    assert!(matches!(&error, Error::Download { .. }) && error.to_string().contains("timeout"), "{error}");
}

#[test]
fn what_is_not_the_network_is_removed_and_both_sums_are_said() {
    let mut other = file();
    other[200_000] ^= 1;
    let expected = [sum(&file()), sum(&other)];
    let folder = Folder::new();
    let error = folder.pull(&Server::start(move |head, stream| send(&other, head, stream))).unwrap_err();
    let Error::Checksum { expected: a, actual: b, .. } = &error else { panic!("{error}") };
    assert_eq!([a.clone(), b.clone()], expected);
    assert_eq!(folder.files(), []);
    // So is a whole file whose beginning was left by something else.
    let folder = folder.with_part(&[1; 5000]);
    assert!(matches!(folder.pull(&good()), Err(Error::Checksum { .. })));
    assert_eq!(folder.files(), []);
    folder.pull(&good()).unwrap();
    folder.assert_whole();
}

#[test]
fn a_redirect_is_followed_and_keeps_its_place() {
    let server = good();
    let target = server.address.clone();
    let first =
        Server::start(move |_, stream| begin("302 Found", &format!("Location: {target}\r\n"), 0, stream));
    let folder = Folder::new().with_part(&file()[..1234]);
    folder.pull(&first).unwrap();
    folder.assert_whole();
    assert_eq!(server.ranges(), ["bytes=1234-"]);
}

#[test]
fn a_server_that_knows_no_ranges_gives_the_whole_file_again() {
    let server = Server::start(|_, stream| send(&file(), "", stream));
    let folder = Folder::new().with_part(&[1; 5000]);
    folder.pull(&server).unwrap();
    folder.assert_whole();
    assert_eq!(server.ranges(), ["bytes=5000-"]);
}

#[test]
fn a_part_that_is_too_long_is_begun_anew() {
    let server = good();
    let folder = Folder::new().with_part(&vec![1; SIZE + 1]);
    folder.pull(&server).unwrap();
    folder.assert_whole();
    assert_eq!(server.ranges(), [""]);
}

#[test]
fn a_file_of_another_size_is_refused_before_it_is_read() {
    let server = Server::start(|head, stream| send(b"version https://git-lfs", head, stream));
    for folder in [Folder::new(), Folder::new().with_part(&file()[..1234])] {
        let error = folder.pull(&server).unwrap_err().to_string();
        assert!(error.contains("the file there has 23 bytes, the catalogue says 300000"), "{error}");
        assert_eq!(folder.files(), [("n.onnx.part".into(), 0)]);
    }
    assert_eq!(server.ranges(), ["", "bytes=1234-", ""]);
}

#[test]
fn what_a_server_refuses_is_said_with_the_address() {
    let server = Server::start(|_, stream| begin("404 Not Found", "", 0, stream));
    let error = Folder::new().pull(&server).unwrap_err().to_string();
    assert!(error.contains("404") && error.contains(&server.address), "{error}");
    let closed = entry("http://127.0.0.1:1/file");
    let refused = pull(&closed, Folder::new().0.path(), PATIENT, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(Error::Download { .. })));
}

#[test]
fn the_caller_may_break_off_and_go_on_later() {
    let (folder, server) = (Folder::new(), good());
    let stopped = pull(&entry(&server.address), folder.0.path(), PATIENT, &mut |bytes| {
        if bytes > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert!(folder.files()[0].1 > 0);
    folder.pull(&server).unwrap();
    folder.assert_whole();
}

#[test]
fn one_download_of_a_file_at_a_time() {
    let (folder, server) = (Folder::new().with_part(b""), good());
    let other = File::options().append(true).open(folder.path("n.onnx.part")).unwrap();
    other.lock().unwrap();
    let error = folder.pull(&server).unwrap_err().to_string();
    assert!(error.contains("another visard is downloading it"), "{error}");
    assert_eq!(server.ranges().len(), 0);
}

#[test]
fn a_network_without_an_address_says_where_it_comes_from() {
    let entry = Entry { address: None, bytes: None, ..entry("http://nowhere") };
    let error = pull(&entry, Path::new("nowhere"), PATIENT, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "\"n\" cannot be downloaded by visard; it comes from a test");
}
