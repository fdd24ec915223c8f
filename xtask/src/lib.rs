//! The part of xtask that others may use: the static web server, which the end-to-end tests stand on as well.

pub mod serve;
