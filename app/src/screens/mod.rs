//! The screens: each shows signals and asks for actions; none accesses the browser or the engine.

pub mod ahead_tiles;
pub mod connect;
pub mod contract;
pub mod data;
pub mod forward;
pub mod history;
pub mod live;
pub mod log_notices;
pub mod meter_card;
pub mod meter_details;
pub mod meter_help;
pub mod meters;
pub mod notice_limits;
pub mod notices;
pub mod octets;
pub mod outlook;
pub mod phases;
pub mod storage;
pub mod tiles;
pub mod totals;
pub mod welcome;
pub mod welcome_more;
