//! No meter's number leaves the page unless the user allows it: neither in a message to a broker nor in a redacted
//! capture, in any notation. `leaving_anywhere` tries other places in telegrams.

use std::collections::BTreeSet;

use metertap_decoder::reading::Reading;
use metertap_decoder::session::Setup;
use metertap_readings::files::capture::{Capture, redacted};
use metertap_simulator::{Meter, Model};
use metertap_tests::leaks::{Case, Leaks, settings};
use metertap_tests::spelled::found;
use metertap_tests::{captures, outgoing, setup};

#[test]
fn no_simulated_meter_leaks() {
    let leaks = Model::ALL.iter().map(|model| {
        // Across a full hour, so that Norwegian meters send all of their lists.
        let telegrams: Vec<_> = Meter::new(*model, 1, 1_795_219_200 - 15).take(20).collect();
        let stated = telegrams.iter().filter_map(|telegram| telegram.truth.meter.clone()).collect();
        let bytes = telegrams.iter().flat_map(|telegram| telegram.bytes.clone()).collect();
        Case { name: model.name().to_owned(), setup: setup(*model), bytes }.leaks(&stated)
    });
    // Two Swedish meters do not identify themselves.
    assert_nothing_leaks(leaks.collect(), Model::ALL.len() - 2);
}

/// Telegrams that other people published. If they are missing, the test says so and passes.
#[test]
fn no_captured_telegram_leaks() {
    let captures = [captures::all(), captures::field()].concat();
    if captures.is_empty() {
        println!("no captured telegrams: nothing searched");
        return;
    }
    let leaks = captures.into_iter().map(|captures::Capture { name, setup, bytes, meters }| {
        Case { name, setup, bytes }.leaks(&meters.into_iter().collect())
    });
    assert_nothing_leaks(leaks.collect(), 100);
}

/// Checks the search itself: if the user allows the number to leave, the search finds it.
#[test]
fn a_number_that_leaks_is_found() {
    let (model, telegrams) = (Model::ALL[0], Meter::new(Model::ALL[0], 1, 1_795_219_200).take(3));
    let telegrams: Vec<_> = telegrams.collect();
    let bytes = telegrams.iter().flat_map(|telegram| telegram.bytes.clone()).collect();
    let meter = telegrams.iter().find_map(|telegram| telegram.truth.meter.clone()).unwrap();
    let readings = Case { name: String::new(), setup: setup(model), bytes }.readings();
    let mut settings = settings(&readings, None);
    assert_eq!(found(&outgoing::sent(&settings, &readings, 0), &meter), None);
    settings.profile.identified = true;
    assert!(found(&outgoing::sent(&settings, &readings, 0), &meter).is_some());
}

/// A number received in an earlier session is known from the meter's record.
#[test]
fn a_remembered_number_does_not_leak() {
    let bytes = b"/KFM5KAIFA-METER\r\n\r\n0-0:96.13.0(to 43 21 09 87)\r\n1-0:1.7.0(00.250*kW)\r\n!\r\n";
    let readings = Case { name: String::new(), setup: Setup::default(), bytes: bytes.to_vec() }.readings();
    assert!(found(&outgoing::sent(&settings(&readings, None), &readings, 0), "43210987").is_some());
    let settings = settings(&readings, Some("KFM-43210987"));
    assert_eq!(found(&outgoing::sent(&settings, &readings, 0), "43210987"), None);
    let capture = Capture::of_bytes(bytes.to_vec());
    let (capture, _) = redacted(&capture, &Setup::default(), &["KFM-43210987"]);
    assert_eq!(found(&capture.heard(), "43210987"), None, "{}", capture.to_text());
}

/// In logs of earlier versions, the model of a meter may be its number.
#[test]
fn a_number_taken_for_a_model_by_an_earlier_version_does_not_leak() {
    let line = r#"{"v":1,"meter":"AUX-AUX1030300000001","maker":"AUX","model":"9900000001","protocol":"p1","time":null,
        "integrity":"checked","values":[{"register":"0-0:42.0.0","quantity":"meter-id","value":"AUX1030300000001","unit":null}]}"#;
    let readings: Vec<Reading> = vec![serde_json::from_str(line).unwrap()];
    for waited in [0, 1] {
        let sent = outgoing::sent(&settings(&readings, None), &readings, waited);
        assert_eq!(found(&sent, "9900000001"), None);
    }
}

fn assert_nothing_leaks(leaks: Vec<Leaks>, at_least: usize) {
    let without: BTreeSet<&str> =
        leaks.iter().filter(|leaks| !leaks.searched).map(|leaks| leaks.name.as_str()).collect();
    let searched = leaks.len() - without.len();
    println!("{searched} of {} have a number to search for; without: {without:?}", leaks.len());
    assert!(searched >= at_least, "too few have a number");
    let found: Vec<&str> = leaks.iter().flat_map(|leaks| &leaks.found).map(String::as_str).collect();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}
