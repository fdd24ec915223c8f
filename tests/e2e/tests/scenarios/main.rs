//! A meter's telegrams through a real browser on a real tty, to the screen, a file and a broker.
//!
//! Each file is a way to use Metertap, or a fault that it must survive. The tests run in parallel, each with its own
//! browser, server and ttys.

mod adapters;
mod at_a_glance;
mod at_once;
mod backups;
mod bridge;
mod bus;
mod capture;
mod captured;
mod cleared;
mod clearing;
mod clocks;
mod corrected;
mod counters;
mod detection;
mod exchange;
mod faults;
mod figures;
mod first_visit;
mod forwarding;
mod ground;
mod history;
mod hostile;
mod hostile_files;
mod languages;
mod mishaps;
mod newcomer;
mod not_started;
mod offline;
mod parts;
mod policy;
mod serving;
mod stated;
mod storage;
mod tabs;
mod update;
mod zones;
