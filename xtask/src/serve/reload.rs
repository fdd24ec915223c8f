//! Reloads a page under development after each build, and shows why a build failed. A script in the page listens to a
//! stream of events that announces the builds (HTML, clause 9.2, server-sent events).

use std::{
    fs,
    io::{self, Write},
    net::TcpStream,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

pub(super) const SCRIPT: &str = "/.reload.js";
pub(super) const STREAM: &str = "/.builds";
/// The path of the service worker. There is none here, because it would keep serving the first build.
pub(super) const SERVICE_WORKER: &str = "/sw.js";

/// The state of a page's builds. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Builds {
    failure: Arc<Mutex<Option<String>>>,
}

impl Builds {
    /// Records that the newest build failed. Open pages show these lines at the top.
    pub fn failed(&self, why: String) {
        self.set(Some(why));
    }

    /// Records that a build begins, and forgets an earlier failure.
    pub fn begun(&self) {
        self.set(None);
    }

    fn set(&self, failure: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The script. It shows a failure as text, never as markup.
pub(super) const PROGRAM: &str = "const { build } = document.currentScript.dataset;
const builds = new EventSource(\"./.builds\");
builds.onmessage = ({ data }) => {
  if (data !== build) location.reload();
};
const banner = document.createElement(\"pre\");
banner.style.cssText = \"position:fixed;inset:0 0 auto;z-index:9;margin:0;padding:1em;\"
  + \"background:#fee;color:#600;white-space:pre-wrap\";
builds.addEventListener(\"failure\", ({ data }) => {
  banner.textContent = `The last build failed:\\n${data}`;
  document.documentElement.append(banner);
});
";

/// The page with the script added. The script's tag contains the number of the page's build.
pub(super) fn into_page(html: &[u8], folder: &Path) -> Vec<u8> {
    let build = Build::of(folder).map_or(0, |build| build.moment);
    let script = format!("<script src=\".{SCRIPT}\" data-build=\"{build}\"></script></head>");
    String::from_utf8_lossy(html).replacen("</head>", &script, 1).into_bytes()
}

/// The page shown while there is no build.
pub(super) const NO_PAGE: &str =
    "<!DOCTYPE html><head><title>Metertap</title></head><p>The page is being built.";

/// Announces the current build, each further build and each failure, until one side ends the stream.
pub(super) fn stream(
    stream: &mut TcpStream,
    folder: &Path,
    builds: &Builds,
    stopped: &AtomicBool,
) -> io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")?;
    write!(stream, "Cache-Control: no-store\r\nConnection: close\r\n\r\n")?;
    let (mut said, mut seen, mut failure) = (None, None, None);
    let mut spoke = Instant::now();
    while !stopped.load(Ordering::Relaxed) {
        let build = Build::of(folder);
        // Trunk moves the files one by one. A build is complete when two checks in a row see the same files.
        if build.is_some() && build == seen && build != said {
            write!(stream, "data: {}\n\n", build.as_ref().map_or(0, |build| build.moment))?;
            said.clone_from(&build);
            spoke = Instant::now();
        } else if let Some(why) = builds.failure().filter(|why| failure.as_ref() != Some(why)) {
            let lines: String = why.lines().map(|line| format!("data: {line}\n")).collect();
            write!(stream, "event: failure\n{lines}\n")?;
            failure = Some(why);
            spoke = Instant::now();
        } else if spoke.elapsed() > SILENCE {
            // Writing shows whether the browser has gone away.
            write!(stream, ":\n\n")?;
            spoke = Instant::now();
        }
        seen = build;
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(())
}

/// A build: the number of files, and when the last of them was written, in nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Build {
    files: usize,
    moment: u128,
}

impl Build {
    /// The build in the folder, if it contains a page.
    fn of(folder: &Path) -> Option<Self> {
        folder.join("index.html").is_file().then_some(())?;
        // Trunk assembles the next build in a folder whose name begins with a dot.
        let is_hidden = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
        let written =
            |entry: fs::DirEntry| entry.metadata().ok()?.modified().ok().filter(|_| !is_hidden(&entry));
        let written: Vec<_> = fs::read_dir(folder).ok()?.flatten().filter_map(written).collect();
        let last = written.iter().max()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self { files: written.len(), moment: last.as_nanos() })
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const SILENCE: Duration = Duration::from_secs(5);
