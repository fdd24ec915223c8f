//! [`Reader`]: turns the bytes of a file into readings.

use std::collections::VecDeque;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Reading, TimeSource};
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;
use smol_str::SmolStr;

use super::amsreader::Plots;
use super::chain::{Chain, Clock, SetBack};
use super::differences::{Differences, Positions};
use super::format::Register;
use super::lines::Lines;
use super::order::{Held, Item};
use super::plan::{FileKind, Plan, Planned};
use super::problem::{Problem, Wrong};
use super::pushed::Pushed;
use super::row::Row;
use super::statement::Statement;
use super::table::{CellRows, TooLong};
use crate::entry::{Entry, Moment};
use crate::files::corrections::CorrectionLine;
use crate::stated::{Correction, MOST_STATEMENTS};
use crate::store::MeterKey;

/// Reads a file as a plan says.
///
/// A table of differences gives positions that begin at zero. Such readings, and those of the amsreader firmware, have
/// `counted` in place of the meter's identification. Otherwise, the step to the meter's own counter would be taken for
/// energy. If a table has a row for each register, the rows of one time make one reading. A table whose rows are not in
/// chronological order is held until its end.
#[derive(Clone, Debug)]
pub struct Reader {
    source: Source,
    zone: Zone,
    clock: Clock,
    plan: Plan,
    /// The measurement of each column; `None` if the column has no register.
    measurements: Vec<Option<Measurement>>,
    /// The times of each register that has separate rows.
    chains: Vec<Chain>,
    /// Whether several rows may have one time.
    several: bool,
    /// The values of the current time so far, if several rows may have it.
    gathered: Option<(Moment, Positions)>,
    differences: Differences,
    told: VecDeque<Result<(Moment, Reading), Wrong>>,
    /// How many rows are still to come before the values.
    heads: u32,
    /// The meter in the first line that names one.
    meter: Option<SmolStr>,
    /// Rows that are held until all have come. `ordered` are those of them that are still to be read.
    held: Held,
    ordered: Option<std::vec::IntoIter<(Item, Result<Moment, Problem>)>>,
    /// The corrections among the lines, each with the number of its line. `corrected` is their meter's key in the
    /// browser that wrote the file.
    corrections: Vec<(u64, Correction)>,
    corrected: Option<MeterKey>,
}

#[derive(Clone, Debug)]
enum Source {
    Lines(Lines),
    Statements(Lines),
    Table(Box<CellRows>),
    /// Positions are known once all lines have been read.
    Plots(Lines, Option<Plots>),
}

impl Source {
    fn octets(&mut self) -> &mut Pushed {
        match self {
            Self::Lines(lines) | Self::Statements(lines) | Self::Plots(lines, _) => &mut lines.octets,
            Self::Table(rows) => &mut rows.octets,
        }
    }
}

impl Reader {
    /// A reader for a file from its beginning; times without an offset are in this zone.
    #[must_use]
    pub fn new(plan: &Plan, zone: Zone) -> Self {
        let source = match plan.kind {
            FileKind::Amsreader => Source::Plots(Lines::default(), Some(Plots::default())),
            FileKind::JsonLines => Source::Lines(Lines::default()),
            FileKind::Statements => Source::Statements(Lines::default()),
            FileKind::Table => Source::Table(Box::new(CellRows::new(plan.separator))),
        };
        let measurement =
            |planned: &Planned| Register::named(&planned.register)?.measurement(Number::whole(0));
        Self {
            source,
            zone,
            clock: Clock::new(plan, zone),
            measurements: plan.columns.iter().map(measurement).collect(),
            chains: Vec::new(),
            several: plan.columns.iter().any(|planned| planned.only.is_some()),
            gathered: None,
            differences: Differences::new(plan, zone),
            told: VecDeque::new(),
            heads: plan.heads,
            meter: None,
            held: Held::default(),
            ordered: None,
            corrections: Vec::new(),
            corrected: None,
            plan: plan.clone(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, octets: &[u8]) {
        self.source.octets().push(octets);
    }

    /// Notes that the file has ended, so that what is left can be read.
    pub fn end(&mut self) {
        self.source.octets().end();
    }

    /// The next reading, or a line and its problem; `None` if more bytes are needed, or nothing is left.
    #[allow(clippy::should_implement_trait, reason = "an iterator would end at its first None")]
    pub fn next(&mut self) -> Option<Result<(Moment, Reading), Wrong>> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            match &mut self.source {
                Source::Lines(_) => self.next_line()?,
                Source::Plots(..) => self.next_plot()?,
                Source::Statements(_) => self.next_statement()?,
                Source::Table(_) => self.next_row()?,
            }
        }
    }

    /// The corrections of the file's meter that were read so far, each with its line.
    #[must_use]
    pub fn corrections(&self) -> &[(u64, Correction)] {
        &self.corrections
    }

    fn next_line(&mut self) -> Option<()> {
        let Source::Lines(lines) = &mut self.source else { return None };
        let (line, text) = lines.next()?;
        let read = text.map_err(|TooLong| Problem::TooLong).and_then(read);
        let own = read.and_then(|read| match read {
            None => Ok(None),
            Some(Line::Entry(entry)) => self.own(*entry).map(Some),
            Some(Line::Correction(correction)) => self.correct(line, correction).map(|()| None),
        });
        self.told.extend(own.map_err(|problem| problem.of(line, "")).transpose());
        Some(())
    }

    fn next_plot(&mut self) -> Option<()> {
        let Source::Plots(lines, plots) = &mut self.source else { return None };
        if let Some((line, text)) = lines.next() {
            let text = text.map_err(|TooLong| Problem::TooLong);
            let read = text.and_then(|text| plots.as_mut().map_or(Ok(()), |plots| plots.line(text)));
            self.told.extend(read.err().map(|problem| Err(problem.of(line, ""))));
            return Some(());
        }
        let plots = if lines.is_over() { plots.take()? } else { return None };
        for (moment, counted) in plots.positions(self.zone) {
            let position =
                |planned: &Planned| counted.get(planned.column).copied().flatten()?.shifted(planned.scale);
            let positions: Positions = self.plan.columns.iter().map(position).collect();
            self.told.push_back(Ok((moment, self.reading(&positions, Some(COUNTED)))));
        }
        Some(())
    }

    fn next_statement(&mut self) -> Option<()> {
        let Source::Statements(lines) = &mut self.source else { return None };
        let Some((line, text)) = lines.next() else {
            return if lines.is_over() { self.last() } else { None };
        };
        match text {
            Ok([]) => {}
            Err(TooLong) => self.refuse(Problem::TooLong.of(line, "")),
            Ok(text) => match Statement::read(text) {
                Some(statement) => self.row(line, &statement.cells),
                None => self.refuse(Problem::Empty.of(line, "")),
            },
        }
        Some(())
    }

    fn next_row(&mut self) -> Option<()> {
        let Source::Table(rows) = &mut self.source else { return None };
        let row = rows.next();
        let (line, is_over) = (rows.line(), rows.octets.is_over());
        match row {
            Some(_) if self.heads > 0 => self.heads -= 1,
            Some(Ok(row)) => self.row(line, &row),
            Some(Err(TooLong)) => self.refuse(Problem::TooLong.of(line, "")),
            None if is_over => return self.last(),
            None => return None,
        }
        Some(())
    }

    /// Takes an entry, if it belongs to the file's meter.
    fn own(&mut self, entry: Entry) -> Result<(Moment, Reading), Problem> {
        match (&self.meter, &entry.reading.meter) {
            (Some(own), Some(other)) if own != other => return Err(Problem::OtherMeter),
            (None, Some(_)) => self.meter.clone_from(&entry.reading.meter),
            _ => {}
        }
        Ok((entry.received, entry.reading))
    }

    /// Keeps a correction, if it belongs to the file's meter.
    fn correct(&mut self, line: u64, read: CorrectionLine) -> Result<(), Problem> {
        let is_other = matches!((&self.meter, &read.meter), (Some(own), Some(other)) if own != other);
        if is_other || *self.corrected.get_or_insert_with(|| read.of.clone()) != read.of {
            return Err(Problem::OtherMeter);
        }
        let correction = read.correction.possible().ok_or(Problem::Json)?;
        if self.corrections.len() >= MOST_STATEMENTS {
            return Err(Problem::Corrections);
        }
        self.corrections.push((line, correction));
        Ok(())
    }

    fn row(&mut self, line: u64, cells: &[String]) {
        if cells.iter().all(String::is_empty) {
            return;
        }
        let row = Row { line, cells };
        let stream = match row.stream(&self.plan) {
            Ok(stream) => stream,
            Err(wrong) => return self.refuse(wrong),
        };
        if let Some(meter) = self.plan.meter.map(|column| row.cell(column))
            && self.meter.get_or_insert_with(|| meter.into()) != meter
        {
            return self.refuse(Problem::OtherMeter.of(line, meter));
        }
        for item in row.items(&self.plan, stream) {
            let item = item.and_then(|item| self.take(item));
            self.told.extend(item.err().map(Err));
        }
    }

    /// Reads an item, or keeps it until all are there.
    fn take(&mut self, item: Item) -> Result<(), Wrong> {
        let line = item.line;
        if self.plan.sorted { self.held.push(item) } else { self.read(item) }
            .map_err(|problem| problem.of(line, ""))
    }

    fn read(&mut self, item: Item) -> Result<(), Problem> {
        if item.is_passed_over(&self.clock) {
            return self.say(item, Err(Problem::Time));
        }
        while self.chains.len() <= item.stream {
            self.chains.push(Chain::default());
        }
        let chain = self.chains.get_mut(item.stream).ok_or(Problem::Order)?;
        let (moment, set_back) = chain.next(item.written, &self.clock)?;
        if let Some(SetBack { from, to }) = set_back {
            match &mut self.gathered {
                // If the previous row is still being gathered, its time is corrected here. Otherwise it is the pending
                // row of the differences.
                Some((gathered, told)) if *gathered == from && is_told(told, &item.numbers) => *gathered = to,
                _ => self.differences.set_back(from, to),
            }
        }
        self.say(item, Ok(moment))
    }

    fn say(&mut self, item: Item, moment: Result<Moment, Problem>) -> Result<(), Problem> {
        if item.is_passed_over(&self.clock) && item.is_zero() {
            return Ok(());
        }
        let (time, numbers) = (moment?, item.numbers);
        if let Some((gathered, told)) = &self.gathered
            && (time < *gathered || time == *gathered && is_told(told, &numbers))
        {
            return Err(Problem::Order);
        }
        if self.several {
            self.gather(time, numbers)
        } else {
            self.tell(time, &numbers)
        }
        Ok(())
    }

    /// Adds a row to those of the same time. When a new time begins, the previous one is complete and becomes a
    /// reading.
    fn gather(&mut self, time: Moment, numbers: Positions) {
        match &mut self.gathered {
            Some((moment, gathered)) if *moment == time => {
                gathered.iter_mut().zip(numbers).for_each(|(one, other)| *one = one.or(other));
            }
            gathered => {
                if let Some((time, numbers)) = gathered.replace((time, numbers)) {
                    self.tell(time, &numbers);
                }
            }
        }
    }

    /// Makes a reading of a time's positions. In a table of differences, the amounts are added up instead.
    fn tell(&mut self, time: Moment, numbers: &Positions) {
        if !self.plan.difference {
            let reading = self.reading(numbers, None);
            return self.told.push_back(Ok((time, reading)));
        }
        let mut counted = VecDeque::new();
        self.differences.row(time, numbers, &mut counted);
        self.tell_counted(counted);
    }

    fn tell_counted(&mut self, counted: VecDeque<(Moment, Positions)>) {
        for (moment, positions) in counted {
            let reading = self.reading(&positions, Some(COUNTED));
            self.told.push_back(Ok((moment, reading)));
        }
    }

    fn refuse(&mut self, wrong: Wrong) {
        self.told.push_back(Err(wrong));
    }

    /// Handles what is left when no more rows come. Returns `None` if nothing is left.
    fn last(&mut self) -> Option<()> {
        if self.plan.sorted {
            let (held, clock) = (&mut self.held, self.clock);
            let ordered =
                self.ordered.get_or_insert_with(|| std::mem::take(held).in_order(&clock).into_iter());
            if let Some((item, moment)) = ordered.next() {
                let line = item.line;
                let read = self.say(item, moment);
                self.told.extend(read.err().map(|problem| Err(problem.of(line, ""))));
                return Some(());
            }
        }
        if let Some((time, numbers)) = self.gathered.take() {
            self.tell(time, &numbers);
            return Some(());
        }
        let mut counted = VecDeque::new();
        self.differences.end(&mut counted);
        self.tell_counted(counted);
        (!self.told.is_empty()).then_some(())
    }

    fn reading(&self, numbers: &[Option<Number>], meter: Option<&str>) -> Reading {
        let values = self.measurements.iter().zip(numbers).filter_map(|(measurement, number)| {
            Some(Measurement { value: Value::Number((*number)?), ..measurement.clone()? })
        });
        Reading {
            meter: meter.map(SmolStr::from),
            maker: None,
            model: None,
            protocol: Protocol::Table,
            time: None,
            time_source: TimeSource::Received,
            integrity: Integrity::Unchecked,
            values: values.collect(),
        }
    }
}

/// Whether both have a value for the same register.
fn is_told(told: &Positions, numbers: &Positions) -> bool {
    told.iter().zip(numbers).any(|(one, other)| one.is_some() && other.is_some())
}

enum Line {
    Entry(Box<Entry>),
    Correction(CorrectionLine),
}

fn read(line: &[u8]) -> Result<Option<Line>, Problem> {
    if line.is_empty() {
        return Ok(None);
    }
    let entry = serde_json::from_slice(line).map(|entry| Line::Entry(Box::new(entry)));
    let line = entry.or_else(|_| serde_json::from_slice(line).map(Line::Correction));
    line.map(Some).map_err(|_| Problem::Json)
}

/// The identification in readings whose positions were added up from differences.
pub(super) const COUNTED: &str = "counted";
