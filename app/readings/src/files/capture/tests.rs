use super::*;
use metertap_decoder::hex;
use proptest::prelude::*;

fn capture() -> Capture {
    let event = |at, event| Timed { at, event };
    Capture {
        head: Head {
            began: Some(Moment(1_795_266_309_120)),
            protocol: Some(Protocol::Kmp),
            line: Some(Line::KMP),
            redaction: Redaction::Done,
            keys: Keys { encryption: Some([0xA5; 16]), authentication: None },
        },
        events: vec![
            event(0, Event::Said(vec![0x80, 0x3F, 0x01, 0x05, 0x8A, 0x0D])),
            event(150, Event::Heard(vec![0x40, 0x3F])),
            event(150, Event::Heard(b"/ISK5\r\n".to_vec())),
            event(900, Event::Line(Line::P1_OLD)),
        ],
    }
}

#[test]
fn a_capture_is_written_and_read_as_documented() {
    let text = capture().to_text();
    assert_eq!(
        text,
        "metertap capture 1\nbegan 2026-11-21T13:05:09.120Z\nprotocol kmp\nline 1200 8N2\n\
         encryption-key A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5\nredacted\n\n\
         0 > 80 3F 01 05 8A 0D\n150 < 40 3F\n150 < \"/ISK5\\r\\n\"\n900 line 9600 7E1\n"
    );
    assert_eq!(Capture::open(text.as_bytes()), Ok(capture()));
}

#[test]
fn a_talk_opens_as_a_capture() {
    let talk = "# A talk.\nask kmp\n0 line 1200 8N2\n0 > 80 3F\n150 < 40\n150 reading kmp:60=1\n2400 rest\n";
    let opened = Capture::open(talk.as_bytes()).unwrap();
    assert_eq!((opened.events.len(), opened.heard()), (3, vec![0x40]));
    assert!(!opened.is_timed());
}

#[test]
fn a_flaw_names_its_line() {
    let flaw = |line: &str| {
        let text = format!("metertap capture 1\n# a comment\n\n{line}\n");
        Capture::open(text.as_bytes()).unwrap_err().line
    };
    for line in [
        "began yesterday",
        "protocol morse",
        "line 2400 9N1",
        "encryption-key 00",
        "0 < 4",
        "0 < +4",
        "0 < 4G",
        "0 < 00*99999999",
        "0 ? 00",
        "soon < 00",
        "5 < 00\n4 < 00",
    ] {
        assert_eq!(flaw(line), 4 + line.matches('\n').count(), "{line}");
    }
    assert_eq!(Capture::open(b"metertap capture 2\n").unwrap_err().line, 1);
}

/// A repetition makes a few letters stand for many bytes, here for 40 MB.
#[test]
fn a_capture_of_more_bytes_than_can_be_recorded_is_refused() {
    let repeated = |lines: usize| {
        let line = format!("0 < {}*10000\n", "00".repeat(100));
        Capture::open(format!("metertap capture 1\n{}", line.repeat(lines)).as_bytes())
    };
    assert_eq!(repeated(33).unwrap().heard().len(), 33_000_000);
    assert_eq!(repeated(40).unwrap_err(), Flaw { line: 35, what: "more bytes than a capture can have" });
}

/// The forms in which meters' bytes are found in forums, issues and sources.
#[test]
fn hex_is_read_in_every_notation() {
    let wanted: Vec<u8> = (0..20).map(|place| 0x7E ^ (place * 7)).collect();
    let pairs: Vec<String> = wanted.iter().map(|byte| hex::lower(&[*byte])).collect();
    let dump = |form: fn(usize, &[String]) -> String| {
        let lines = pairs.chunks(16).enumerate();
        lines.map(|(place, pairs)| form(place * 16, pairs)).collect::<Vec<_>>().join("\n")
    };
    for text in [
        pairs.concat(),
        pairs.join(" "),
        pairs.join(":").to_uppercase(),
        pairs.iter().map(|pair| format!("0x{pair}")).collect::<Vec<_>>().join(", "),
        pairs.iter().map(|pair| format!("\\x{pair}")).collect(),
        format!("{{ 0x{} }}\n", pairs.join(",0x")),
        dump(|at, pairs| format!("{at:08x}: {}  |~w..|", pairs.join(" "))),
        dump(|at, pairs| {
            let (one, other) = pairs.split_at(pairs.len().min(8));
            format!("{at:08x}  {}  {}  |~w..........|", one.join(" "), other.join(" "))
        }),
        dump(|at, pairs| format!("{at:08x}: {}  ~w zu ...", pairs.join(" "))),
    ] {
        assert_eq!(Capture::open(text.as_bytes()).unwrap().heard(), wanted, "{text}");
    }
}

#[test]
fn a_file_that_is_not_hex_is_read_as_raw_bytes() {
    for bytes in [&b"/ISK5\\2MT382\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\r\n"[..], b"\x7E\xA0\xFF", b"", b"ABC"] {
        assert_eq!(Capture::open(bytes).unwrap().heard(), bytes);
    }
}

proptest! {
    #[test]
    fn any_capture_is_read_back_unchanged(events in prop::collection::vec((0_u64..5000, any::<bool>(), prop::collection::vec(any::<u8>(), 1..60)), 0..20)) {
        let mut at = 0;
        let events = events.into_iter().map(|(pause, heard, bytes)| {
            at += pause;
            Timed { at, event: if heard { Event::Heard(bytes) } else { Event::Said(bytes) } }
        });
        let written = Capture { events: events.collect(), ..capture() };
        prop_assert_eq!(Capture::open(written.to_text().as_bytes()), Ok(written));
    }

    #[test]
    fn arbitrary_files_do_not_panic(file in prop::collection::vec(any::<u8>(), 0..300), text in "(metertap capture 1\n)?([0-9]{1,3} [<>l] ?[ -~]{0,30}\n){0,8}") {
        let _ = Capture::open(&file);
        let _ = Capture::open(text.as_bytes());
    }
}
