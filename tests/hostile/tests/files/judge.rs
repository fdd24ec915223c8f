//! [`Judge`]: gives hostile files to a page, and checks that the files have done no harm.

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

/// Gives files to a page, and checks the page after each.
pub(crate) struct Judge {
    /// The page of the house whose files were turned into hostile ones.
    house: Here,
    adapter: Adapter,
    chance: Chance,
}

/// A page, and the data that it had at the beginning.
struct Here {
    window: Window,
    meters: Vec<MeterKey>,
    imports: BTreeSet<MeterKey>,
    rows: BTreeMap<(MeterKey, Shelf), Vec<Row>>,
    bytes: Vec<usize>,
    called: BTreeSet<String>,
}

/// What a page did with a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// Whether the file passed the outer check: see [`is_outer`].
    pub(crate) passed: bool,
    /// Whether the page accepted it. In that case it was undone afterwards.
    pub(crate) taken: bool,
    /// The most bytes of memory that were allocated at one time for the file.
    pub(crate) memory: u64,
}

impl Judge {
    pub(crate) fn new(house: House, seed: u64) -> Self {
        let (keys, imports, adapter) = (house.keys(), house.imports(), house.adapter.clone());
        let window = Window::of(house.world, house.tab, keys, imports);
        Self { house: Here::of(window), adapter, chance: Chance::new(seed) }
    }

    /// Gives a file to the page of the house or, in one case out of three, to a page that has never been used.
    ///
    /// # Errors
    /// What the page did wrong.
    pub(crate) fn take(&mut self, file: &HostileFile) -> Result<Outcome, String> {
        let mut other = self.chance.is_one_in(3).then(|| Here::of(Window::empty()));
        let here = other.as_mut().unwrap_or(&mut self.house);
        let meter = self.chance.one(&here.meters).cloned().filter(|_| self.chance.is_one_in(2));
        let (began, mut outcome) = (Instant::now(), None);
        let held = measure(|| {
            let taken = catch_unwind(AssertUnwindSafe(|| here.take(file, meter)));
            outcome = taken.ok();
        });
        let (passed, taken) = outcome.unwrap_or_else(|| Err("the page panicked".to_owned()))?;
        let is_so = |is: bool, otherwise: &str| if is { Ok(()) } else { Err(otherwise.to_owned()) };
        is_so(!self.adapter.is_open(), "a port was opened")?;
        is_so(began.elapsed() < LONGEST, "the page took too long")?;
        is_so(held.bytes_max < MOST_MEMORY, &format!("{} bytes were held", held.bytes_max))?;
        Ok(Outcome { passed, taken, memory: held.bytes_max })
    }
}

impl Here {
    fn of(window: Window) -> Self {
        let (meters, imports) = (window.meters.keys().cloned().collect::<Vec<_>>(), window.imports.clone());
        let (rows, bytes) = (rows(&window.world, meters.iter().chain(&imports)), bytes(&window.world));
        let called = window.world.brokers().called();
        Self { window, meters, imports, rows, bytes, called }
    }

    /// Whether the file passed the outer check, and whether the page accepted it.
    fn take(&mut self, hostile: &HostileFile, meter: Option<MeterKey>) -> Result<(bool, bool), String> {
        let HostileFile { name, kind, bytes } = hostile;
        let answer = match kind {
            Kind::Backup => self.window.restore(&file(name, bytes.clone())),
            Kind::Lines | Kind::Table => self.window.import(&file(name, bytes.clone()), meter),
            Kind::Capture => self.window.open(name, bytes.clone()),
        };
        let answer = answer.ok_or("the page did not answer")?;
        // Long enough for the page to connect to any address that it would connect to.
        if !self.window.run(300) {
            return Err("the page ended".to_owned());
        }
        let called = self.window.world.brokers().called();
        if called != self.called {
            return Err(format!("the page connected to {called:?}"));
        }
        self.is_as_it_was()?;
        if !self.window.undo(&self.meters, &self.imports) {
            let (meters, imports) = (&self.window.meters, &self.window.imports);
            return Err(format!("after everything was undone, there are {meters:?} and {imports:?}"));
        }
        self.is_as_it_was()?;
        let left = self::bytes(&self.window.world);
        if left != self.bytes {
            return Err(format!(
                "after everything was undone, {left:?} bytes are stored instead of {:?}",
                self.bytes
            ));
        }
        match answer {
            Answer::Taken | Answer::Seen => Ok((true, true)),
            Answer::Refused(code) if is_of_files(&code) => Ok((!is_outer(&code), false)),
            Answer::Refused(code) => Err(format!("the page refused it with {code}")),
        }
    }

    /// Checks that every earlier row still exists and is unchanged.
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

/// How many bytes are on each shelf, for all meters together.
fn bytes(world: &World) -> Vec<usize> {
    Shelf::ALL.iter().map(|shelf| world.disks().log().bytes(*shelf)).collect()
}

/// Whether the code is that of an error in the file.
fn is_of_files(code: &Code) -> bool {
    ["backup.", "import.", "file."].iter().any(|of| code.as_str().starts_with(of))
}

/// Whether the outer check refused a file: its kind is unknown, it is incomplete, or its checksum is wrong.
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

/// The most bytes that a page may allocate for a file of some kilobytes. The limit is this high because a chunk of a
/// backup stores a repeated text once, and may give 64 megabytes of text when it is read.
const MOST_MEMORY: u64 = 256 << 20;
/// A user would not wait longer for a file.
const LONGEST: Duration = Duration::from_secs(30);
