//! Everything that can go wrong anywhere, as a closed list of codes.
//!
//! A [`Code`] is the decoder's, a source's, a file's, the log's, this program's or the broker's. The page has the words
//! for each (`app/locales`). A code of another version of this program, which is not in the list, gets an honest sentence
//! instead of a guess.

mod code;

pub use code::Code;

#[cfg(test)]
mod tests;
