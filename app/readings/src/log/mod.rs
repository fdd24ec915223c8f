//! The log on disk: [`chunk`], entries as columns.
//!
//! Nothing here does any input or output: octets go in and come out, and what is to be written is decided here.

#[cfg(test)]
mod arbitrary;
pub mod chunk;
mod integers;
mod octets;
mod shape;
mod words;
