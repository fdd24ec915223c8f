//! Meters whose clocks differ from the computer's by whole hours.

use metertap_decoder::reading::Protocol;
use metertap_native::{Adapter, World};
use metertap_protocol::{Command, Event};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::stated::{Correction, CorrectionKind};
use metertap_simulator::Model;

use crate::house::*;

/// The time that the world's meters show at its beginning: 2023-11-14T22:13:20Z.
const BEGAN: i64 = 1_700_000_000_000;

#[test]
fn a_clock_wrong_by_whole_hours_for_a_day_is_reported_and_corrected() {
    for hours in [-1_i64, 2] {
        let world = World::default();
        let adapter = world.adapters().plug_in(USB, Model::AidonSweden, 1);
        world.set_clock(Moment(BEGAN - hours * 3_600_000));
        let tab = opened(&world);
        let key = add(&world, &tab, wired(Model::AidonSweden));
        assert_eq!(protocol(&state(&tab, &key)), Some(Protocol::DlmsHdlc));
        world.run(READ);
        let off = state(&tab, &key).record.clock_off.expect("it is known");
        assert_eq!(i64::from(off.hours), hours);
        unplugged_for(&world, &adapter, DAY - 2 * READ - MINUTE);
        let told = || tab.notices().iter().filter(|code| **code == Code::ClockHours).count();
        assert_eq!(told(), 0, "{hours}: not yet a day");
        unplugged_for(&world, &adapter, 2 * MINUTE);
        assert_eq!(told(), 1, "{hours}");
        let minutes = i16::try_from(-hours * 60).expect("a few");
        let from = Moment(world.moment().0 - 3_600_000);
        let statement = Correction { from, what: CorrectionKind::Clock { minutes } };
        tab.send(Command::State { meter: key.clone(), statement });
        world.run(2 * MINUTE);
        let newest = tab.readings(&key).into_iter().rfind(|entry| entry.reading.time.is_some());
        let newest = newest.expect("its lists have clocks");
        let clock = newest.reading.time.expect("it has one").unix_seconds() * 1000;
        assert!(clock.abs_diff(newest.received.0) < 60_000, "{newest:?}");
        assert_eq!(state(&tab, &key).record.clock_off, None);
        world.run(READ);
        assert_eq!(told(), 1, "it is correct now");
    }
}

#[test]
fn a_clock_that_is_right_or_off_by_minutes_is_not_reported() {
    for off in [0, 20 * 60_000] {
        let world = World::default();
        let adapter = world.adapters().plug_in(USB, Model::AidonSweden, 1);
        world.set_clock(Moment(BEGAN + off));
        let tab = opened(&world);
        let key = add(&world, &tab, wired(Model::AidonSweden));
        world.run(READ);
        unplugged_for(&world, &adapter, 25 * HOUR);
        assert_eq!(state(&tab, &key).record.clock_off, None);
        assert!(!tab.notices().contains(&Code::ClockHours));
    }
}

/// Pulls the adapter out, plugs it in again after this time, and reads for [`READ`]. So a test can let
/// a day pass without decoding a day of telegrams.
fn unplugged_for(world: &World, adapter: &Adapter, time: u64) {
    adapter.pull_out();
    world.run(time);
    adapter.plug_in();
    world.run(READ);
}

/// How long the meter is read at a time.
const READ: u64 = 10 * MINUTE;

/// The meter's hourly list has the counter's position at the full hour of the meter's own clock. That clock is an hour
/// ahead, so the position belongs one hour earlier once the clock is corrected.
#[test]
fn totals_at_the_meters_own_times_follow_the_corrected_clock() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Aidon6525, 1);
    world.set_clock(Moment(BEGAN - 3_600_000));
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Aidon6525));
    world.run(3 * HOUR);
    let recomputed = |tab: &metertap_native::Tab| {
        tab.send(Command::Recompute);
        world.run(MINUTE);
        tab.last(|event| match event {
            Event::Recomputed { changed } => *changed,
            _ => None,
        })
    };
    assert_eq!(recomputed(&tab), Some(0));
    let before = quarters(&world, &tab, &key);
    let from = Moment(BEGAN - 2 * 3_600_000);
    let statement = Correction { from, what: CorrectionKind::Clock { minutes: -60 } };
    tab.send(Command::State { meter: key.clone(), statement: statement.clone() });
    world.run(MINUTE);
    let after = quarters(&world, &tab, &key);
    assert_ne!(before, after, "positions that seemed to lie in the future count in the right hour");
    assert_eq!(recomputed(&tab), Some(0), "it was computed again at once");
    tab.send(Command::TakeBack { meter: key.clone(), statement });
    world.run(MINUTE);
    assert_eq!(quarters(&world, &tab, &key), before);
}

/// All stored quarter-hours, as a table.
fn quarters(
    world: &World,
    tab: &metertap_native::Tab,
    key: &metertap_readings::store::MeterKey,
) -> Vec<String> {
    use metertap_native::{File, Handle};
    use metertap_protocol::ExportOptions;
    use metertap_readings::files::export::{ExportForm, Resolution};

    let file = File::new("all", Vec::new());
    let options =
        ExportOptions { form: ExportForm::Csv, resolution: Resolution::Quarter, ..ExportOptions::default() };
    let (meters, to) = (vec![key.clone()], Some(Moment(BEGAN + 3_600_000)));
    tab.send_beside(
        Command::Export { id: 1, meters, from: None, to, options, into_file: true },
        Handle::File(std::rc::Rc::clone(&file)),
    );
    world.run(MINUTE);
    String::from_utf8(file.octets()).expect("text").lines().map(str::to_owned).collect()
}
