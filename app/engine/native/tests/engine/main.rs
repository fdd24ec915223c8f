//! The whole engine on a simulated computer. It runs days of a house in milliseconds.

mod ahead;
mod broker;
mod carried;
mod clocks;
mod commands;
mod corrections;
mod disk;
mod doubts;
mod earlier;
mod files;
mod floods;
mod held_off;
mod history;
mod house;
mod interleaved;
mod lines;
mod load_profile;
mod notices;
mod ports;
mod questions;
mod reading;
mod respelled;
mod sealed;
mod stated;
mod tabs;
mod zones;
