//! Small components. Each takes signals of just what it shows.

pub mod age;
pub mod fault_card;
pub mod icon;
pub mod key_form;
pub mod label;
pub mod live_chart;
pub mod net_power;
pub mod place;
pub mod quality;
pub mod registers;
pub mod value;
