//! [`Judge`]: gives a page one file after the other, and looks what has become of it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use allocation_counter::measure;
use futures_executor::block_on;
use metertap_hostile::{HostileFile, House, Kind};
use metertap_native::{Adapter, Chance, World};
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;
use metertap_readings::store::disk::{Disk, Row, Shelf};

use crate::window::{Answer, Window, file};

/// A house, and who looks what becomes of it.
pub(crate) struct Judge {
    /// The house that wrote what the files were made of.
    house: Here,
    adapter: Adapter,
    chance: Chance,
}

/// A page, and what it has.
struct Here {
    window: Window,
    meters: Vec<MeterKey>,
    imports: BTreeSet<MeterKey>,
    rows: BTreeMap<(MeterKey, Shelf), Vec<Row>>,
    octets: Vec<usize>,
    called: BTreeSet<String>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// Whether it was not refused for what stands on the outside.
    pub(crate) passed: bool,
    /// Whether it was taken in, and undone.
    pub(crate) taken: bool,
    /// The most octets that were held for it.
    pub(crate) memory: u64,
}

impl Judge {
    pub(crate) fn new(house: House, seed: u64) -> Self {
        let (keys, imports, adapter) = (house.keys(), house.imports(), house.adapter.clone());
        let window = Window::of(house.world, house.tab, keys, imports);
        Self { house: Here::of(window), adapter, chance: Chance::new(seed) }
    }

    /// Gives the page a file: one in three times a page that nobody has used yet.
    ///
    /// # Errors
    /// With what is wrong with what became of it.
    pub(crate) fn take(&mut self, file: &HostileFile) -> Result<Outcome, String> {
        let mut other = self.chance.is_one_in(3).then(|| Here::of(Window::empty()));
        let here = other.as_mut().unwrap_or(&mut self.house);
        let meter = self.chance.one(&here.meters).cloned().filter(|_| self.chance.is_one_in(2));
        let (began, mut outcome) = (Instant::now(), None);
        let held = measure(|| {
            let taken = catch_unwind(AssertUnwindSafe(|| here.take(file, meter)));
            outcome = taken.ok();
        });
        let (passed, taken) = outcome.unwrap_or_else(|| Err("it panics".to_owned()))?;
        let is_so = |is: bool, otherwise: &str| if is { Ok(()) } else { Err(otherwise.to_owned()) };
        is_so(!self.adapter.is_open(), "a port was opened")?;
        is_so(began.elapsed() < LONGEST, "it takes too long")?;
        is_so(held.bytes_max < MOST_MEMORY, &format!("{} octets were held", held.bytes_max))?;
        Ok(Outcome { passed, taken, memory: held.bytes_max })
    }
}

impl Here {
    fn of(window: Window) -> Self {
        let (meters, imports) = (window.meters.keys().cloned().collect::<Vec<_>>(), window.imports.clone());
        let (rows, octets) = (rows(&window.world, meters.iter().chain(&imports)), octets(&window.world));
        let called = window.world.brokers().called();
        Self { window, meters, imports, rows, octets, called }
    }

    /// Whether the file got past the outer check, and whether it was taken in.
    fn take(&mut self, hostile: &HostileFile, meter: Option<MeterKey>) -> Result<(bool, bool), String> {
        let HostileFile { name, kind, octets } = hostile;
        let answer = match kind {
            Kind::Backup => self.window.restore(&file(name, octets.clone())),
            Kind::Lines | Kind::Table => self.window.import(&file(name, octets.clone()), meter),
            Kind::Capture => self.window.open(name, octets.clone()),
        };
        let answer = answer.ok_or("it is not answered")?;
        // Whatever is to be spoken to would be by then.
        if !self.window.run(300) {
            return Err("the page ended".to_owned());
        }
        let called = self.window.world.brokers().called();
        if called != self.called {
            return Err(format!("{called:?} were called"));
        }
        self.is_as_it_was()?;
        if !self.window.undo(&self.meters, &self.imports) {
            let (meters, imports) = (&self.window.meters, &self.window.imports);
            return Err(format!("after all is undone there are {meters:?} and {imports:?}"));
        }
        self.is_as_it_was()?;
        let left = self::octets(&self.window.world);
        if left != self.octets {
            return Err(format!("after all is undone there are {left:?} octets, and were {:?}", self.octets));
        }
        match answer {
            Answer::Taken | Answer::Seen => Ok((true, true)),
            Answer::Refused(code) if is_of_files(&code) => Ok((!is_outer(&code), false)),
            Answer::Refused(code) => Err(format!("it is refused with {code}")),
        }
    }

    /// Whether every row is there that was, and as it was.
    fn is_as_it_was(&self) -> Result<(), String> {
        let now = rows(&self.window.world, self.meters.iter().chain(&self.imports));
        match now.iter().zip(&self.rows).find(|(now, before)| now != before) {
            Some((((log, shelf), _), _)) => Err(format!("{shelf:?} of {log:?} was changed")),
            None => Ok(()),
        }
    }
}

fn rows<'a>(
    world: &World,
    logs: impl Iterator<Item = &'a MeterKey>,
) -> BTreeMap<(MeterKey, Shelf), Vec<Row>> {
    let disk = world.disks().log().another();
    let of = |log: &MeterKey, shelf: Shelf| {
        let rows = block_on(disk.rows(shelf, log, i64::MIN..=i64::MAX, usize::MAX)).expect("it is memory");
        ((log.clone(), shelf), rows)
    };
    logs.flat_map(|log| Shelf::ALL.iter().map(move |shelf| (log, *shelf)))
        .map(|(log, shelf)| of(log, shelf))
        .collect()
}

/// How many octets are on each shelf, whosever they are.
fn octets(world: &World) -> Vec<usize> {
    Shelf::ALL.iter().map(|shelf| world.disks().log().octets(*shelf)).collect()
}

/// Whether it is a reason that lies in the file.
fn is_of_files(code: &Code) -> bool {
    ["backup.", "import.", "file."].iter().any(|of| code.as_str().starts_with(of))
}

/// Whether a file is refused for what stands on its outside: what it is, whether it is whole, and whether it is what was
/// written.
fn is_outer(code: &Code) -> bool {
    matches!(
        code,
        Code::BackupForeign
            | Code::BackupVersion
            | Code::BackupTruncated
            | Code::BackupChecksum
            | Code::ImportUnknown
            | Code::ImportOtherJson
            | Code::FileFlaw
            | Code::FileNoTelegram
            | Code::FileUtf16
    )
}

/// A page that holds more for a file of some kilobytes would be in danger. A chunk of a backup may have 64 megabytes of
/// text.
const MOST_MEMORY: u64 = 256 << 20;
/// Nobody waits longer.
const LONGEST: Duration = Duration::from_secs(30);
