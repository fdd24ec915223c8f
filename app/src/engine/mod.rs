//! The engine: in its worker it owns the ports, the decoder's sessions, the log and the way to the broker.

pub mod log;
