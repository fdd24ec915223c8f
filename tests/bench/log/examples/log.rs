//! Measures the log on a disk in memory: `log [NAME] [DAYS]`. The input is a simulated meter's telegrams of that many
//! days, one every ten seconds.
//!
//! Prints the size of the log on disk and the speed of its parts, natively. The time that a browser adds is not
//! measured here.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use metertap_decoder::time::Zone;
use metertap_log_bench::House;
use metertap_readings::entry::Entry;
use metertap_readings::log::format::chunk::Chunk;
use metertap_readings::log::journal::Journal;
use metertap_readings::log::journal::tail::quarters;
use metertap_readings::log::totals::track::Track;
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{MemoryDisk, MeterKey};
use metertap_readings::view::series::Series;
use metertap_simulator::Model;

fn main() {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "kamstrup-6841121".to_owned());
    let days: usize = arguments.next().and_then(|days| days.parse().ok()).unwrap_or(30);
    let Some(model) = Model::named(&name) else {
        eprintln!("log [NAME] [DAYS], where NAME is a simulated meter");
        return;
    };
    let (disk, meter) = (MemoryDisk::default(), MeterKey("house".to_owned()));
    let journal = Journal::new(disk.clone(), Zone::default());
    let (mut readings, mut values, mut appending, mut slowest) = (0_u64, 0, Duration::ZERO, Vec::new());
    for (received, reading) in House::new(model).take(days * READINGS_A_DAY) {
        values += reading.values.len();
        readings += 1;
        let begun = Instant::now();
        at_once(journal.append(&meter, received, &reading)).expect("a disk in memory has room");
        let took = begun.elapsed();
        appending += took;
        slowest.push(took);
    }
    slowest.sort_unstable();
    let each = |shelf| disk.bytes(shelf) as f64 / values as f64;
    println!("{name}: {readings} readings, {values} values in {days} days");
    println!(
        "on disk, bytes per value: {:.3} chunks, {:.3} quarters, {:.3} days, {:.3} directory",
        each(Shelf::Chunks),
        each(Shelf::Quarters),
        each(Shelf::Days),
        each(Shelf::Directory)
    );
    println!(
        "append: {:?} on average, {:?} p99, {:?} the slowest, closing an hour",
        appending / readings as u32,
        slowest[slowest.len() * 99 / 100],
        slowest[slowest.len() - 1]
    );

    let all = at_once(journal.range(&meter, 0..=u64::MAX, usize::MAX)).expect("nothing is damaged");
    let json: usize = all.iter().map(|entry| entry.to_json().len() + 1).sum();
    let hours: Vec<&[Entry]> =
        all.chunk_by(|a, b| a.received.0 / 3_600_000 == b.received.0 / 3_600_000).collect();
    let (bytes, writing) =
        timed(|| hours.iter().map(|hour| Chunk::write(hour).expect("it fits")).collect::<Vec<_>>());
    let (_, reading) = timed(|| bytes.iter().map(|chunk| entries(chunk)).sum::<usize>());
    let (_, power) = timed(|| bytes.iter().map(|chunk| of_power(chunk)).sum::<usize>());
    let (_, rolling) = timed(|| quarters(&all));
    let speed =
        |time: Duration| (json as f64 / 1e6 / time.as_secs_f64(), values as f64 / 1e6 / time.as_secs_f64());
    for (what, time) in [
        ("write chunks", writing),
        ("read chunks", reading),
        ("read net power of them", power),
        ("roll up", rolling),
    ] {
        let (megabytes, values) = speed(time);
        println!("{what}: {time:?}, {megabytes:.0} MB/s of JSON, {values:.1} million values/s");
    }
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return };
    let whole = (first.received, last.received);
    for what in ["for the first time", "again"] {
        let (_, time) = timed(|| {
            let mut series = Series::new(whole.0, whole.1, 1200);
            let put = |moment, least, most| series.put_watts(moment, least, most);
            at_once(journal.extremes(&meter, Track::NetPower, whole, 1200, &(whole.0..whole.1), put))
        });
        println!("picture of all, 1200 columns, {what}: {time:?}");
    }
}

fn entries(chunk: &[u8]) -> usize {
    let chunk = Chunk::open(chunk).expect("nothing is damaged");
    chunk.only(|_| true).expect("nothing is damaged").map(black_box).count()
}

fn of_power(chunk: &[u8]) -> usize {
    let chunk = Chunk::open(chunk).expect("nothing is damaged");
    chunk.only(|shape| Track::NetPower.wants(shape)).expect("nothing is damaged").map(black_box).count()
}

fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let answer = what();
    (answer, begun.elapsed())
}

/// A disk in memory never waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => unreachable!("a disk in memory waited"),
    }
}

const READINGS_A_DAY: usize = 8640;
