//! The one place where the code of a trouble becomes words for a person.
//!
//! Codes come in: the decoder's (`Error::code`), those of serial ports, files, the log and this program's parts, and
//! the broker's (`Refusal::code`). Out comes what happened, what it means, and what to do. The list is closed and tested
//! to be complete; a code that is not in it gets an honest sentence instead of a guess.

mod broker;
mod files;
mod meter;
mod page;

/// What a person is told.
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
pub fn words(code: &str) -> Words {
    tables().find(|(known, _)| *known == code).map_or(UNKNOWN, |(_, words)| *words)
}

/// Every code that has words of its own.
pub fn codes() -> impl Iterator<Item = &'static str> {
    tables().map(|(code, _)| *code)
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
fn tables() -> impl Iterator<Item = &'static (&'static str, Words)> {
    meter::TABLE.iter().chain(files::TABLE).chain(page::TABLE).chain(broker::TABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::mqtt::Refusal;
    use crate::log::format::chunk::{Damage, TooLarge};
    use metertap_decoder::error::{CipherError, DialogueError, Error, Flaw, FrameError, ParseError};
    use std::collections::BTreeSet;

    /// One of each; a variant that is new stops the compiler below.
    fn errors() -> Vec<Error> {
        let errors: Vec<Error> = vec![
            FrameError::Checksum { found: 0, computed: 1 }.into(),
            FrameError::ChecksumMissing.into(),
            FrameError::TooLong { limit: 0 }.into(),
            FrameError::Truncated.into(),
            FrameError::Malformed(Flaw::Llc).into(),
            CipherError::KeyMissing.into(),
            CipherError::TagMismatch.into(),
            CipherError::KeyWrong.into(),
            CipherError::SuiteUnsupported(0).into(),
            CipherError::SystemTitle { length: 0 }.into(),
            CipherError::Truncated.into(),
            ParseError::Truncated.into(),
            ParseError::TypeUnexpected { wanted: 0, found: 0 }.into(),
            ParseError::TooDeep { limit: 0 }.into(),
            ParseError::TooMany { limit: 0 }.into(),
            ParseError::Unsupported(0).into(),
            ParseError::ListUnknown { length: 0 }.into(),
            ParseError::Line.into(),
            ParseError::Locked.into(),
            ParseError::Refused(0).into(),
            DialogueError::Silent { tries: 3 }.into(),
            DialogueError::Damaged { tries: 3 }.into(),
            DialogueError::Refused.into(),
            DialogueError::OutOfTurn.into(),
            DialogueError::Changeover.into(),
        ];
        for error in &errors {
            match error {
                Error::Frame(
                    FrameError::Checksum { .. }
                    | FrameError::ChecksumMissing
                    | FrameError::TooLong { .. }
                    | FrameError::Truncated
                    | FrameError::Malformed(_),
                )
                | Error::Cipher(
                    CipherError::KeyMissing
                    | CipherError::TagMismatch
                    | CipherError::KeyWrong
                    | CipherError::SuiteUnsupported(_)
                    | CipherError::SystemTitle { .. }
                    | CipherError::Truncated,
                )
                | Error::Parse(
                    ParseError::Truncated
                    | ParseError::TypeUnexpected { .. }
                    | ParseError::TooDeep { .. }
                    | ParseError::TooMany { .. }
                    | ParseError::Unsupported(_)
                    | ParseError::ListUnknown { .. }
                    | ParseError::Line
                    | ParseError::Locked
                    | ParseError::Refused(_),
                )
                | Error::Dialogue(
                    DialogueError::Silent { .. }
                    | DialogueError::Damaged { .. }
                    | DialogueError::Refused
                    | DialogueError::OutOfTurn
                    | DialogueError::Changeover,
                ) => {}
            }
        }
        errors
    }

    #[test]
    fn every_code_of_decoder_log_and_broker_has_words() {
        let errors = errors();
        let codes: BTreeSet<&str> = errors.iter().map(Error::code).collect();
        assert_eq!(codes.len(), errors.len(), "one of each");
        let damages = [Damage::Foreign, Damage::Version(0), Damage::Checksum, Damage::Malformed];
        let of_the_log = damages.map(Damage::code).into_iter().chain([TooLarge::CODE]);
        let refusals = Refusal::ALL.iter().map(|refusal| refusal.code());
        use crate::files::backup::Refusal as R;
        let of_backups = [R::Foreign, R::Version(0), R::Truncated, R::Checksum, R::Malformed].map(R::code);
        let of_imports = crate::files::import::Problem::ALL.map(crate::files::import::Problem::code);
        let of_files = of_backups.into_iter().chain(of_imports);
        for code in codes.into_iter().chain(refusals).chain(of_the_log).chain(of_files) {
            assert_ne!(words(code), UNKNOWN, "{code}");
        }
    }

    #[test]
    fn each_code_is_listed_once_and_an_unknown_one_says_so() {
        let once: BTreeSet<&str> = codes().collect();
        assert_eq!(once.len(), tables().count());
        assert_eq!(words("frame.astonishing"), UNKNOWN);
    }

    /// The rules of tone that a machine can check.
    #[test]
    fn words_are_sentences_without_shouting() {
        for (code, Words { title, means, todo }) in tables().chain([&("", UNKNOWN)]) {
            for text in [title, means, todo] {
                assert!(text.starts_with(|letter: char| letter.is_uppercase()), "{code}: {text}");
                assert!(!text.contains(['!']) && !text.contains("  "), "{code}: {text}");
            }
            assert!(!title.ends_with('.') && title.len() <= 60, "{code}: {title}");
            assert!(means.ends_with(['.', '?']) && todo.ends_with(['.', '?']), "{code}");
        }
    }
}
