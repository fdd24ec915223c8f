//! [`Arrivals`]: decides what happens to the contents of a backup when it is restored.
//!
//! Merging keeps everything that is here: a meter that is here gets the readings that it lacks, and any other meter is
//! restored completely. Replacing restores all meters of the backup completely, and removes those that are here. In
//! both cases, a log of the backup gets a free name: one that no meter here, no import and no unfinished log has. So a
//! log that is here can be read and appended to until its replacement is complete.

use std::collections::{BTreeMap, BTreeSet};

use metertap_decoder::cipher::Keys;
use metertap_decoder::identity::is_same_meter;

use super::{Arriving, Contents, Cursor, Finished, LogName, Piece, Setting, bounds};
use crate::files::import::Import;
use crate::names::topic;
use crate::plain::plain;
use crate::stated::{Correction, CorrectionKind, MOST_STATEMENTS};
use crate::store::retention::Retention;
use crate::store::settings::MeterKeys;
use crate::store::{MeterKey, MeterRecord, Role, SourceRecord};

/// What a backup contains so far, and what is here.
#[derive(Clone, Debug)]
pub struct Arrivals {
    here: Vec<MeterRecord>,
    replaces: bool,
    file: String,
    /// Whether keys and passwords are in the backup.
    secrets: bool,
    /// The last entry's number in each log of the backup.
    lasts: BTreeMap<MeterKey, u64>,
    /// The meters so far, by their names in the backup.
    met: Vec<(MeterKey, Arrival)>,
    /// Names that no new meter may get: those of the meters here and of earlier arrivals, and the first names of meters
    /// that stay. Of the names of other logs, the part before the `+` is taken.
    taken: BTreeSet<String>,
    topics: Vec<String>,
    /// How many simulated meters are to be read.
    simulated: usize,
    /// Logs that are restored completely, by their names in the backup.
    begun: BTreeSet<MeterKey>,
    cursors: Vec<Cursor>,
    imports: Vec<Import>,
    settings: Vec<Setting>,
}

/// What happens to a meter of the backup.
#[derive(Clone, Debug, PartialEq)]
struct Arrival {
    /// Its name here.
    key: MeterKey,
    /// Its record, if it is restored completely; `None` if its readings are added to a meter that stays.
    record: Option<MeterRecord>,
    /// The same meter here, whether it stays or is removed.
    is: Option<MeterKey>,
}

/// Where the rows of one of the backup's logs go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// Nowhere: the log belongs to no meter of the backup.
    Nowhere,
    /// Into a log with this name, which is free.
    Whole(MeterKey),
    /// Beside the readings of this meter, which is here.
    Beside(MeterKey),
}

impl Arrivals {
    /// Begins to restore a backup. `logs` are names that are taken besides those of the meters here.
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
            file: plain(file, bounds::TEXT),
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

    /// Takes a frame. For a log and its rows, call [`place`](Self::place) instead. A second record of a meter is
    /// ignored.
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
                let (file, span) = (plain(file, bounds::TEXT), (*from.min(to), *from.max(to)));
                self.imports.push(Import { file, span, ..import });
            }
            _ => {}
        }
    }

    /// Where the rows of this log of the backup go.
    pub fn place(&mut self, log: &MeterKey) -> Destination {
        let Some((arrival, own)) = self.of_log(log) else { return Destination::Nowhere };
        if arrival.record.is_none() {
            return Destination::Beside(arrival.key.clone());
        }
        self.begun.insert(log.clone());
        Destination::Whole(own)
    }

    /// Returns what to restore once all logs are complete. `joined` are the new imports for meters that are here.
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

    /// Renames the record's references to other meters. A reference to a meter that is not in the backup is dropped. If
    /// that meter is not restored completely, a shared line and a replacement are dropped too: a file must not put a
    /// meter on a line that is here, or replace a meter that is here.
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
        let role = record.role.and_then(|role| match role {
            Role::Part { of } => Some(Role::Part { of: self.of(&of)?.key.clone() }),
            role => Some(role),
        });
        MeterRecord {
            line_of: line.filter(has_line).map(|(line, _)| line),
            role,
            stated: record.stated.into_iter().filter_map(renamed).collect(),
            ..record
        }
    }

    fn of(&self, meter: &MeterKey) -> Option<&Arrival> {
        self.met.iter().find(|(name, _)| name == meter).map(|(_, arrival)| arrival)
    }

    /// The meter to which a log of the backup belongs, and the name of the log here.
    fn of_log(&self, log: &MeterKey) -> Option<(&Arrival, MeterKey)> {
        let LogName { meter, import } = LogName::of(log)?;
        let arrival = self.of(&MeterKey(meter.to_owned()))?;
        let key = &arrival.key.0;
        Some((arrival, MeterKey(import.map_or_else(|| key.clone(), |import| format!("{key}+{import}")))))
    }

    /// The cursor under the meter's name here; `None` unless the meter is restored completely. A cursor beyond the end
    /// of the log would skip later readings.
    fn cursor(&self, cursor: Cursor) -> Option<Cursor> {
        let meter = self.of(&cursor.meter)?.record.as_ref()?.key.clone();
        let last = self.lasts.get(&cursor.meter).copied().unwrap_or_default();
        Some(Cursor { meter, seq: cursor.seq.min(last), ..cursor })
    }

    /// The import under its name here; `None` if its log is not restored completely, or if an import of that log was
    /// taken already.
    fn import(&mut self, import: Import) -> Option<Import> {
        if !self.begun.remove(&import.log) {
            return None;
        }
        let last = self.lasts.get(&import.log).copied().unwrap_or_default();
        let (arrival, log) = self.of_log(&import.log)?;
        let stated =
            import.stated.into_iter().filter_map(Correction::possible).take(MOST_STATEMENTS).collect();
        Some(Import {
            log,
            meter: arrival.key.clone(),
            readings: import.readings.min(last),
            stated,
            ..import
        })
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

    /// Keys get the meter's name here. Keys of a meter that is not in the backup are dropped.
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
        // If another meter is already known by this origin, a later backup of that meter must not be matched with this
        // one.
        record.origin = Some(origin).filter(|origin| *origin != key && !self.is_known(origin));
        record.key = key.clone();
        if let Some(here) = here.filter(|here| serves(&here.source, &record.source)) {
            (record.source, record.reading) = (here.source.clone(), here.reading);
            record.address_from = here.address_from.clone();
        }
        if !self.replaces {
            // The user of this computer has not agreed to delete any of the meter's readings.
            record.retention = Retention::Forever;
            // If a meter here is read through the same port, the port stays with the meter here.
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

    /// Whether this is the first name of a meter that stays here, or of an earlier meter in the backup.
    fn is_known(&self, origin: &MeterKey) -> bool {
        let stays = |here: &MeterRecord| !self.replaces && here.origin() == origin;
        let came = |(_, met): &(_, Arrival)| met.record.as_ref().is_some_and(|met| met.origin() == origin);
        self.here.iter().any(stays) || self.met.iter().any(came)
    }

    /// A name that no meter here and no earlier meter of the backup has: the record's own name, its first name, or its
    /// first name with a number.
    fn free(&self, record: &MeterRecord) -> MeterKey {
        let origin = record.origin();
        let numbered = (2_u64..).map(|number| MeterKey(format!("{}-{number}", origin.0)));
        let mut names = [record.key.clone(), origin.clone()].into_iter().chain(numbered);
        // There are more numbers than meters, so a name is always found.
        names.find(|name| !self.taken.contains(&name.0)).unwrap_or_else(|| record.key.clone())
    }
}

fn is_called_the_same(one: &MeterRecord, other: &MeterRecord) -> bool {
    let protocol = |record: &MeterRecord| record.source.spoken().and_then(|spoken| spoken.protocol);
    is_called(one, other) && protocol(one).is_some() && protocol(one) == protocol(other)
}

/// Whether both have the same identification, in any spelling.
fn is_called(one: &MeterRecord, other: &MeterRecord) -> bool {
    let names = one.identification.as_deref().zip(other.identification.as_deref());
    names.is_some_and(|(one, other)| one == other || is_same_meter(one, other))
}

/// Whether the meter keeps the source that it has here, instead of the source in the backup.
fn serves(here: &SourceRecord, backup: &SourceRecord) -> bool {
    let is_settled = |source: &SourceRecord| source.spoken().is_some_and(|spoken| spoken.protocol.is_some());
    match here {
        SourceRecord::File { .. } => false,
        SourceRecord::Simulated { .. } => true,
        SourceRecord::Serial { .. } | SourceRecord::Bridge { .. } => is_settled(here) || !is_settled(backup),
    }
}

/// The most simulated meters of a file that are read: each takes time from the real meters.
const MOST_SIMULATED: usize = 8;
/// The most bytes in a reader's name, which is a kind and an address.
const LONGEST_READER: usize = 4100;

#[cfg(test)]
mod tests;
