//! Compares an exported log with what the meters sent.

use metertap_simulator::{Model, TrueValue, Truth};
use serde_json::{Value, json};

use crate::meter::SentTelegram;
use crate::page::Page;
use crate::{PATIENCE, wait_for};

/// Saves the log until the file includes the last telegram that arrived. Returns the entries of that model's meter.
///
/// # Panics
/// If that takes too long.
#[must_use]
pub fn saved(page: &Page, model: Model, spoken: &[SentTelegram<Truth>]) -> Vec<Value> {
    saved_in(page, model, spoken, |_| {})
}

/// As [`saved`], but sorts the entries by their numbers, for a computer whose clock was set back. The file itself is
/// sorted by the clock.
///
/// # Panics
/// If that takes too long.
#[must_use]
pub fn saved_by_number(page: &Page, model: Model, spoken: &[SentTelegram<Truth>]) -> Vec<Value> {
    saved_in(page, model, spoken, |entries| entries.sort_by_key(|entry| entry["seq"].as_u64()))
}

fn saved_in(
    page: &Page,
    model: Model,
    spoken: &[SentTelegram<Truth>],
    order: impl Fn(&mut Vec<Value>),
) -> Vec<Value> {
    let last = spoken.iter().rev().find(|spoken| spoken.heard).expect("something arrived");
    let protocol = json!(model.protocol());
    let mut newest = String::new();
    let entries = wait_for(PATIENCE, || {
        let mut entries = page.export();
        entries.retain(|entry| entry["protocol"] == protocol);
        order(&mut entries);
        newest = entries
            .last()
            .map_or("there is none".to_owned(), |entry| difference(entry, &last.truth).unwrap_or_default());
        newest.is_empty().then_some(entries)
    });
    entries.unwrap_or_else(|| {
        let cards: Vec<_> = page.meters().iter().filter_map(|meter| page.card(meter)).collect();
        let cards: Vec<_> =
            cards.iter().map(|card| (&card.state, card.seq, &card.counts, &card.trouble)).collect();
        panic!("the newest entry of the {} is not what came last: {newest}\n{cards:#?}", model.title())
    })
}

/// The difference between an entry of the log and the telegram of the meter. `None` if they agree.
#[must_use]
pub fn difference(entry: &Value, truth: &Truth) -> Option<String> {
    let values: Vec<Value> = truth.values.iter().map(in_words).collect();
    // A meter has no identification in the log until a telegram with it has arrived.
    let meter = if entry["meter"].is_null() { &Value::Null } else { &json!(truth.meter) };
    let source = if truth.time.is_some() { "meter" } else { "received" };
    let time = truth.time.as_ref().map_or_else(|| entry["time"].clone(), |time| json!(time));
    // An authentication tag proves at least what a checksum proves.
    let checked = json!("checked");
    let integrity =
        Some(&entry["integrity"]).filter(|integrity| *integrity != "authenticated").unwrap_or(&checked);
    let pairs = [
        ("meter", &entry["meter"], meter),
        ("time", &entry["time"], &time),
        ("time_source", &entry["time_source"], &json!(source)),
        ("integrity", integrity, &checked),
    ];
    let head = pairs.into_iter().find(|(_, found, said)| found != said);
    let head = head.map(|(field, found, said)| format!("{field}: {found} instead of {said}"));
    head.or_else(|| {
        let found = entry["values"].as_array().cloned().unwrap_or_default();
        let pair = found.iter().zip(&values).find(|(found, said)| found != said);
        let pair = pair.map(|(found, said)| format!("{found} instead of {said}"));
        pair.or_else(|| {
            let counts = format!("{} values instead of {}", found.len(), values.len());
            (found.len() != values.len()).then_some(counts)
        })
    })
}

/// Checks that an entry contains the values of one answer, or of up to six successive answers.
///
/// # Panics
/// If the entry contains other values, with the difference to each answer and to each group of answers.
pub fn assert_answered(entry: &Value, said: &[Truth]) {
    let joined = |answers: &[Truth]| Truth {
        meter: answers.iter().find_map(|answer| answer.meter.clone()),
        time: answers.iter().find_map(|answer| answer.time.clone()),
        values: answers.iter().flat_map(|answer| answer.values.clone()).collect(),
    };
    let rounds = (1..=6).flat_map(|parts| said.windows(parts));
    let differences: Vec<_> = rounds.map(|answers| difference(entry, &joined(answers))).collect();
    assert!(differences.contains(&None), "{entry} was not said: {differences:#?}");
}

/// Checks that a meter's entries have the numbers from 1 without a gap, and that they are the telegrams sent, in order
/// and once each. A telegram that arrived may be missing only if it was sent within one of the spans `away`, in
/// milliseconds since 1970, when nobody listened. Returns the telegram of each entry.
///
/// # Panics
/// If a condition is not met, with a description.
pub fn assert_same<'a>(
    entries: &[Value],
    spoken: &'a [SentTelegram<Truth>],
    away: &[(f64, f64)],
) -> Vec<&'a SentTelegram<Truth>> {
    let mut rest = spoken.iter();
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for (number, entry) in (1..).zip(entries) {
        assert_eq!(entry["seq"], json!(number), "the log is numbered without gaps, in order");
        let mut differences = Vec::new();
        loop {
            let Some(next) = rest.next() else {
                panic!("entry {number} was never said: {entry}\n{}", differences.join("\n"));
            };
            match difference(entry, &next.truth) {
                None => {
                    found.push(next);
                    break;
                }
                Some(difference) => {
                    differences.push(format!("{:?}: {difference}", next.truth.time));
                    missing.push(next);
                }
            }
        }
    }
    missing.extend(rest);
    let heard = missing.into_iter().filter(|spoken| spoken.heard);
    let lost = heard.filter(|spoken| !away.iter().any(|(from, to)| (*from..=*to).contains(&spoken.at)));
    let lost: Vec<_> = lost.map(|spoken| (spoken.at, &spoken.truth.time)).collect();
    assert!(lost.is_empty(), "heard and not in the log: {lost:?}");
    found
}

/// A value as JSON in the form of docs/reading.md.
fn in_words(value: &TrueValue) -> Value {
    let mut words = json!({
        "register": value.register,
        "quantity": value.quantity,
        "value": value.value,
        "unit": value.unit,
    });
    let more = [
        ("phase", json!(value.phase)),
        ("tariff", json!(value.tariff)),
        ("channel", json!(value.channel)),
        ("storage", json!(value.storage)),
        ("time", json!(value.time)),
        ("error", json!(value.error)),
        ("scaling", json!(value.scaling)),
    ];
    for (field, said) in more {
        if !said.is_null() {
            words[field] = said;
        }
    }
    words
}
