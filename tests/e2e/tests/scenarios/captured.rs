//! Telegrams that other people captured, played over the ports: the log holds the values that their sources state.
//!
//! The folder is named by `METERTAP_CORPUS`, or lies beside the repository; it is never part of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_e2e::meter::{Spoken, Telegram};
use metertap_e2e::page::Kind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Pty, Scene, say, serve, wait_for};
use metertap_readings::entry::Moment;
use serde_json::Value;

/// A captured telegram, and what its source states about it.
#[derive(Clone, Debug)]
struct Case {
    file: String,
    octets: Vec<u8>,
    stated: Vec<(String, f64)>,
}

#[test]
fn captured_telegrams_are_read_as_their_sources_state() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/telegrams");
    let corpus = std::env::var_os("METERTAP_CORPUS").map_or_else(beside, PathBuf::from);
    let Ok(manifest) = fs::read_to_string(corpus.join("MANIFEST.tsv")) else {
        say("captured telegrams: skipped, there is no folder METERTAP_CORPUS or ../shared/telegrams");
        return;
    };
    let (scene, site) = (Scene::new("captured"), serve());
    let (han, p1) = (scene.plug(Vendor::SiLabs, Line::HAN), scene.plug(Vendor::Ftdi, Line::P1));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let _ = (page.connect(Vendor::SiLabs, Kind::Han), page.connect(Vendor::Ftdi, Kind::P1));
    wait_for(PATIENCE, || (han.is_open() && p1.is_open()).then_some(())).expect("both ports are opened");

    let players =
        [play(han, cases(&corpus, &manifest, "han_hdlc")), play(p1, cases(&corpus, &manifest, "dsmr_p1"))];
    let mut wrong = Vec::new();
    let (mut telegrams, mut values) = (0, 0);
    for (mut player, protocol) in players.into_iter().zip(["dlms-hdlc", "p1"]) {
        player.wait_ended(Duration::from_secs(240));
        let spoken = player.stop();
        let entries = wait_for(PATIENCE, || {
            let mut entries = page.export();
            entries.retain(|entry| entry["protocol"] == protocol);
            let last = spoken.last()?.at;
            entries.last().is_some_and(|entry| received(entry) >= last).then_some(entries)
        });
        let entries = entries.expect("the last captured telegram is read");
        telegrams += spoken.len();
        values += spoken.iter().map(|spoken| spoken.truth.stated.len()).sum::<usize>();
        wrong.extend(differences(&spoken, &entries));
    }
    say(&format!(
        "captured telegrams: {values} stated values of {telegrams} telegrams, played over two ttys"
    ));
    assert!(wrong.is_empty(), "{} of the stated values are not read:\n{}", wrong.len(), wrong.join("\n"));
}

fn play(pty: Pty, cases: Vec<Case>) -> Player<Case> {
    let line = pty.line();
    let mut due = 0;
    Player::play(
        pty,
        cases.into_iter().map(move |case| {
            let telegram = Telegram { due, octets: case.octets.clone(), truth: case };
            let takes =
                telegram.octets.len() as u64 * 1000 * u64::from(line.bits_per_octet()) / u64::from(line.baud);
            due += takes + SILENCE;
            telegram
        }),
    )
}

/// What the log has otherwise than stated. A telegram's entries are those received after its last octet and before
/// that of the next.
fn differences(spoken: &[Spoken<Case>], entries: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, Spoken { truth: case, at, .. }) in spoken.iter().enumerate() {
        let next = spoken.get(number + 1).map_or(f64::INFINITY, |next| next.at);
        // Log and browser round a moment to the millisecond.
        let own = entries.iter().filter(|entry| (at - 1.0..next - 1.0).contains(&received(entry)));
        let read: Vec<&Value> = own.filter_map(|entry| entry["values"].as_array()).flatten().collect();
        for (register, stated) in &case.stated {
            let read = read.iter().filter(|value| value["register"] == *register);
            let mut read = read.filter_map(|value| value["value"].as_str()?.parse::<f64>().ok()).peekable();
            if read.peek().is_none() || !read.any(|read| same(read, *stated)) {
                wrong.push(format!("{}: {register} is stated to be {stated}", case.file));
            }
        }
    }
    wrong
}

/// Equal up to the thousands between kWh and Wh, and to the floats that some sources compute with.
fn same(read: f64, stated: f64) -> bool {
    let close = |read: f64| (read - stated).abs() <= 1e-6 * read.abs().max(stated.abs());
    close(read) || close(read * 1000.0) || close(read / 1000.0)
}

/// When an entry was received; milliseconds since 1970.
fn received(entry: &Value) -> f64 {
    let moment: Moment =
        entry["received"].as_str().unwrap_or_default().parse().expect("an entry has its moment");
    moment.0 as f64
}

/// The cases of a folder that are whole telegrams and meant to be read without a key.
fn cases(corpus: &Path, manifest: &str, folder: &str) -> Vec<Case> {
    let rows = manifest.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[1] == folder && row[8] == "serial_bytes" && row[9] == "ok");
    let mut cases: Vec<Case> = rows.filter_map(|row| case(corpus, row[0])).collect();
    assert!(!cases.is_empty(), "{} has no cases of {folder}", corpus.display());
    // One line hears one meter: after telegrams with a checksum, one without is a damaged one.
    cases.sort_by_key(|case| ends_in_checksum(&case.octets));
    cases
}

fn case(corpus: &Path, file: &str) -> Option<Case> {
    let path = corpus.join(file);
    let expected =
        fs::read(path.with_extension("expected.json")).expect("each capture has its expected values");
    let expected: Value = serde_json::from_slice(&expected).expect("expected values are JSON");
    let octets = fs::read(&path).expect("each row of the manifest has its file");
    let octets = if file.ends_with(".hex") { from_hex(&octets) } else { octets };
    let stated = expected["values"].as_array().into_iter().flatten().filter_map(stated).collect();
    expected.get("keys").is_none().then(|| Case { file: file.to_owned(), octets, stated })
}

/// A measurement that a source states by its OBIS code.
fn stated(value: &Value) -> Option<(String, f64)> {
    let register = obis(value["id"].as_str()?)?;
    let number = value["value"].as_f64().or_else(|| value["value"].as_str()?.parse().ok())?;
    let measured = register.starts_with("1-0:") || value["unit"].is_string();
    (measured && value["numeric"] != false).then_some((register, number))
}

/// `1-0:1.8.0`, also where a source writes `1.0.1.8.0.255`.
fn obis(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split(['-', ':', '.', '*']).collect();
    parts.iter().all(|part| part.parse::<u8>().is_ok()).then_some(())?;
    match parts[..] {
        [a, b, c, d, e] | [a, b, c, d, e, "255"] => Some(format!("{a}-{b}:{c}.{d}.{e}")),
        [a, b, c, d, e, f] => Some(format!("{a}-{b}:{c}.{d}.{e}*{f}")),
        _ => None,
    }
}

fn ends_in_checksum(octets: &[u8]) -> bool {
    let end = octets.iter().rposition(|octet| *octet == b'!').map_or(octets, |end| &octets[end + 1..]);
    end.iter().take(4).filter(|octet| octet.is_ascii_hexdigit()).count() == 4
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks_exact(2).map(|pair| std::str::from_utf8(pair).expect("digits are text"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("only digits were kept")).collect()
}

/// Between two telegrams, in milliseconds: longer than a telegram without an end is waited for.
const SILENCE: u64 = 1500;
