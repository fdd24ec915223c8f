//! Everything that can go wrong anywhere, as a closed list of codes.
//!
//! A [`Code`] comes from the decoder, a source, a file, the log, this program or the broker. The page has the words for
//! each (`app/locales`). If a code comes from another version and is not in the list, the page says that it does not
//! know the code.

mod code;

pub use code::Code;

#[cfg(test)]
mod tests;
