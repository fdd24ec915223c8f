//! A simulated computer for the engine to run on. Its clock moves on request, its disk is in memory, its meters are
//! simulated, and its brokers are scripted. Tests can make disks, ports, locks, files and brokers fail.
//!
//! Several tabs of one [`World`] are tabs of one browser. They share disk, locks and channels.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "it is for tests")]

mod any_broker;
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

pub use any_broker::forward_to_any_broker;
pub use chance::Chance;
pub use disks::{Disks, TabDisk};
pub use files::{Blob, File, Folder, Handle};
pub use locks::Locks;
pub use platform::Native;
pub use serial::{Adapter, Adapters};
pub use sockets::Brokers;
pub use tab::Tab;
pub use world::World;
