//! The page's own web server: serves a folder over HTTP/1.1, with the headers that a real host should send.
//!
//! `cargo xtask serve`, `cargo xtask dev` and the end-to-end tests use it. The tests must be able to stop the server.
//! The server is therefore written on `std::net`. Every answer closes its connection, and dropping a [`Site`] also ends
//! connections that a browser opened in advance. A stopped server is thus unreachable at once and on every connection.

mod account;
mod answer;
mod file;
mod headers;
mod line;
mod reload;
mod request;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use self::{account::Account, line::Pace};

pub use self::{
    account::Answer,
    headers::{CONTENT_SECURITY_POLICY, Headers},
    line::Line,
    reload::Builds,
};

/// How to serve a folder.
#[derive(Clone, Debug)]
pub struct Host {
    /// The address to listen on: the loopback address, or all addresses of the machine.
    pub address: IpAddr,
    /// The headers to send with the files.
    pub headers: Headers,
    /// The builds of a page under development. The page then has no service worker. It reloads after each build, and
    /// shows why a build failed.
    pub builds: Option<Builds>,
    /// Whether to send `ETag` and `Cache-Control`, by which a browser learns whether a file has changed, and how long
    /// it may use the file without asking.
    pub validators: bool,
    /// A simulated slow line to the visitors. `None` sends as fast as possible.
    pub line: Option<Line>,
}

impl Default for Host {
    fn default() -> Self {
        let address = Ipv4Addr::LOCALHOST.into();
        Self { address, headers: Headers::All, builds: None, validators: true, line: None }
    }
}

/// A folder being served. Dropping it stops the server and waits for its end.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    account: Arc<Account>,
    accepting: Option<JoinHandle<()>>,
}

impl Site {
    /// Serves `folder` on the loopback address at `port`, or at any free port if `port` is 0.
    ///
    /// # Errors
    /// If the system refuses to listen there, usually because the port is in use.
    pub fn open(folder: &Path, port: u16) -> io::Result<Self> {
        Self::open_as(folder, port, Host::default())
    }

    /// As [`Self::open`], with other headers or none.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_with(folder: &Path, port: u16, headers: Headers) -> io::Result<Self> {
        Self::open_as(folder, port, Host { headers, ..Host::default() })
    }

    /// As [`Self::open`], with all options of a host.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_as(folder: &Path, port: u16, host: Host) -> io::Result<Self> {
        let listener = TcpListener::bind((host.address, port))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, listener.local_addr()?.port()));
        let (stopped, account) = (Arc::new(AtomicBool::new(false)), Arc::<Account>::default());
        let accepting = {
            let pace = host.line.map(Pace::new);
            let served = Served { folder: folder.to_owned(), host, pace, account: Arc::clone(&account) };
            let stopped = Arc::clone(&stopped);
            thread::spawn(move || accept(&listener, &Arc::new(served), &stopped))
        };
        Ok(Self { address, stopped, account, accepting: Some(accepting) })
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The URL for users and browsers. It is on `localhost`, where browsers allow access to serial ports.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port())
    }

    /// The number of bytes of content sent so far.
    pub fn sent(&self) -> u64 {
        self.account.sum()
    }

    /// The files sent so far, in the order in which the answers began.
    pub fn answers(&self) -> Vec<Answer> {
        self.account.answers()
    }

    /// Serves until the process ends.
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
            // The accepting thread checks the flag when it wakes. A connection wakes it.
            let _ = TcpStream::connect(self.address);
            let _ = accepting.join();
        }
    }
}

/// What is served and how.
#[derive(Debug)]
struct Served {
    folder: PathBuf,
    host: Host,
    pace: Option<Pace>,
    account: Arc<Account>,
}

fn accept(listener: &TcpListener, served: &Arc<Served>, stopped: &Arc<AtomicBool>) {
    let mut connections: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if stopped.load(Ordering::Relaxed) {
            break;
        }
        let Ok(stream) = stream else {
            // No more connections can be accepted at the moment.
            thread::sleep(PAUSE);
            continue;
        };
        let (served, stopped) = (Arc::clone(served), Arc::clone(stopped));
        connections.retain(|connection| !connection.is_finished());
        if connections.len() >= MOST_CONNECTIONS {
            continue;
        }
        connections.push(thread::spawn(move || {
            // An error here means that the browser has gone away, which is fine.
            let _ = answer::answer(stream, &served, &stopped);
        }));
    }
    for connection in connections {
        let _ = connection.join();
    }
}

const PAUSE: Duration = Duration::from_millis(100);
/// The most connections at once. A browser opens six, and some in advance. Connections beyond the limit are closed.
const MOST_CONNECTIONS: usize = 256;

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{BufRead, BufReader, Read, Write},
        ops::Deref,
    };

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
    fn cached_files_are_not_sent_again() {
        let folder = folder("tags", &[("index.html", "<p>"), ("engine.js", "1")]);
        let site = Site::open(&folder, 0).unwrap();
        let first = ask(&site, "GET /engine.js HTTP/1.1");
        let tag = first.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
        let again = format!("GET /engine.js HTTP/1.1\r\nIf-None-Match: {tag}");
        let second = ask(&site, &again);
        assert!(second.starts_with("HTTP/1.1 304 Not Modified\r\n"), "{second}");
        assert!(
            second.contains(&format!("\r\nETag: {tag}\r\n")) && second.contains("frame-ancestors"),
            "{second}"
        );
        assert!(second.ends_with("\r\n\r\n"), "{second}");
        fs::write(folder.join("engine.js"), "2").unwrap();
        let third = ask(&site, &again);
        assert!(third.starts_with("HTTP/1.1 200 OK\r\n") && third.ends_with("\r\n\r\n2"), "{third}");
    }

    #[test]
    fn a_host_without_validators_sends_everything_each_time() {
        let folder = folder("no-tags", &[("index.html", "<p>"), ("engine.js", "1")]);
        let host = Host { validators: false, ..Host::default() };
        let site = Site::open_as(&folder, 0, host).unwrap();
        for _ in 0..2 {
            let said = ask(&site, "GET /engine.js HTTP/1.1\r\nIf-None-Match: *");
            assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
            assert!(!said.contains("ETag") && !said.contains("Cache-Control"), "{said}");
        }
        let answers = site.answers();
        let sent = answers.iter().map(|answer| (answer.target.as_str(), answer.parts[0].1));
        assert_eq!(sent.collect::<Vec<_>>(), [("/engine.js", 1); 2]);
        assert_eq!(site.sent(), 2);
    }

    #[test]
    fn compressible_files_are_sent_as_gzip_to_clients_that_accept_it() {
        let text = "metertap ".repeat(1000);
        let folder = folder("packed", &[("index.html", &text), ("icon.png", &text), ("short.js", "1")]);
        let site = Site::open(&folder, 0).unwrap();
        let plain = ask(&site, "GET / HTTP/1.1");
        assert!(plain.ends_with(&text) && !plain.contains("Content-Encoding"), "{plain}");
        let packed = ask_bytes(&site, "GET / HTTP/1.1\r\nAccept-Encoding: br, gzip");
        let (head, body) = packed.split_at(packed.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4);
        let head = String::from_utf8(head.to_vec()).unwrap();
        assert!(head.contains("\r\nContent-Encoding: gzip\r\nContent-Type: text/html"), "{head}");
        assert!(head.contains("\r\nVary: Accept-Encoding\r\n"), "{head}");
        assert!(body.len() < text.len() / 10, "{} bytes", body.len());
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(body).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        let tag = |head: &str| head.lines().find_map(|line| line.strip_prefix("ETag: ")).map(str::to_owned);
        assert_ne!(tag(&head), tag(&plain), "two representations, two tags");
        fs::write(folder.join("short.js.br"), "as by brotli").unwrap();
        let said = ask(&site, "GET /short.js HTTP/1.1\r\nAccept-Encoding: gzip, br");
        assert!(said.contains("\r\nContent-Encoding: br\r\n") && said.ends_with("as by brotli"), "{said}");
        for file in ["icon.png", "short.js"] {
            let said = ask(&site, &format!("GET /{file} HTTP/1.1\r\nAccept-Encoding: gzip"));
            assert!(!said.contains("Content-Encoding"), "{said}");
        }
    }

    #[test]
    fn a_development_page_is_notified_of_each_build() {
        let folder = folder("reloads", &[("index.html", "<head></head>"), ("sw.js", "")]);
        let failures = Builds::default();
        let host = Host { builds: Some(failures.clone()), ..Host::default() };
        let site = Site::open_as(&folder, 0, host).unwrap();
        let build = |page: &str| {
            page.split('"').find(|word| word.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
        };
        let page = ask(&site, "GET / HTTP/1.1");
        assert!(page.contains("<head><script src=\"./.reload.js\" data-build="), "{page}");
        assert!(ask(&site, "GET /.reload.js HTTP/1.1").contains("new EventSource(\"./.builds\")"));
        assert!(ask(&site, "GET /sw.js HTTP/1.1").starts_with("HTTP/1.1 404"));
        let mut builds = BufReader::new(request(&site, "GET /.builds HTTP/1.1")).lines().map(Result::unwrap);
        let first = builds.find(|line| line.starts_with("data: ")).unwrap();
        assert_eq!(first.strip_prefix("data: "), build(&page).as_deref());
        fs::write(folder.join("app-0123456789abcdef.js"), "").unwrap();
        let second = builds.find(|line| line.starts_with("data: ")).unwrap();
        assert_ne!(first, second);
        failures.failed("error: <b>\n --> lib.rs:1:1".to_owned());
        let failure: Vec<_> = builds.by_ref().skip_while(|line| line != "event: failure").take(3).collect();
        assert_eq!(failure, ["event: failure", "data: error: <b>", "data:  --> lib.rs:1:1"]);
        fs::remove_file(folder.join("index.html")).unwrap();
        assert!(
            ask(&site, "GET / HTTP/1.1").contains("data-build=\"0\"></script></head><p>The page is being")
        );
        fs::write(folder.join("index.html"), "<head></head>").unwrap();
        let plain = Site::open(&folder, 0).unwrap();
        assert!(ask(&plain, "GET / HTTP/1.1").ends_with("\r\n\r\n<head></head>"));
        assert!(ask(&plain, "GET /.builds HTTP/1.1").starts_with("HTTP/1.1 404"));
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

    fn ask(site: &Site, line: &str) -> String {
        String::from_utf8_lossy(&ask_bytes(site, line)).into_owned()
    }

    fn ask_bytes(site: &Site, line: &str) -> Vec<u8> {
        let mut said = Vec::new();
        request(site, line).read_to_end(&mut said).unwrap();
        said
    }

    fn request(site: &Site, line: &str) -> TcpStream {
        let mut stream = TcpStream::connect(site.address).unwrap();
        write!(stream, "{line}\r\nHost: localhost\r\n\r\n").unwrap();
        stream
    }

    /// A folder in the system's temporary folder, with these files in it.
    fn folder(name: &str, files: &[(&str, &str)]) -> Folder {
        let folder =
            std::env::temp_dir().join(format!("metertap-site-{name}-{}", std::process::id())).join("site");
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        Folder(folder)
    }

    /// A folder that is removed at the end of the test, with the one around it.
    struct Folder(PathBuf);

    impl Deref for Folder {
        type Target = Path;

        fn deref(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = self.0.parent().map(fs::remove_dir_all);
        }
    }
}
