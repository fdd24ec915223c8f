//! The whole engine over a computer that never existed: what happens in a house in days, in milliseconds.

mod broker;
mod disk;
mod files;
mod house;
mod reading;
mod tabs;
