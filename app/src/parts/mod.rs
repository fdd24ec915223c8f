//! Small components. Each takes signals of just what it shows.

pub mod age;
pub mod ask_form;
pub mod bus_search;
pub mod fault_card;
pub mod fields;
pub mod from_file;
pub mod icon;
pub mod key_form;
pub mod key_sources;
pub mod label;
pub mod line_form;
pub mod live_chart;
pub mod main_counter;
pub mod net_power;
pub mod octet_grid;
pub mod quality;
pub mod recording;
pub mod registers;
pub mod schedule_form;
pub mod skeleton;
pub mod statements;
pub mod switch;
pub mod value;
