//! The whole engine over a computer that never existed: what happens in a house in days, in milliseconds.

mod broker;
mod commands;
mod disk;
mod earlier;
mod files;
mod house;
mod lines;
mod reading;
mod tabs;
mod zones;
