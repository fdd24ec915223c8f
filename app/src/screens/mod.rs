//! The screens: each shows signals and asks for actions; none touches the browser or the engine.

pub mod connect;
pub mod data;
pub mod forward;
pub mod history;
pub mod live;
pub mod log_notices;
pub mod meter_card;
pub mod meters;
pub mod octets;
pub mod storage;
pub mod tiles;
pub mod totals;
pub mod welcome;
