//! Forwarding to a broker: what may leave the page, in which messages, and over which connection.

pub mod address;
pub mod forward;
pub mod leaving;
pub mod mqtt;
pub mod profile;
pub mod scripted;
