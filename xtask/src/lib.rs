//! The part of xtask that is a library: the static web server, which the end-to-end tests use too.

pub mod serve;
