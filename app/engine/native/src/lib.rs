//! A computer that never existed, for the engine to run on: its clock is told to go on, its disk is memory, its meters are
//! simulated, its brokers scripted, and whatever can go wrong does so on demand.
//!
//! Several tabs of one [`World`] are tabs of one browser: they share disk, locks and channel.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "it is for tests")]

mod anybody;
mod bell;
mod chance;
mod channels;
mod disks;
mod files;
mod locks;
mod platform;
mod serial;
mod sockets;
mod tab;
mod timers;
mod world;

pub use anybody::forward_to_anybody;
pub use chance::Chance;
pub use disks::{Disks, TabDisk};
pub use files::{Blob, File, Folder, Handle};
pub use locks::Locks;
pub use platform::Native;
pub use serial::{Adapter, Adapters};
pub use sockets::Brokers;
pub use tab::Tab;
pub use world::World;
