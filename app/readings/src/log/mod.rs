//! The log on disk: [`chunk`], entries as columns.
//!
//! Nothing here does any input or output: octets go in and come out, and what is to be written is decided here.

#[cfg(test)]
mod arbitrary;
pub mod block;
pub mod calendar;
pub mod chunk;
mod counter;
mod integers;
mod octets;
pub mod rollup;
mod shape;
pub mod track;
mod words;
