//! Corrections are exported and imported with the readings that they are about, and removed with the import.

use std::rc::Rc;

use metertap_decoder::reading::Quantity;
use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportOptions, ImportReport, ImportState, RestoreHow};
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::fault::Code;
use metertap_readings::files::corrections::CorrectionLine;
use metertap_readings::files::export::ExportForm;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::stated::{Correction, CorrectionKind};
use metertap_readings::store::MeterKey;
use metertap_simulator::Model;

use crate::house::*;
use crate::questions::*;

const QUARTER: i64 = 900_000;

fn said(world: &World, tab: &Tab, meter: &MeterKey, what: CorrectionKind, from: Moment) -> Correction {
    let statement = Correction { from, what };
    tab.send(Command::State { meter: meter.clone(), statement: statement.clone() });
    world.run(SECOND);
    statement
}

fn guests(from: Moment) -> CorrectionKind {
    CorrectionKind::LeftOut { until: Moment(from.0 + 4 * QUARTER), why: "Guests".to_owned() }
}

/// The beginning of the first whole quarter of an hour.
fn first_quarter(world: &World, tab: &Tab, key: &MeterKey) -> Moment {
    let first = export(world, tab, key).first().expect("it was read").received;
    Moment((first.0.div_euclid(QUARTER) + 1) * QUARTER)
}

fn saved(world: &World, tab: &Tab, key: &MeterKey, form: ExportForm, corrections: bool) -> String {
    let file = File::new("house.jsonl", Vec::new());
    let (meters, options) =
        (vec![key.clone()], ExportOptions { form, corrections, ..ExportOptions::default() });
    let export = Command::Export { id: 1, meters, from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    world.run(MINUTE);
    String::from_utf8(file.octets()).expect("text")
}

fn imported(world: &World, tab: &Tab, meter: Option<&MeterKey>, text: &str) -> ImportReport {
    let file = File::new("house.jsonl", text.as_bytes().to_vec());
    let import = Command::Import { id: 2, meter: meter.cloned(), plan: None, run: true };
    tab.send_beside(import, Handle::File(file));
    world.run(MINUTE);
    let state = tab.last(|event| match event {
        Event::Import { state, .. } => Some(state.clone()),
        _ => None,
    });
    let Some(ImportState::Complete(report)) = state else { panic!("{state:?}") };
    report
}

fn undo(world: &World, tab: &Tab) {
    let imports = tab.last(|event| match event {
        Event::Imports { imports } => Some(imports.clone()),
        _ => None,
    });
    let [import] = imports.expect("it is told").try_into().expect("one import");
    tab.send(Command::UndoImport { log: import.log });
    world.run(2 * SECOND);
}

/// The imported energy of a day.
fn import_of(world: &World, tab: &Tab, key: &MeterKey, day: Span) -> Option<String> {
    let flow = Flow::of_meter(Quantity::ActiveEnergyImport);
    let totals = totals(world, tab, key, &[day]);
    totals[0].amount(flow).map(|amount| amount.total.to_string())
}

#[test]
fn readings_excluded_here_are_excluded_where_the_file_is_imported() {
    let (world, tab, key) = read_for_three_hours();
    let from = first_quarter(&world, &tab, &key);
    let plain = saved(&world, &tab, &key, ExportForm::JsonLines, true);
    let day = Period::Day.around(from, oslo()).expect("a day");
    let all = import_of(&world, &tab, &key, day);
    let statement = said(&world, &tab, &key, guests(from), from);
    let rest = import_of(&world, &tab, &key, day);
    assert!(rest.is_some() && rest != all);

    let text = saved(&world, &tab, &key, ExportForm::JsonLines, true);
    let line = text.strip_prefix(&plain).expect("the readings are as they were");
    let line: CorrectionLine = serde_json::from_str(line).expect("one more line");
    assert_eq!((line.correction, line.of), (statement.clone(), key.clone()));
    assert_eq!(saved(&world, &tab, &key, ExportForm::JsonLines, false), plain);
    let table = saved(&world, &tab, &key, ExportForm::Corrections, false);
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.ends_with(",,,,Guests\r\n") && table.contains(",left-out,"), "{table}");

    let other = World::default();
    let tab = opened(&other);
    assert_eq!(imported(&other, &tab, None, &text).corrections, 1);
    let [new] = keys(&tab).try_into().expect("a meter is made for it");
    assert_eq!(state(&tab, &new).record.stated, [statement]);
    assert_eq!(import_of(&other, &tab, &new, day), rest);
    // The same file contains nothing new.
    assert_eq!(imported(&other, &tab, Some(&new), &text).new, 0);
    assert_eq!(state(&tab, &new).record.stated.len(), 1);
    undo(&other, &tab);
    assert_eq!(tab.meters(), []);
}

#[test]
fn undoing_an_import_removes_its_corrections_and_keeps_the_meters_own() {
    let (world, tab, key) = read_for_three_hours();
    let from = first_quarter(&world, &tab, &key);
    let ratio = "200/5".parse().expect("a ratio");
    said(&world, &tab, &key, CorrectionKind::CurrentTransformer { ratio }, from);
    let left_out = said(&world, &tab, &key, guests(from), from);
    let nobody = MeterKey("dsmr5-nobody".to_owned());
    let text = saved(&world, &tab, &key, ExportForm::JsonLines, true);
    // This correction is not imported, because the replaced meter is not here.
    let stranger = CorrectionLine {
        correction: Correction { from, what: CorrectionKind::Replaced { meter: nobody } },
        meter: None,
        of: key,
        values: [],
    };
    let text = format!("{text}{}\n", stranger.to_json());

    let other = World::default();
    let tab = opened(&other);
    other.set_clock(Moment(other.moment().0 + 2 * 86_400_000));
    let key = add(&other, &tab, simulated(Model::Dsmr4, 1));
    other.run(10 * SECOND);
    let at = Moment(from.0 + 192 * QUARTER);
    let own = said(&other, &tab, &key, guests(at), at);
    assert_eq!(imported(&other, &tab, Some(&key), &text).corrections, 1);
    assert_eq!(state(&tab, &key).record.stated, [left_out, own.clone()]);
    undo(&other, &tab);
    assert_eq!(state(&tab, &key).record.stated, [own]);
}

/// The factor is already applied to the exported readings.
#[test]
fn an_imported_factor_is_applied_only_once() {
    let (world, tab, key) = read_for_three_hours();
    let from = first_quarter(&world, &tab, &key);
    let ratio = "200/5".parse().expect("a ratio");
    let statement = said(&world, &tab, &key, CorrectionKind::CurrentTransformer { ratio }, from);
    let text = saved(&world, &tab, &key, ExportForm::JsonLines, true);
    let told = export(&world, &tab, &key);
    let other = World::default();
    let tab = opened(&other);
    imported(&other, &tab, None, &text);
    let [new] = keys(&tab).try_into().expect("a meter is made for it");
    assert_eq!(state(&tab, &new).record.stated, [statement]);
    let values =
        |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.reading.values).collect::<Vec<_>>();
    assert_eq!(values(export(&other, &tab, &new)), values(told));
}

/// The imported readings in the backup already include the factor that came with their file.
#[test]
fn a_factor_is_applied_only_once_when_a_backup_restores_an_import() {
    let (world, tab, key) = read_for_three_hours();
    let from = first_quarter(&world, &tab, &key);
    let transformer = || CorrectionKind::CurrentTransformer { ratio: "200/5".parse().expect("a ratio") };
    said(&world, &tab, &key, transformer(), from);
    let text = saved(&world, &tab, &key, ExportForm::JsonLines, true);

    let other = World::default();
    let tab = opened(&other);
    other.set_clock(Moment(other.moment().0 + 2 * 86_400_000));
    let key = add(&other, &tab, simulated(Model::Dsmr4, 1));
    other.run(10 * SECOND);
    said(&other, &tab, &key, transformer(), from);
    imported(&other, &tab, Some(&key), &text);
    let day = Period::Day.around(from, oslo()).expect("a day");
    let sum = import_of(&other, &tab, &key, day);
    assert!(sum.is_some());
    let backup = File::new("house.metertap", Vec::new());
    let back_up = Command::BackUp { id: 7, secrets: false, into_file: true };
    tab.send_beside(back_up, Handle::File(Rc::clone(&backup)));
    other.run(MINUTE);
    undo(&other, &tab);
    assert_ne!(import_of(&other, &tab, &key, day), sum);
    tab.send_beside(Command::Restore { id: 4, how: RestoreHow::Merge }, Handle::File(backup));
    other.run(MINUTE);
    assert_eq!(import_of(&other, &tab, &key, day), sum);
}

/// A meter has at most 64 corrections.
#[test]
fn a_correction_that_a_meter_has_no_room_for_is_reported() {
    let (world, tab, key) = read_for_three_hours();
    let from = first_quarter(&world, &tab, &key);
    let text = saved(&world, &tab, &key, ExportForm::JsonLines, true);
    let nth = |count: i64| {
        let from = Moment(from.0 + 4 * count * QUARTER);
        let correction = Correction { from, what: guests(from) };
        CorrectionLine { correction, meter: None, of: key.clone(), values: [] }
    };
    let text = (0..65).map(nth).fold(text, |text, line| format!("{text}{}\n", line.to_json()));

    let other = World::default();
    let tab = opened(&other);
    let report = imported(&other, &tab, None, &text);
    assert_eq!((report.corrections, report.refused), (64, 1));
    let [problem] = report.problems.try_into().expect("one problem");
    assert_eq!((problem.code, problem.line), (Code::MeterCorrections, text.lines().count() as u64));
    // A user who types one more is told as well.
    let [new] = keys(&tab).try_into().expect("a meter is made for it");
    let Correction { from, what } = nth(65).correction;
    said(&other, &tab, &new, what, from);
    let refused = tab.last(|event| match event {
        Event::Refused { trouble } => Some(trouble.code.clone()),
        _ => None,
    });
    assert_eq!(refused, Some(Code::MeterCorrections));
    assert_eq!(state(&tab, &new).record.stated.len(), 64);
}
