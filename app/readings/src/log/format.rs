//! The log's rows as bytes: entries as columns of a chunk, and the directory of chunks.

pub(in crate::log) mod bytes;
pub mod chunk;
pub mod directory;
pub(in crate::log) mod integers;
pub mod row;
pub(in crate::log) mod shape;
pub(in crate::log) mod vocabulary;
