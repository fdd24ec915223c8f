//! The one place where the code of a trouble becomes words for a person.
//!
//! Codes come in: the decoder's (`Error::code`), those of serial ports, files, the log and this program's parts, and
//! the broker's (`Refusal::code`). Out comes what happened, what it means, and what to do. The list is closed and tested
//! to be complete; a code that is not in it gets an honest sentence instead of a guess.

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
    TABLE.iter().find(|(known, _)| *known == code).map_or(UNKNOWN, |(_, words)| *words)
}

/// Every code that has words of its own.
pub fn codes() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(code, _)| *code)
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

/// Sorted by who is asked to do something: line, telegram, key, browser and port, file and log, this program, broker.
const TABLE: &[(&str, Words)] = &[
    (
        "frame.checksum",
        say(
            "A telegram was damaged on its way",
            "Its checksum does not fit, so it was left out: no wrong value gets in.",
            "One now and then is ordinary. If there are many, check the cable and its plugs, shorten it, and keep it \
             away from power lines; an optical head must sit straight.",
        ),
    ),
    (
        "frame.checksum-missing",
        say(
            "A telegram lost its checksum",
            "Your meter's telegrams end in a checksum and this one did not, so it was left out.",
            "One now and then is ordinary. If there are many, check the cable and its plugs.",
        ),
    ),
    (
        "frame.too-long",
        say(
            "A telegram did not end",
            "More octets came than any telegram has.",
            "Its end was probably lost: check the cable. If it is always so, another kind of meter may be connected \
             than was chosen.",
        ),
    ),
    (
        "frame.truncated",
        say(
            "A telegram broke off",
            "The line fell silent, or another telegram began, before this one was complete.",
            "Once, while plugging in, is ordinary. If it goes on, check the cable and its plugs, and whether the \
             adapter gets enough power.",
        ),
    ),
    (
        "frame.malformed",
        say(
            "Octets came that are no telegram",
            "They begin like one of your meter's telegrams and go on differently.",
            "One now and then is a disturbance. If it is always so, another kind of meter may be connected than was \
             chosen.",
        ),
    ),
    (
        "parse.truncated",
        say(
            "A telegram ends inside a value",
            "It arrived undamaged, and says less than it announces. What came before was kept.",
            SEND_US,
        ),
    ),
    (
        "parse.type-unexpected",
        say(
            "A telegram holds something unexpected",
            "It arrived undamaged, and at one place says something of another kind than meters do there.",
            SEND_US,
        ),
    ),
    (
        "parse.too-deep",
        say(
            "A telegram is nested too deeply",
            "It arrived undamaged, and no meter builds them like this.",
            SEND_US,
        ),
    ),
    (
        "parse.too-many",
        say(
            "A telegram has too many values",
            "It arrived undamaged, and no meter sends lists this long.",
            SEND_US,
        ),
    ),
    (
        "parse.unsupported",
        say(
            "Your meter says something we cannot read yet",
            "The telegram arrived undamaged. This part of its protocol is not built in.",
            SEND_US,
        ),
    ),
    (
        "parse.list-unknown",
        say(
            "Your meter sends a list we do not know yet",
            "Its values come without names and no table here describes them. They are kept, without meaning.",
            SEND_US,
        ),
    ),
    (
        "parse.line",
        say(
            "A line of a telegram could not be read",
            "The others stand; this one was left out.",
            "If it is always so, please send us the kept octets.",
        ),
    ),
    (
        "parse.locked",
        say(
            "Your meter is locked",
            "Without its PIN it sends whole kilowatt hours and no power.",
            "Your grid operator gives you the PIN. Enter it at the meter, with the button or with flashes of a torch, \
             and switch the full data set on there (Inf on).",
        ),
    ),
    (
        "parse.refused",
        say(
            "Your meter answers that it cannot",
            "It was asked for its values, and answered with an error of its own instead.",
            "If it is busy, the next answer is different. If it is always so, please send us the kept octets.",
        ),
    ),
    (
        "dialogue.silent",
        say(
            "Your meter does not answer",
            "It was asked several times, and nothing was heard.",
            "Put the head straight onto the meter's eye, cable down, or check the wires of the bus. Some meters answer \
             only after a button was pressed. It is asked again by itself.",
        ),
    ),
    (
        "dialogue.damaged",
        say(
            "Your meter's answers arrive damaged",
            "It was asked several times and answered, and no answer was whole. No wrong value gets in.",
            "An optical head must sit straight and out of bright light; a bus wants good contacts. It is asked again by \
             itself.",
        ),
    ),
    (
        "dialogue.refused",
        say(
            "Your meter answers, and has none of these values",
            "It understood the question and had nothing to say to it.",
            "Another model may be connected than was chosen. Please tell us which one it is.",
        ),
    ),
    (
        "dialogue.out-of-turn",
        say(
            "An answer came that nobody waited for",
            "Your meter answered late, or another one did. The answer was left out.",
            "One now and then is ordinary. If there are many, another device may be asking the same meter.",
        ),
    ),
    (
        "dialogue.changeover",
        say(
            "The faster speed did not work",
            "Your meter went to a faster speed and nothing was heard there. From now on it is read at the slow one.",
            "Nothing; a readout only takes longer. Another head may be able to follow.",
        ),
    ),
    (
        "cipher.key-missing",
        say(
            "Your meter encrypts its telegrams",
            "They arrive, and without the key nobody can read them.",
            "Your grid operator gives you the key: in Austria in its customer portal, in Luxembourg and Switzerland on \
             request. Enter it here; it stays on this device.",
        ),
    ),
    (
        "cipher.tag-mismatch",
        say(
            "The keys do not fit this telegram",
            "Either a key is wrong, or somebody changed the telegram on its way.",
            "Compare both keys with what the grid operator sent, character by character.",
        ),
    ),
    (
        "cipher.key-wrong",
        say(
            "The key does not fit",
            "What it makes of the telegram is no telegram.",
            "Compare the key with what the grid operator sent, character by character.",
        ),
    ),
    (
        "cipher.suite-unsupported",
        say(
            "Your meter encrypts in a way we do not know yet",
            "No meter seen so far protects its telegrams like this.",
            SEND_US,
        ),
    ),
    (
        "cipher.system-title",
        say(
            "Your meter does not say who encrypted the telegram",
            "The name that the key needs beside it is missing.",
            SEND_US,
        ),
    ),
    (
        "cipher.truncated",
        say(
            "An encrypted telegram broke off",
            "It ends before its own header does.",
            "One now and then is ordinary. If there are many, check the cable and its plugs.",
        ),
    ),
    (
        "serial.missing",
        say(
            "This browser cannot read serial ports",
            "Chrome, Edge, Opera, and Firefox from version 151 can, on a computer.",
            "Open this page in one of them. Simulated meters and files work here all the same.",
        ),
    ),
    (
        "serial.insecure",
        say(
            "This page came over plain http",
            "Browsers keep serial ports from such pages.",
            "Open it over https, or on this computer as http://localhost.",
        ),
    ),
    (
        "serial.forbidden",
        say(
            "Serial ports are forbidden here",
            "This site's settings in the browser say so, or whoever administers this computer.",
            "Look for Serial ports in the site settings, left of the address.",
        ),
    ),
    (
        "serial.failed",
        say(
            "The browser did not open its list of ports",
            "It does so only after a click, one list at a time.",
            "Reload the page and try once more.",
        ),
    ),
    (
        "serial.not-chosen",
        say(
            "No port was picked",
            "That is no error. If your adapter was not in the list, it is not plugged in, has no driver, or is hidden \
             by the filter.",
            "Plug it in again, try another cable, since some only charge, and show every port. Windows may need the \
             maker's driver.",
        ),
    ),
    (
        "port.busy",
        say(
            "The port is there and will not open",
            "Another program or another tab is reading it, or this computer does not let you: browsers do not tell \
             which.",
            "Close what else reads the meter. On Linux you must be in the group that owns the port, dialout, or uucp on \
             Arch; then log in anew. It is tried again by itself.",
        ),
    ),
    (
        "port.gone",
        say(
            "The adapter is unplugged",
            "What was heard until then is kept.",
            "Plug it in again. It is found and read by itself.",
        ),
    ),
    (
        "port.silent",
        say(
            "Nothing comes from the meter",
            "The port is open, and not one octet has been heard.",
            "Is the cable in the meter's customer port, and pushed in all the way? Has the grid operator opened the \
             port? Does the adapter's lamp blink? Is it the right adapter, should there be two?",
        ),
    ),
    (
        "search.silence",
        say(
            "Nothing at all comes from the port",
            "Every usual speed was listened to and every kind of meter was asked. Not one octet came; it goes on trying.",
            "An optical head must sit straight on the meter's eye, its cable downwards. A P1 or HAN port may have to be \
             opened by the grid operator first. A P1 cable needs an inverter inside. The adapter must be the one in the \
             meter, and a heat meter's display may have to be woken by its button.",
        ),
    ),
    (
        "search.nothing",
        say(
            "Something comes, and it makes no sense",
            "Every usual speed was tried, and no telegram came of what was heard; it goes on trying.",
            "Is it the right adapter for this port: an M-Bus adapter for HAN, a P1 cable for P1, an optical head for an \
             eye? If so, send us the kept octets: they may be of a kind that nobody has shown us yet.",
        ),
    ),
    (
        "key.form",
        say(
            "That is no key",
            "A key has 32 digits from 0 to 9 and A to F; spaces and hyphens between them do not matter.",
            "Copy it once more from the grid operator's letter or portal. Mind the digit 0 and the letter O, which \
             no key has.",
        ),
    ),
    (
        "port.noise",
        say(
            "Something comes, and it is no telegram",
            "Octets arrive, so cable and adapter work. Speed or kind of meter are probably other than chosen.",
            "Remove the meter here and connect it as another kind. Reading begins in the middle of a telegram: give it \
             a few seconds first.",
        ),
    ),
    (
        "port.line-error",
        say(
            "The line is disturbed",
            "Characters arrive with a wrong parity or stop bit. Reading goes on.",
            "One now and then, or while plugging in, is ordinary. If it goes on, the meter speaks at another speed or \
             parity: connect it as another kind. Otherwise check the cable.",
        ),
    ),
    (
        "file.no-telegram",
        say(
            "No telegram was found in the file",
            "It was searched for every kind of telegram that can be read here. The file itself is untouched.",
            "Raw octets and hex text can be read. If it holds one of a meter that is not supported, please send it to \
             us.",
        ),
    ),
    (
        "simulator.model-unknown",
        say(
            "This simulated meter is gone",
            "It is of a kind that this version no longer plays. Its readings are kept.",
            "Start another one, or remove it.",
        ),
    ),
    (
        "store.full",
        say(
            "There is no room left for readings",
            "The browser gives this page no more storage. Reading has stopped: what cannot be kept is not shown \
             either.",
            "Make room on the disk, or save the readings as a file and remove a meter that you no longer need.",
        ),
    ),
    (
        "store.missing",
        say(
            "The browser gives this page no storage",
            "A private window, or a setting, forbids it. Without a log there is nothing to read into.",
            "Open the page in an ordinary window, and allow this site to keep data.",
        ),
    ),
    (
        "store.failed",
        say(
            "A reading could not be kept",
            "The browser's storage refused it, and did not say that it is full.",
            "Reload the page. What was kept before is still there.",
        ),
    ),
    (
        "store.checksum",
        say(
            "Some stored readings are damaged",
            "An hour of readings is no longer what was written, so it was left out. Everything else is there, and so are \
             the totals of that hour.",
            "Save a copy of your readings. If it comes again, check the disk of this computer.",
        ),
    ),
    (
        "store.foreign",
        say(
            "Something else lies among the readings",
            "Another program, or a damaged disk, has put there what is no reading. It was left out.",
            "Save a copy of your readings. If it comes again, check the disk of this computer.",
        ),
    ),
    (
        "store.malformed",
        say(
            "Some stored readings make no sense",
            "They are what was written and cannot be read all the same. They were left out, and everything else is there.",
            "Please report this with the name in small print: it should never happen.",
        ),
    ),
    (
        "store.version",
        say(
            "Some readings are of a newer version",
            "A newer version of this page has stored readings in a form that this one does not know. They were left out.",
            "Reload the page, so that the newer version opens them.",
        ),
    ),
    (
        "store.too-large",
        say(
            "A reading is too large to be kept",
            "It has more values, or longer texts, than any meter sends.",
            "Please send us the kept octets, so that it can be learned.",
        ),
    ),
    (
        "engine.other-tab",
        say(
            "Another tab reads your meters",
            "A port can be read once, so that only one tab may.",
            "Go on in that tab, or close it and reload this one.",
        ),
    ),
    (
        "engine.other-build",
        say(
            "The page has been updated",
            "Half of it is still the former version.",
            "Reload the page. Your readings stay.",
        ),
    ),
    (
        "engine.stopped",
        say(
            "The part that reads the meters has stopped",
            "That must not happen. What was read before is kept.",
            "Reload the page, and please report what the small print says.",
        ),
    ),
    (
        "broker.url",
        say(
            "That is no broker's address",
            "Browsers speak MQTT only through a WebSocket, at an address that begins with ws:// or wss://.",
            "Ask your broker for a websockets listener. Its address often names a port and a path, such as \
             wss://broker.example:8884/mqtt.",
        ),
    ),
    (
        "broker.own-network",
        say(
            "The browser may block this broker",
            "This page came over https, and ws:// is not. Chrome and Edge from version 147 ask you once for permission \
             to reach your own network; other browsers refuse.",
            "With wss://, or this page opened as http://localhost, all of them connect.",
        ),
    ),
    (
        "broker.mixed-content",
        say(
            "The browser blocks this broker",
            "This page came over https, and browsers do not let such a page connect to ws:// at a name.",
            "Give the broker's address in numbers, use wss://, or open this page as http://localhost.",
        ),
    ),
    (
        "broker.unreachable",
        say(
            "The broker cannot be reached",
            "Nothing answers there as a WebSocket. Readings wait in the log.",
            "Check address and port, and that the broker listens for WebSockets. With wss:// of your own making, open \
             the address once with https:// and accept its certificate. It is tried again by itself.",
        ),
    ),
    (
        "broker.no-answer",
        say(
            "Something listens there and says nothing",
            "The WebSocket opened, and no MQTT answer came within ten seconds. Readings wait in the log.",
            "Is this an MQTT listener? Check port and path.",
        ),
    ),
    (
        "broker.dropped",
        say(
            "The broker hung up instead of answering",
            "It may not know this version of MQTT: the other one is tried next. Readings wait in the log.",
            "If it goes on, look into the broker's own log.",
        ),
    ),
    (
        "broker.version",
        say(
            "The broker speaks another version of MQTT",
            "Neither 5 nor 3.1.1 was taken. Readings wait in the log.",
            "Check that the address is that of an MQTT broker, and update the broker.",
        ),
    ),
    (
        "broker.credentials",
        say(
            "The broker does not let you in",
            "User name or password are wrong, or this user may not connect. Readings wait in the log.",
            "Enter them again. It is tried again every half minute.",
        ),
    ),
    (
        "broker.client-id",
        say(
            "The broker does not take our name",
            "Each meter connects under a name of its own, and the broker refused it or gave it to another.",
            "If a copy of this browser's profile runs elsewhere, stop forwarding in one of them.",
        ),
    ),
    (
        "broker.busy",
        say(
            "The broker has no time",
            "It is starting, stopping, or has too much to do. Readings wait in the log.",
            "Nothing; it is tried again by itself.",
        ),
    ),
    (
        "broker.publish",
        say(
            "The broker does not take the readings",
            "You are connected, and may not publish there; or a reading is larger than it allows. Readings wait in the \
             log.",
            "Allow this user to write to the topics below the prefix, and keep + and # out of the prefix.",
        ),
    ),
    (
        "broker.lost",
        say(
            "The connection to the broker is gone",
            "Readings wait in the log.",
            "Nothing; it is tried again by itself.",
        ),
    ),
    (
        "broker.silent",
        say(
            "The broker has fallen silent",
            "It no longer answers, so the connection was given up. Readings wait in the log.",
            "Nothing; it is tried again by itself.",
        ),
    ),
    (
        "broker.protocol",
        say(
            "What answers there is no MQTT",
            "The WebSocket opened, and what came through it cannot be understood. Readings wait in the log.",
            "Check port and path of the address.",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::chunk::{Damage, TooLarge};
    use crate::mqtt::Refusal;
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
        for code in codes.into_iter().chain(refusals).chain(of_the_log) {
            assert_ne!(words(code), UNKNOWN, "{code}");
        }
    }

    #[test]
    fn each_code_is_listed_once_and_an_unknown_one_says_so() {
        let once: BTreeSet<&str> = codes().collect();
        assert_eq!(once.len(), TABLE.len());
        assert_eq!(words("frame.astonishing"), UNKNOWN);
    }

    /// The rules of tone that a machine can check.
    #[test]
    fn words_are_sentences_without_shouting() {
        for (code, Words { title, means, todo }) in TABLE.iter().chain([&("", UNKNOWN)]) {
            for text in [title, means, todo] {
                assert!(text.starts_with(|letter: char| letter.is_uppercase()), "{code}: {text}");
                assert!(!text.contains(['!']) && !text.contains("  "), "{code}: {text}");
            }
            assert!(!title.ends_with('.') && title.len() <= 60, "{code}: {title}");
            assert!(means.ends_with(['.', '?']) && todo.ends_with(['.', '?']), "{code}");
        }
    }
}
