//! To a broker: what may leave, as which messages, over which connection.

pub mod address;
pub mod forward;
pub mod leaving;
pub mod mqtt;
pub mod profile;
pub mod scripted;
