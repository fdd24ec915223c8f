//! The page's own web server: a folder in, HTTP/1.1 on the loopback out, with the headers a real host should send.
//!
//! `cargo xtask serve` stands on it, and so do the end-to-end tests, which must be able to take the server away.
//! That is why it is written on `std::net`: every answer closes its connection, and dropping a [`Site`] ends the
//! connections that a browser opened in advance, so that a stopped server looks stopped at once and on every one.

use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// What a host says with its files besides what they are.
#[derive(Clone, Copy, Debug)]
pub enum Headers {
    /// What a real host should send.
    All,
    /// Nothing, as hosts do that cannot be told.
    None,
    /// This policy with pages, and nothing with scripts.
    PagesOnly(&'static str),
}

/// A folder being served. Dropping it stops the server and waits until it has stopped.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Site {
    /// Serves `folder` on the loopback at `port`, or at any free port if that is 0.
    ///
    /// # Errors
    /// Whatever the system says against listening there, usually that the port is taken.
    pub fn open(folder: &Path, port: u16) -> io::Result<Self> {
        Self::open_with(folder, port, Headers::All)
    }

    /// The same as a host that sends other headers, or none.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(folder: &Path, port: u16, headers: Headers) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let accepting = {
            let (folder, stopped) = (folder.to_owned(), Arc::clone(&stopped));
            thread::spawn(move || accept(&listener, &folder, headers, &stopped))
        };
        Ok(Self { address, stopped, accepting: Some(accepting) })
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address for people and browsers: on `localhost`, which browsers trust with a serial port.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port())
    }

    /// Serves until the process is ended.
    pub fn wait(mut self) {
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(accepting) = self.accepting.take() {
            // The accepting thread sees the flag when it wakes, and a connection wakes it.
            let _ = TcpStream::connect(self.address);
            let _ = accepting.join();
        }
    }
}

/// What a response says besides its body.
struct Head {
    status: &'static str,
    kind: &'static str,
    cache: &'static str,
}

fn accept(listener: &TcpListener, folder: &Path, headers: Headers, stopped: &Arc<AtomicBool>) {
    let mut connections: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if stopped.load(Ordering::Relaxed) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let (folder, stopped) = (folder.to_owned(), Arc::clone(stopped));
        connections.retain(|connection| !connection.is_finished());
        connections.push(thread::spawn(move || {
            // A browser that goes away in the middle of an answer is nobody's fault.
            let _ = answer(stream, &folder, headers, &stopped);
        }));
    }
    for connection in connections {
        let _ = connection.join();
    }
}

fn answer(mut stream: TcpStream, folder: &Path, headers: Headers, stopped: &AtomicBool) -> io::Result<()> {
    let Some(request) = read_head(&mut stream, stopped)? else { return Ok(()) };
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (head, body) = match method {
        "GET" | "HEAD" => find(folder, target),
        _ => (plain("405 Method Not Allowed"), b"Only GET and HEAD are answered here.\n".to_vec()),
    };
    write!(stream, "HTTP/1.1 {}\r\n", head.status)?;
    write!(stream, "Content-Type: {}\r\nContent-Length: {}\r\n", head.kind, body.len())?;
    write!(stream, "Cache-Control: {}\r\nConnection: close\r\n", head.cache)?;
    let page_alone;
    let headers: &[_] = match headers {
        Headers::All => &HEADERS,
        Headers::PagesOnly(policy) if head.kind == HTML => {
            page_alone = [(POLICY, policy)];
            &page_alone
        }
        Headers::None | Headers::PagesOnly(_) => &[],
    };
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// The request up to its empty line, or nothing if the other side or the server ended before it.
fn read_head(stream: &mut TcpStream, stopped: &AtomicBool) -> io::Result<Option<String>> {
    stream.set_read_timeout(Some(STOP_IS_SEEN_WITHIN))?;
    let mut head = Vec::new();
    let mut part = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(0) => return Ok(None),
            Ok(count) => head.extend(part.iter().take(count)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if stopped.load(Ordering::Relaxed) || head.len() > LONGEST_HEAD {
            return Ok(None);
        }
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

fn find(folder: &Path, target: &str) -> (Head, Vec<u8>) {
    let path = target.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let path = PathBuf::from(if path.is_empty() { "index.html" } else { path });
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    match fs::read(folder.join(&path)) {
        Ok(body) if inside => (Head { status: "200 OK", kind: kind(&path), cache: cache(&path) }, body),
        _ => (plain("404 Not Found"), b"There is no such file in this build.\n".to_vec()),
    }
}

fn plain(status: &'static str) -> Head {
    Head { status, kind: "text/plain; charset=utf-8", cache: "no-store" }
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => HTML,
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// A file named by its content never changes; any other is asked for again each time.
fn cache(path: &Path) -> &'static str {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let hash = stem.trim_end_matches("_bg").rsplit_once('-').map_or("", |(_, hash)| hash);
    if hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// The policy of the page, in full. `index.html` says the same in a meta element for hosts that send no headers,
/// except for `frame-ancestors`, which browsers hear only here.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
    connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const POLICY: &str = "Content-Security-Policy";
const HTML: &str = "text/html; charset=utf-8";

const HEADERS: [(&str, &str); 5] = [
    (POLICY, CONTENT_SECURITY_POLICY),
    (
        "Permissions-Policy",
        "serial=(self), screen-wake-lock=(self), camera=(), geolocation=(), microphone=()",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

const LONGEST_HEAD: usize = 16 * 1024;

const STOP_IS_SEEN_WITHIN: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_with_their_type_and_the_policies() {
        let folder = folder("types", &[("index.html", "<p>"), ("engine_bg.wasm", "\0asm")]);
        let site = Site::open(&folder, 0).unwrap();
        let page = ask(&site, "GET / HTTP/1.1");
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
        assert!(page.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"), "{page}");
        assert!(page.contains("\r\nCache-Control: no-cache\r\n"), "{page}");
        assert!(page.contains("frame-ancestors 'none'\r\n"), "{page}");
        assert!(page.contains("\r\nPermissions-Policy: serial=(self), "), "{page}");
        assert!(page.ends_with("\r\n\r\n<p>"), "{page}");
        let wasm = ask(&site, "GET /engine_bg.wasm?again HTTP/1.1");
        assert!(wasm.contains("\r\nContent-Type: application/wasm\r\n"), "{wasm}");
    }

    #[test]
    fn a_host_without_headers_sends_none() {
        let folder = folder("bare", &[("index.html", "<p>"), ("engine.js", "")]);
        let bare = Site::open_with(&folder, 0, Headers::None).unwrap();
        let said = ask(&bare, "GET / HTTP/1.1");
        assert!(said.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"), "{said}");
        assert!(!said.contains("Policy"), "{said}");
        let pages = Site::open_with(&folder, 0, Headers::PagesOnly("worker-src 'self'")).unwrap();
        let said = ask(&pages, "GET / HTTP/1.1");
        assert!(said.contains("\r\nContent-Security-Policy: worker-src 'self'\r\n"), "{said}");
        assert!(!ask(&pages, "GET /engine.js HTTP/1.1").contains("Policy"));
    }

    #[test]
    fn only_names_that_carry_their_hash_are_kept_for_ever() {
        let for_ever = |name: &str| cache(Path::new(name)).contains("immutable");
        assert!(for_ever("app-39a2fd24038d6908.js"));
        assert!(for_ever("app-39a2fd24038d6908_bg.wasm"));
        assert!(!for_ever("engine_bg.wasm"));
        assert!(!for_ever("icons/icon-192.png"));
        assert!(!for_ever("index.html"));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = folder("outside", &[("index.html", "")]);
        fs::write(folder.with_extension("secret"), "secret").unwrap();
        let secret = folder.with_extension("secret");
        let name = secret.file_name().unwrap().to_str().unwrap();
        let site = Site::open(&folder, 0).unwrap();
        for target in [format!("/../{name}"), format!("/x/../../{name}"), secret.display().to_string()] {
            let said = ask(&site, &format!("GET {target} HTTP/1.1"));
            assert!(said.starts_with("HTTP/1.1 404"), "{target}: {said}");
        }
        assert!(ask(&site, "POST / HTTP/1.1").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn a_dropped_site_is_gone_on_every_connection() {
        let folder = folder("gone", &[("index.html", "")]);
        let site = Site::open(&folder, 0).unwrap();
        let address = site.address;
        let mut idle = TcpStream::connect(address).unwrap();
        assert!(ask(&site, "GET / HTTP/1.1").starts_with("HTTP/1.1 200"));
        drop(site);
        assert!(TcpStream::connect(address).is_err());
        assert!(!matches!(idle.read(&mut [0; 1]), Ok(1..)), "the idle connection must end, not hang");
        let again = Site::open(&folder, address.port()).unwrap();
        assert!(ask(&again, "GET / HTTP/1.1").starts_with("HTTP/1.1 200"));
    }

    #[test]
    fn the_page_says_the_same_policy_as_the_server() {
        let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../index.html")).unwrap();
        let meta = CONTENT_SECURITY_POLICY.trim_end_matches("; frame-ancestors 'none'");
        assert!(page.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{meta}\"")));
    }

    fn ask(site: &Site, line: &str) -> String {
        let mut stream = TcpStream::connect(site.address).unwrap();
        write!(stream, "{line}\r\nHost: localhost\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    }

    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("metertap-site-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        folder
    }
}
