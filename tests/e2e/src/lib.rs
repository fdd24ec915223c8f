//! The environment of the end-to-end tests: a real browser, real ttys with meters, and a real broker.
//!
//! A [`Scene`] is a folder below the target directory with the ttys of one test. [`Player`] makes a meter send on one
//! of them in real time and records what it sent. [`Site`] serves the built page, [`Page`] is the page in a
//! [`Browser`], and [`Broker`] receives what the page forwards. By default, nothing in the page is replaced except the
//! choosers, which no script can operate.
//!
//! Tests wait for conditions with timeouts and never for a fixed time. If a tool is missing, the test fails with a
//! message that says what to install.

pub mod asked;
pub mod bridge;
pub mod broker;
pub mod browser;
pub mod cdp;
pub mod chance;
pub mod house;
pub mod log;
pub mod meter;
pub mod npm;
pub mod page;
pub mod pty;
pub mod scene;
pub mod stranger;
pub mod times;
pub mod year;

use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use broker::Broker;
pub use browser::Browser;
pub use meter::Player;
pub use page::Page;
pub use pty::Pty;
pub use scene::Scene;
pub use stranger::Stranger;
pub use times::Times;
pub use xtask::serve::{Headers, Site};

/// Calls `look` repeatedly until it returns a value. Returns `None` after `patience`.
pub fn wait_for<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    let mut pause = SHORTEST_PAUSE;
    loop {
        if let Some(seen) = look() {
            return Some(seen);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::sleep(pause);
        // The pauses grow, because looking takes time from the process under test.
        pause = (pause * 5 / 4).min(LONGEST_PAUSE);
    }
}

/// Milliseconds since 1970, on the same clock as the browser's `performance.timeOrigin`.
#[must_use]
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}

/// Serves the built page at a free port, from the folder [`dist`].
///
/// # Panics
/// If the page has not been built.
#[must_use]
pub fn serve() -> Site {
    let folder = dist();
    Site::open(&folder, 0).expect("the loopback has a free port")
}

/// The folder with the built page: the one that `METERTAP_DIST` names, otherwise the workspace's `dist`.
///
/// # Panics
/// If the page has not been built.
#[must_use]
pub fn dist() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    let folder = std::env::var_os("METERTAP_DIST").map_or_else(own, PathBuf::from);
    assert!(
        folder.join("index.html").exists(),
        "the page is not built into {}: run `cargo xtask test`, which builds it first, or `trunk build`",
        folder.display()
    );
    folder
}

/// The path of a file of the built page, found by its name without hash.
///
/// # Panics
/// If there is no such file.
#[must_use]
pub fn file_of(folder: &Path, name: &str) -> PathBuf {
    let (stem, kind) = name.rsplit_once('.').expect("a file of the page has a kind");
    let is_it = |path: &PathBuf| {
        let there = path.file_name().unwrap_or_default().to_string_lossy();
        let hash = there.strip_prefix(stem).and_then(|rest| rest.strip_suffix(kind));
        hash.is_some_and(|hash| hash.len() == "-0123456789abcdef.".len())
    };
    let mut files = fs::read_dir(folder).expect("the page was built").flatten().map(|entry| entry.path());
    files.find(is_it).unwrap_or_else(|| panic!("{} has no {name}", folder.display()))
}

/// Prints a message even if the test passes, because it goes past libtest's capture of output.
pub fn say(sentence: &str) {
    let _ = writeln!(stderr(), "{sentence}");
}

/// The timeout for events that should come soon, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
const SHORTEST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
