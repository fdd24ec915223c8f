//! The one place where the code of a fault becomes words for the user.
//!
//! A [`Code`] goes in: the decoder's, a source's, a file's, the log's, this program's or the broker's. What happened,
//! what it means and what to do come out. A code of another version of this program, which is not in the list, gets an
//! honest sentence instead of a guess.

mod broker;
mod code;
mod files;
mod meter;
mod modbus;
mod page;

pub use code::Code;

/// What the user is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Words {
    /// What happened, in a few words, without a full stop.
    pub title: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do about it.
    pub todo: &'static str,
}

/// The words for a code.
#[must_use]
pub fn words(code: &Code) -> Words {
    tables().find(|(known, _)| known == code).map_or(UNKNOWN, |(_, words)| *words)
}

const fn say(title: &'static str, means: &'static str, todo: &'static str) -> Words {
    Words { title, means, todo }
}

const UNKNOWN: Words = say(
    "Something went wrong",
    "There are no better words for it yet than the name in small print.",
    "If it comes again, please report that name.",
);

const SEND_US: &str = "Please send us the kept octets, so that it can be learned. Nothing you have is lost.";

/// Sorted by who is asked to do something.
fn tables() -> impl Iterator<Item = &'static (Code, Words)> {
    meter::TABLE.iter().chain(modbus::TABLE).chain(files::TABLE).chain(page::TABLE).chain(broker::TABLE)
}

#[cfg(test)]
mod tests;
