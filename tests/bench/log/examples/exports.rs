//! Exports a log from a disk in memory: `exports [NAME] [DAYS]`. Measures natively how fast each format is written.
//!
//! Bytes are counted and discarded. The time that a browser's disk adds is not measured here.

use std::env;
use std::ops::RangeInclusive;
use std::time::Instant;

use metertap_decoder::time::Zone;
use metertap_log_bench::House;
use metertap_readings::entry::Moment;
use metertap_readings::files::export::{ExportForm, Exporter, Options, Resolution};
use metertap_readings::log::journal::Journal;
use metertap_readings::log::totals::block::Block;
use metertap_readings::store::{MemoryDisk, MeterKey};
use metertap_simulator::Model;

fn main() {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "kamstrup-6841121".to_owned());
    let days: usize = arguments.next().and_then(|days| days.parse().ok()).unwrap_or(30);
    let Some(model) = Model::named(&name) else {
        eprintln!("exports [NAME] [DAYS], where NAME is a simulated meter");
        return;
    };
    let journal = Journal::new(MemoryDisk::default(), Zone::default());
    let meter = MeterKey("house".to_owned());
    at_once(journal.append_all(&meter, House::new(model).take(days * READINGS_A_DAY)))
        .expect("a disk in memory has room");
    for form in ExportForm::ALL {
        let resolutions = if *form == ExportForm::Csv { Resolution::ALL } else { &[Resolution::Raw] };
        for resolution in resolutions {
            let options = Options { form: *form, resolution: *resolution, ..Options::default() };
            let begun = Instant::now();
            let (bytes, most) = written(&journal, &meter, &options);
            let seconds = begun.elapsed().as_secs_f64();
            println!(
                "{} {}: {:.1} MB in {seconds:.3} s, {:.0} MB/s, at most {most} bytes at once",
                form.as_str(),
                resolution.as_str(),
                bytes as f64 / 1e6,
                bytes as f64 / 1e6 / seconds
            );
        }
    }
}

/// The number of bytes in a file, and the most that were in memory at once.
fn written(journal: &Journal<MemoryDisk>, meter: &MeterKey, options: &Options) -> (usize, usize) {
    let mut exporter = Exporter::new(options, Zone::default());
    let (mut out, mut bytes, mut most) = (Vec::new(), 0, 0);
    let mut empty = |out: &mut Vec<u8>| {
        bytes += out.len();
        most = most.max(out.len());
        out.clear();
    };
    if let Some(grain) = options.grain() {
        let see = std::cell::RefCell::new(&mut exporter);
        let mut next = Some(ALL_PERIODS.start().to_owned());
        while let Some(start) = next {
            let wanted = |track| {
                see.borrow_mut().see_track(track);
                false
            };
            (_, next) = at_once(journal.walk_periods(meter, grain, start..=*ALL_PERIODS.end(), wanted))
                .expect("nothing is damaged");
        }
        exporter.head(&mut out);
        exporter.meter("House", &mut out);
        next = Some(*ALL_PERIODS.start());
        while let Some(start) = next {
            let all = journal.walk_periods(meter, grain, start..=*ALL_PERIODS.end(), |_| true);
            let (Block(periods), behind) = at_once(all).expect("nothing is damaged");
            periods.iter().for_each(|(number, rolled)| exporter.period(*number, rolled, &mut out));
            empty(&mut out);
            next = behind;
        }
    } else {
        let mut next = Some(0);
        while let Some(seq) = next {
            let see = |list: &mut dyn Iterator<Item = &_>| exporter.see_shapes(list);
            next = at_once(journal.walk_lists(meter, seq..=u64::MAX, &ALL, see)).expect("nothing is damaged");
        }
        exporter.head(&mut out);
        exporter.meter("House", &mut out);
        next = Some(0);
        while let Some(seq) = next {
            let write = |entry: &_| exporter.entry(entry, &mut out);
            next = at_once(journal.walk(meter, seq..=u64::MAX, &ALL, write)).expect("nothing is damaged");
            empty(&mut out);
        }
    }
    exporter.end(&mut out);
    empty(&mut out);
    (bytes, most)
}

/// A disk in memory never waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => unreachable!("a disk in memory waited"),
    }
}

const ALL: RangeInclusive<Moment> = Moment(i64::MIN)..=Moment(i64::MAX);
const ALL_PERIODS: RangeInclusive<i64> = i64::MIN..=i64::MAX;

const READINGS_A_DAY: usize = 8640;
