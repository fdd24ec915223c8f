//! [`Arrivals`]: what becomes of a backup where it is restored.
//!
//! Its frames go in, one by one, beside what is here; out comes where the rows of each log go, and in the end what is to
//! count. Merged, a meter that is here stays as it is, and gets the readings that it has none of; one that is not comes
//! whole. Replaced, all come whole, and those that are here go. Promised: no log that is here is written to, and merged,
//! nothing that is here changes or goes. A log of the backup has a name that is free: no meter here has it, no import,
//! and nothing that was begun. So what is replaced can be read, and appended to, until the new is complete.
//!
//! Whoever wrote the file may be a stranger. What a record or a setting says is brought into `bounds` therefore, and what
//! it names elsewhere is off until a person has switched it on.

use std::collections::{BTreeMap, BTreeSet};

use metertap_decoder::cipher::Keys;
use metertap_decoder::identity::is_same_meter;

use super::{Arriving, Contents, Cursor, Finished, LogName, Piece, Setting, bounds};
use crate::files::import::Import;
use crate::names::topic;
use crate::stated::{Correction, CorrectionKind};
use crate::store::retention::Retention;
use crate::store::settings::MeterKeys;
use crate::store::{MeterKey, MeterRecord, SourceRecord};

/// What was met of a backup, and what is here.
#[derive(Clone, Debug)]
pub struct Arrivals {
    here: Vec<MeterRecord>,
    replaces: bool,
    /// What the file is called.
    file: String,
    /// Whether keys and passwords are in it.
    secrets: bool,
    /// The last numbers of its logs.
    lasts: BTreeMap<MeterKey, u64>,
    /// By their names in the backup.
    met: Vec<(MeterKey, Arrival)>,
    /// The names that meters here have, or will have, or first had, or that logs of theirs begin with.
    taken: BTreeSet<String>,
    /// Names in topics, likewise.
    topics: Vec<String>,
    /// How many simulated meters are to be read.
    simulated: usize,
    /// Logs that come whole, by their names in the backup.
    begun: BTreeSet<MeterKey>,
    /// As they are in the backup.
    cursors: Vec<Cursor>,
    imports: Vec<Import>,
    settings: Vec<Setting>,
}

/// What becomes of a meter of the backup.
#[derive(Clone, Debug, PartialEq)]
struct Arrival {
    /// Its name here.
    key: MeterKey,
    /// Its record, where it comes whole; none where its readings join those of a meter that stays.
    record: Option<MeterRecord>,
    /// The meter here that it is, whether that goes or stays.
    is: Option<MeterKey>,
}

/// Where the rows of a log of the backup go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// Nowhere: they are of no meter of the backup.
    Nowhere,
    /// Into a log of this name, which is free.
    Whole(MeterKey),
    /// Beside the readings of this meter that is here.
    Beside(MeterKey),
}

impl Arrivals {
    /// A backup of that name and contents beside these meters, or in place of them; `logs` are names that are taken
    /// besides theirs.
    #[must_use]
    pub fn new(
        here: Vec<MeterRecord>,
        logs: impl IntoIterator<Item = MeterKey>,
        file: &str,
        contents: &Contents,
        replaces: bool,
    ) -> Self {
        let own = |key: &MeterKey| key.0.split('+').next().unwrap_or_default().to_owned();
        let logs = logs.into_iter().map(|log| own(&log));
        let staying = || here.iter().filter(|_| !replaces);
        let first = staying().map(|record| own(record.origin()));
        Self {
            taken: here.iter().map(|record| own(&record.key)).chain(logs).chain(first).collect(),
            topics: staying().filter_map(|record| record.topic.clone()).collect(),
            here,
            replaces,
            file: bounds::plain(file, bounds::TEXT),
            secrets: contents.manifest.as_ref().is_some_and(|manifest| manifest.secrets),
            lasts: contents.lasts.clone(),
            met: Vec::new(),
            simulated: 0,
            begun: BTreeSet::new(),
            cursors: Vec::new(),
            imports: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// Takes in a frame; a log and its rows have a [place](Self::place) instead. A meter's second record, should it have
    /// one, is passed over.
    pub fn take(&mut self, frame: Piece) {
        match frame {
            Piece::Meter(record) if self.of(&record.key).is_none() => {
                let name = record.key.clone();
                let arrival = self.arrival(record);
                self.taken.insert(arrival.key.0.clone());
                self.met.push((name, arrival));
            }
            Piece::Cursor(cursor)
                if LogName::of(&cursor.meter).is_some() && cursor.reader.len() <= LONGEST_READER =>
            {
                self.cursors.push(cursor);
            }
            Piece::Setting(setting) if self.secrets => self.settings.extend(self.bounded(setting)),
            Piece::Import(import) => {
                let Import { file, span: (from, to), .. } = &import;
                let (file, span) = (bounds::plain(file, bounds::TEXT), (*from.min(to), *from.max(to)));
                self.imports.push(Import { file, span, ..import });
            }
            _ => {}
        }
    }

    /// Where the rows of that log of the backup go.
    pub fn place(&mut self, log: &MeterKey) -> Destination {
        let Some((arrival, own)) = self.of_log(log) else { return Destination::Nowhere };
        if arrival.record.is_none() {
            return Destination::Beside(arrival.key.clone());
        }
        self.begun.insert(log.clone());
        Destination::Whole(own)
    }

    /// What is to count once all logs are complete; beside it these imports into meters that are here.
    #[must_use]
    pub fn finish(mut self, joined: Vec<Import>) -> Finished {
        let cursors = std::mem::take(&mut self.cursors).into_iter().filter_map(|cursor| self.cursor(cursor));
        let cursors = cursors.collect();
        let imports = std::mem::take(&mut self.imports).into_iter();
        let imports = imports.filter_map(|import| self.import(import)).collect::<Vec<_>>();
        let settings = self.settings.iter().filter_map(|setting| self.renamed(setting)).collect();
        let succeeds = |(_, arrival): &(_, Arrival)| Some((arrival.is.clone()?, arrival.key.clone()));
        let successors = self.met.iter().filter_map(succeeds).collect();
        let gone = self.here.iter().filter(|_| self.replaces).map(|record| record.key.clone()).collect();
        Finished {
            settings: Arriving { settings, replaces: self.replaces, successors },
            cursors,
            imports: imports.into_iter().chain(joined).collect(),
            forgotten: Vec::new(),
            gone,
            meters: self
                .met
                .iter()
                .filter_map(|(_, arrival)| arrival.record.clone())
                .map(|record| self.renamed_in(record))
                .collect(),
        }
    }

    /// The record with the names that meters which it speaks of have here: that of its line, and the one whose place it took.
    /// Of a meter that does not come whole it says nothing: no line that is here carries a meter that a file says it does,
    /// and nothing out of a file replaces a meter that is here.
    fn renamed_in(&self, record: MeterRecord) -> MeterRecord {
        let comes = |meter: &MeterKey| {
            let arrival = self.of(meter).filter(|arrival| arrival.record.is_some());
            arrival.map(|arrival| (arrival.key.clone(), arrival.record.as_ref()))
        };
        let line = record.line_of.as_ref().and_then(comes);
        let has_line =
            |line: &(MeterKey, Option<&MeterRecord>)| line.1.is_some_and(|line| line.line_of.is_none());
        let renamed = |mut correction: Correction| {
            if let CorrectionKind::Replaced { meter } = &mut correction.what {
                *meter = comes(meter)?.0;
            }
            Some(correction)
        };
        MeterRecord {
            line_of: line.filter(has_line).map(|(line, _)| line),
            stated: record.stated.into_iter().filter_map(renamed).collect(),
            ..record
        }
    }

    fn of(&self, meter: &MeterKey) -> Option<&Arrival> {
        self.met.iter().find(|(name, _)| name == meter).map(|(_, arrival)| arrival)
    }

    /// What becomes of the meter that a log of the backup belongs to, and the name of that log here.
    fn of_log(&self, log: &MeterKey) -> Option<(&Arrival, MeterKey)> {
        let LogName { meter, import } = LogName::of(log)?;
        let arrival = self.of(&MeterKey(meter.to_owned()))?;
        let key = &arrival.key.0;
        Some((arrival, MeterKey(import.map_or_else(|| key.clone(), |import| format!("{key}+{import}")))))
    }

    /// How far a reader of a log that comes whole has come: not behind its end, where later readings will be.
    fn cursor(&self, cursor: Cursor) -> Option<Cursor> {
        let meter = self.of(&cursor.meter)?.record.as_ref()?.key.clone();
        let last = self.lasts.get(&cursor.meter).copied().unwrap_or_default();
        Some(Cursor { meter, seq: cursor.seq.min(last), ..cursor })
    }

    /// An import of a meter that comes whole, whose rows have come: once, and as many readings as there can be.
    fn import(&mut self, import: Import) -> Option<Import> {
        if !self.begun.remove(&import.log) {
            return None;
        }
        let last = self.lasts.get(&import.log).copied().unwrap_or_default();
        let (arrival, log) = self.of_log(&import.log)?;
        Some(Import { log, meter: arrival.key.clone(), readings: import.readings.min(last), ..import })
    }

    fn bounded(&self, setting: Setting) -> Option<Setting> {
        match setting {
            Setting::Broker(broker) => bounds::broker(&broker, &self.file).map(Setting::Broker),
            Setting::Keys(meter, MeterKeys { keys, .. }) => {
                let are_some = keys != Keys::default() && LogName::of(&meter).is_some();
                let from = Some(self.file.clone());
                are_some.then_some(Setting::Keys(meter, MeterKeys { keys, from }))
            }
        }
    }

    /// A meter's keys are kept under its name; those of nobody are not kept.
    fn renamed(&self, setting: &Setting) -> Option<Setting> {
        match setting {
            Setting::Broker(_) => Some(setting.clone()),
            Setting::Keys(meter, keys) => Some(Setting::Keys(self.of(meter)?.key.clone(), keys.clone())),
        }
    }

    fn arrival(&mut self, record: MeterRecord) -> Arrival {
        let met = |here: &&MeterRecord| self.met.iter().any(|(_, met)| met.is.as_ref() == Some(&here.key));
        let mut left = self.here.iter().filter(|here| !met(here));
        let by_origin = left.clone().find(|here| here.origin() == record.origin());
        let here = by_origin.or_else(|| left.find(|here| is_called_the_same(here, &record)));
        let is = here.map(|here| here.key.clone());
        if let (Some(here), false) = (here, self.replaces) {
            return Arrival { key: here.key.clone(), record: None, is };
        }
        let key = self.free(&record);
        let origin = record.origin().clone();
        let mut record = bounds::meter(record, &self.file);
        // Where another one is that meter, a later backup of it is not to be taken for this one's.
        record.origin = Some(origin).filter(|origin| *origin != key && !self.is_known(origin));
        record.key = key.clone();
        if let Some(here) = here.filter(|here| serves(&here.source, &record.source)) {
            (record.source, record.reading) = (here.source.clone(), here.reading);
            record.address_from = here.address_from.clone();
        }
        if !self.replaces {
            // Nobody here has said that any of its readings may go.
            record.retention = Retention::Forever;
            // A port that a meter here is read through stays that meter's, and so does what it calls itself.
            record.reading &= self.here.iter().all(|here| !here.source.is_beside(&record.source));
            let is_called = self.here.iter().any(|here| is_called(here, &record));
            record.identification.take_if(|_| is_called);
        }
        if matches!(record.source, SourceRecord::Simulated { .. }) {
            record.reading &= self.simulated < MOST_SIMULATED;
            self.simulated += usize::from(record.reading);
        }
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        record.topic = record.topic.and_then(|name| topic(&name, None, None, &topics));
        self.topics.extend(record.topic.clone());
        Arrival { key, record: Some(record), is }
    }

    /// Whether a meter that stays here, or one that came before, was first given that name.
    fn is_known(&self, origin: &MeterKey) -> bool {
        let stays = |here: &MeterRecord| !self.replaces && here.origin() == origin;
        let came = |(_, met): &(_, Arrival)| met.record.as_ref().is_some_and(|met| met.origin() == origin);
        self.here.iter().any(stays) || self.met.iter().any(came)
    }

    /// A name that nobody here has, nor a meter that came before: its own, its first one, or that with a number.
    fn free(&self, record: &MeterRecord) -> MeterKey {
        let origin = record.origin();
        let numbered = (2_u64..).map(|number| MeterKey(format!("{}-{number}", origin.0)));
        let mut names = [record.key.clone(), origin.clone()].into_iter().chain(numbered);
        // There are more numbers than meters.
        names.find(|name| !self.taken.contains(&name.0)).unwrap_or_else(|| record.key.clone())
    }
}

/// Whether both are read in the same way from a meter that calls itself the same.
fn is_called_the_same(one: &MeterRecord, other: &MeterRecord) -> bool {
    let protocol = |record: &MeterRecord| record.source.spoken().and_then(|spoken| spoken.protocol);
    is_called(one, other) && protocol(one).is_some() && protocol(one) == protocol(other)
}

/// Whether both call themselves the same, in whichever spelling.
fn is_called(one: &MeterRecord, other: &MeterRecord) -> bool {
    let names = one.identification.as_deref().zip(other.identification.as_deref());
    names.is_some_and(|(one, other)| one == other || is_same_meter(one, other))
}

/// Whether a meter is read on from where it is read here, and not from where it was when the backup was made.
fn serves(here: &SourceRecord, backup: &SourceRecord) -> bool {
    let is_settled = |source: &SourceRecord| source.spoken().is_some_and(|spoken| spoken.protocol.is_some());
    match here {
        SourceRecord::File { .. } => false,
        SourceRecord::Simulated { .. } => true,
        SourceRecord::Serial { .. } | SourceRecord::Bridge { .. } => is_settled(here) || !is_settled(backup),
    }
}

/// Simulated meters that a file may begin to read: each takes time from the real ones.
const MOST_SIMULATED: usize = 8;
/// Octets of the longest name that a reader has: what it is, and an address.
const LONGEST_READER: usize = 4100;

#[cfg(test)]
mod tests;
