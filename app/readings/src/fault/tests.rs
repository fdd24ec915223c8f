//! Tests of the list of codes.

use super::*;
use metertap_decoder::error::{CipherError, DialogueError, Error, Flaw, FrameError, ParseError};
use metertap_decoder::reading::Protocol;
use std::collections::HashSet;

/// One of each. If a variant is added, the match below does not compile.
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
        ParseError::Exception(2).into(),
        DialogueError::Silent { tries: 3 }.into(),
        DialogueError::Damaged { tries: 3 }.into(),
        DialogueError::Refused.into(),
        DialogueError::OutOfTurn.into(),
        DialogueError::AnotherMaster.into(),
        DialogueError::Changeover.into(),
        DialogueError::Closed.into(),
        Error::NotBuilt(Protocol::Sml),
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
                | ParseError::Exception(_)
                | ParseError::Refused(_),
            )
            | Error::Dialogue(
                DialogueError::Silent { .. }
                | DialogueError::Damaged { .. }
                | DialogueError::Refused
                | DialogueError::OutOfTurn
                | DialogueError::AnotherMaster
                | DialogueError::Closed
                | DialogueError::Changeover,
            )
            | Error::NotBuilt(_) => {}
        }
    }
    errors
}

#[test]
fn the_decoders_codes_keep_their_words() {
    let errors = errors();
    let codes: HashSet<Code> = errors.iter().map(Code::from).collect();
    assert_eq!(codes.len(), errors.len(), "one of each");
    for error in &errors {
        assert_eq!(Code::from(error).as_str(), error.code());
    }
}

/// Disks, the page's records and everything that reads them rely on these words.
#[test]
fn every_code_of_build_e888b7f_is_still_known() {
    for word in E888B7F.split_whitespace() {
        let code = Code::from(word);
        assert!(Code::ALL.contains(&code), "{word}");
        assert_eq!(code.as_str(), word);
    }
}

#[test]
fn a_code_is_serialized_as_its_word_and_an_unknown_one_is_kept() {
    for word in Code::ALL.iter().map(Code::as_str).chain(["frame.astonishing"]) {
        let json = serde_json::to_string(&Code::from(word)).unwrap();
        assert_eq!(json, format!("{word:?}"));
        assert_eq!(serde_json::from_str::<Code>(&json).unwrap().as_str(), word);
    }
}

/// Every code of build e888b7f.
const E888B7F: &str = "
    backup.checksum backup.foreign backup.malformed backup.truncated backup.version bridge.address bridge.silent
    broker.busy broker.client-id broker.credentials broker.dropped broker.lost broker.mixed-content broker.no-answer
    broker.own-network broker.protocol broker.publish broker.silent broker.unreachable broker.url broker.version
    bus.crowded capture.blind capture.full capture.left-out capture.unsaved cipher.key-missing cipher.key-wrong
    cipher.suite-unsupported cipher.system-title cipher.tag-mismatch cipher.truncated dialogue.changeover
    dialogue.damaged dialogue.out-of-turn dialogue.refused dialogue.silent engine.left engine.other-build
    engine.other-tab engine.stopped engine.watches export.program export.too-large file.flaw file.gone
    file.no-telegram file.not-written file.stopped folder.failed folder.full folder.gone folder.permission
    frame.checksum frame.checksum-missing frame.malformed frame.too-long frame.truncated import.empty import.json
    import.number import.order import.other-meter import.time import.too-long import.unknown import.version key.form
    meter.locked parse.line parse.list-unknown parse.locked parse.refused parse.too-deep parse.too-many
    parse.truncated parse.type-unexpected parse.unsupported port.busy port.gone port.line-error port.noise
    port.silent search.nothing search.silence serial.failed serial.forbidden serial.insecure serial.missing
    serial.not-chosen simulator.model-unknown store.checksum store.evicted store.failed store.foreign store.full
    store.malformed store.missing store.thinned store.too-large store.version
";
