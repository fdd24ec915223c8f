//! Telegrams that other people captured, sent over the ports. The log holds the values that their sources state.
//!
//! `METERTAP_CORPUS` names the folder. Otherwise, it lies beside the repository. It is never part of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use metertap_decoder::hex;
use metertap_decoder::line::Line;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Scene, say, serve};
use serde_json::Value;

/// A captured telegram, and the values that its source states.
#[derive(Debug)]
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
    let ports = [
        ("han_hdlc", "dlms-hdlc", page.connect(Vendor::SiLabs, PortKind::Han), han),
        ("dsmr_p1", "p1", page.connect(Vendor::Ftdi, PortKind::P1), p1),
    ];
    let (mut telegrams, mut values) = (0, 0);
    let mut wrong = Vec::new();
    for (folder, protocol, meter, pty) in &ports {
        let cases = cases(&corpus, &manifest, folder);
        for (number, case) in (1..).zip(&cases) {
            // Each capture is of another meter. The page must not apply its knowledge of the previous one.
            page.restart_reading(meter);
            assert_eq!(pty.send(&case.octets).lost, 0, "{} arrives as it is sent", case.file);
            page.wait_card(meter, &format!("shows {}", case.file), &format!("card.seq >= {number}"));
        }
        let mut entries = page.export();
        entries.retain(|entry| entry["protocol"] == *protocol);
        assert_eq!(entries.len(), cases.len(), "one reading a telegram");
        telegrams += cases.len();
        values += cases.iter().map(|case| case.stated.len()).sum::<usize>();
        wrong.extend(cases.iter().zip(&entries).flat_map(|(case, entry)| differences(case, entry)));
    }
    say(&format!(
        "captured telegrams: {values} stated values of {telegrams} telegrams, played over two ttys"
    ));
    assert!(wrong.is_empty(), "{} of the stated values are not read:\n{}", wrong.len(), wrong.join("\n"));
}

/// The differences between an entry of the log and the stated values. If neither the list nor our tables name the
/// values, the log only numbers them, and the names that the source states are not compared.
fn differences(case: &Case, entry: &Value) -> Vec<String> {
    let values = entry["values"].as_array().into_iter().flatten();
    let read: Vec<(&str, f64)> = values
        .filter_map(|value| Some((value["register"].as_str()?, value["value"].as_str()?.parse().ok()?)))
        .collect();
    let nameless = read.iter().all(|(register, _)| register.starts_with("list:"));
    let wrong = case.stated.iter().filter(|(register, stated)| {
        !read.iter().any(|(name, read)| (nameless || name == register) && same(*read, *stated))
    });
    wrong.map(|(register, stated)| format!("{}: {register} is stated to be {stated}", case.file)).collect()
}

/// Whether two values are equal, apart from the factor of a thousand between kWh and Wh, and from the rounding of
/// sources that compute with floats.
fn same(read: f64, stated: f64) -> bool {
    let close = |read: f64| (read - stated).abs() <= 1e-6 * read.abs().max(stated.abs());
    close(read) || close(read * 1000.0) || close(read / 1000.0)
}

/// The cases of a folder that are whole telegrams and can be read without a key.
fn cases(corpus: &Path, manifest: &str, folder: &str) -> Vec<Case> {
    let rows = manifest.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[1] == folder && row[8] == "serial_bytes" && row[9] == "ok");
    // This file lists the captures whose stated values differ from ours.
    let known = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../known-disagreements.toml"));
    let known = known.expect("the repository has its list of known disagreements");
    let rows = rows.filter(|row| !known.contains(&format!("{:?}", row[0])));
    let cases: Vec<Case> = rows.filter_map(|row| case(corpus, row[0])).collect();
    assert!(!cases.is_empty(), "{} has no cases of {folder}", corpus.display());
    cases
}

fn case(corpus: &Path, file: &str) -> Option<Case> {
    let path = corpus.join(file);
    let expected =
        fs::read(path.with_extension("expected.json")).expect("each capture has its expected values");
    let expected: Value = serde_json::from_slice(&expected).expect("expected values are JSON");
    let octets = fs::read(&path).expect("each row of the manifest has its file");
    let octets = if file.ends_with(".hex") { hex::read(&octets).expect("hex") } else { octets };
    let stated = expected["values"].as_array().into_iter().flatten().filter_map(stated).collect();
    expected.get("keys").is_none().then(|| Case { file: file.to_owned(), octets, stated })
}

/// The OBIS code and the number of a stated value. `None` if the value is not a measurement.
fn stated(value: &Value) -> Option<(String, f64)> {
    let register = obis(value["id"].as_str()?)?;
    let number = value["value"].as_f64().or_else(|| value["value"].as_str()?.parse().ok())?;
    let measured = register.starts_with("1-0:") || value["unit"].is_string();
    (measured && value["numeric"] != false).then_some((register, number))
}

/// An OBIS code in the form `1-0:1.8.0`, even if a source writes `1.0.1.8.0.255`.
fn obis(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split(['-', ':', '.', '*']).collect();
    parts.iter().all(|part| part.parse::<u8>().is_ok()).then_some(())?;
    match parts[..] {
        [a, b, c, d, e] | [a, b, c, d, e, "255"] => Some(format!("{a}-{b}:{c}.{d}.{e}")),
        [a, b, c, d, e, f] => Some(format!("{a}-{b}:{c}.{d}.{e}*{f}")),
        _ => None,
    }
}
