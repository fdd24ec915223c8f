//! The programs in workers: the engine on a browser, and the one that makes workbooks.

mod channel;
pub mod disk;
mod files;
mod locks;
pub mod log;
mod platform;
mod rare;
mod serial;
mod socket;
mod window;
pub mod workbook;
mod zone;

pub use platform::Browser;
pub use rare::Rare;

use metertap_engine::Parts;
use metertap_engine::platform::Platform;

use crate::browser::program;
use crate::protocol::Event;

/// Runs the engine from its start to its end.
pub async fn run(parts: Parts<Browser>, rare: Rare) {
    let Some((port, commands)) = window::listen(rare.prepare) else { return };
    let browser = Browser::new(port, rare);
    browser.tell(&Event::Awake { covered: program::is_covered().await }, None);
    metertap_engine::run(browser, parts, commands).await;
}
