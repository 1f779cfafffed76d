//! A web server for one file on this machine.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Answers each connection once, in a thread that ends with the process.
pub(crate) struct Server {
    /// Where it is asked.
    pub(crate) address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server; `answer` is given the head of a request.
    pub(crate) fn start(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/file", listener.local_addr().unwrap());
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = heads.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head = head(&mut stream);
                seen.lock().unwrap().push(head.clone());
                answer(&head, &mut stream);
            }
        });
        Self { address, heads }
    }

    /// What was asked so far: of each request the range, or an empty text where all was asked for.
    pub(crate) fn ranges(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| range(head).unwrap_or_default()).collect()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

fn range(head: &str) -> Option<String> {
    head.lines().find_map(|line| Some(line.strip_prefix("range: ")?.to_string()))
}

/// Sends a file, or the end of it that is asked for.
pub(crate) fn send(file: &[u8], head: &str, stream: &mut TcpStream) {
    let from = range(head).map(|range| range["bytes=".len()..range.len() - 1].parse::<usize>().unwrap());
    let (status, range) = match from {
        None => ("200 OK", String::new()),
        Some(from) if from < file.len() => {
            let (last, all) = (file.len() - 1, file.len());
            ("206 Partial Content", format!("Content-Range: bytes {from}-{last}/{all}\r\n"))
        }
        Some(_) => ("416 Range Not Satisfiable", String::new()),
    };
    let rest = file.get(from.unwrap_or(0)..).unwrap_or_default();
    begin(status, &range, rest.len(), stream);
    // A client that has enough may be gone already.
    let _ = stream.write_all(rest);
}

/// Sends the head of an answer.
pub(crate) fn begin(status: &str, more: &str, length: usize, stream: &mut TcpStream) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
}
