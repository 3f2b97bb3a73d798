//! A small static file server for `dist/`, on 127.0.0.1 only: GET and HEAD, one thread a connection. It
//! sends the headers that the folder's `_headers` asks for, the page's policy among them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::site::Headers;

/// A server that has its port but does not answer yet.
pub struct Server {
    listener: TcpListener,
    folder: PathBuf,
}

impl Server {
    /// Takes the port (0: any free one).
    ///
    /// # Errors
    /// The port cannot be had; the message says so and offers another.
    pub fn bind(folder: &Path, port: u16) -> Result<Self, String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "Port {port} is in use by another program. Choose another one:  cargo xtask play --port {}\n\
                 (--port 0 takes any free port.)",
                port.checked_add(1).unwrap_or(8080),
            ),
            _ => format!("Port {port} on 127.0.0.1 cannot be opened: {error}. Choose another one with --port N."),
        })?;
        Ok(Self { listener, folder: folder.to_path_buf() })
    }

    /// The page's address.
    pub fn address(&self) -> String {
        let port = self.listener.local_addr().map_or(0, |address| address.port());
        format!("http://127.0.0.1:{port}/")
    }

    /// Answers until the process ends.
    pub fn serve(self) {
        for stream in self.listener.incoming().flatten() {
            let folder = self.folder.clone();
            // A browser that goes away in the middle of an answer is no event.
            std::thread::spawn(move || answer(stream, &folder).ok());
        }
    }
}

fn answer(stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?).take(16 * 1024);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut stream = stream;
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !matches!(method, "GET" | "HEAD") {
        return respond(
            &mut stream,
            "405 Method Not Allowed",
            "text/plain",
            &Headers::default(),
            b"only GET and HEAD\n",
            true,
        );
    }
    let found = file_of(folder, target).and_then(|path| Some((mime(&path), std::fs::read(path).ok()?)));
    match found {
        Some((kind, body)) => respond(&mut stream, "200 OK", kind, &Headers::of(folder), &body, method == "GET"),
        None => respond(
            &mut stream,
            "404 Not Found",
            "text/plain",
            &Headers::of(folder),
            b"no such file\n",
            method == "GET",
        ),
    }
}

fn respond(
    stream: &mut TcpStream,
    status: &str,
    kind: &str,
    headers: &Headers,
    body: &[u8],
    with_body: bool,
) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n",
        body.len(),
        headers.lines()
    );
    stream.write_all(head.as_bytes())?;
    if with_body {
        stream.write_all(body)?;
    }
    stream.flush()
}

/// The file that a request's target names; never one outside `folder`.
fn file_of(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let decoded = percent_decoded(path)?;
    let relative = Path::new(&decoded);
    if decoded.contains(['\\', '\0']) || !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let full = folder.join(relative);
    Some(if decoded.is_empty() || full.is_dir() { full.join("index.html") } else { full })
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            decoded.push(u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// An answer over HTTP.
pub struct Fetched {
    /// Its status code.
    pub status: u16,
    /// Its Content-Type.
    pub kind: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// Fetches `address` followed by `path` once.
///
/// # Errors
/// No connection, or no answer in HTTP.
pub fn fetch(address: &str, path: &str) -> Result<Fetched, String> {
    let host = address.trim_start_matches("http://").trim_end_matches('/');
    let failed = |error: std::io::Error| format!("{address}{path}: {error}");
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(failed)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").map_err(failed)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map_err(failed)?;
    parse_answer(&bytes).ok_or_else(|| format!("{address}{path}: no answer in HTTP"))
}

fn parse_answer(bytes: &[u8]) -> Option<Fetched> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let kind = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap_or_default();
    Some(Fetched { status, kind: kind.to_owned(), body: bytes.get(end + 4..)?.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_never_leaves_the_folder() {
        let folder = Path::new("dist");
        for outside in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/a/../../b", "//etc/passwd", "/..%5cb", "x", "/%zz"] {
            assert_eq!(file_of(folder, outside), None, "{outside}");
        }
        assert_eq!(file_of(folder, "/a.js?x=/../y"), Some(PathBuf::from("dist/a.js")));
        assert_eq!(file_of(folder, "/"), Some(PathBuf::from("dist/index.html")));
    }

    #[test]
    fn it_serves_files_with_their_types_and_says_when_a_port_is_taken() {
        let folder = std::env::temp_dir().join(format!("playground-serve-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("index.html"), "<p>here</p>").unwrap();
        std::fs::write(folder.join("a_bg.wasm"), b"\0asm").unwrap();
        let server = Server::bind(&folder, 0).unwrap();
        let address = server.address();
        let port: u16 = address.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
        std::thread::spawn(move || server.serve());

        let page = fetch(&address, "").unwrap();
        assert_eq!((page.status, page.body.as_slice()), (200, b"<p>here</p>".as_slice()));
        let wasm = fetch(&address, "a_bg.wasm").unwrap();
        assert_eq!((wasm.status, wasm.kind.as_str()), (200, "application/wasm"));
        assert_eq!(fetch(&address, "missing").unwrap().status, 404);

        let taken = Server::bind(&folder, port).err().unwrap();
        assert!(taken.contains(&format!("Port {port} is in use")) && taken.contains("--port"), "{taken}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
