//! What the end-to-end tests stand on: a real browser, real ttys with meters behind them, a real broker.
//!
//! A [`Scene`] is a folder of its own below the target directory with the ttys of one test. [`Player`] lets a meter
//! speak on one of them in real time and remembers what it said; [`Browser`] opens the page; [`Server`] serves it;
//! [`Broker`] takes what it forwards. Nothing of the page is faked but the chooser, which no script can click.
//!
//! Tests wait for conditions with deadlines and never for time to pass. A tool that is missing fails the test with a
//! sentence on what to install.

pub mod broker;
pub mod browser;
pub mod cdp;
pub mod meter;
pub mod pty;
pub mod scene;

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use broker::Broker;
pub use browser::Browser;
pub use meter::Player;
pub use pty::Pty;
pub use scene::Scene;

/// Looks again and again until there is something to see; after the deadline, `None`.
pub fn wait_for<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look() {
            return Some(seen);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::sleep(GLANCE);
    }
}

/// Milliseconds since 1970 by the clock that the browser's `performance.timeOrigin` is told by.
#[must_use]
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}

/// How long a test waits for what should come soon, on a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(25);
