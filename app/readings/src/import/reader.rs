//! [`Reader`]: octets of a file become readings.

use std::vec::IntoIter;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Protocol, Reading, TimeSource};
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::amsreader::{Counted, Plots};
use super::format::Register;
use super::lines::Lines;
use super::moment::moment;
use super::plan::{Kind, Plan};
use super::table::{Rows, TooLong};
use crate::entry::{Entry, Moment};
use crate::series::sum;

/// Readings of a file, as a plan says.
///
/// A table of counters makes readings with just those registers. One of differences makes positions that begin at zero, at
/// the end of each row's time, under a name of their own: so nobody takes the step to the meter's own counter for energy.
/// So does what the amsreader firmware has of hours and days.
#[derive(Clone, Debug)]
pub struct Reader {
    source: Source,
    zone: Zone,
    plan: Plan,
    /// The time of the row before.
    before: Option<Moment>,
    differences: Differences,
    ready: Option<(Moment, Reading)>,
    /// Rows before the values that are still to come.
    heads: u32,
    /// The meter that the first line with one names.
    meter: Option<SmolStr>,
}

/// What a line makes; an empty one makes nothing.
type Understood = Result<Option<(Moment, Reading)>, Problem>;

#[derive(Clone, Debug)]
enum Source {
    Lines(Lines),
    Table(Box<Rows>),
    /// Positions are known when all lines were read.
    Plots(Lines, Plots, Option<IntoIter<(Moment, Counted)>>),
}

/// What is counted up from a table of differences.
#[derive(Clone, Debug, Default)]
struct Differences {
    /// How far each column has come.
    positions: Vec<Option<Number>>,
    /// The row whose end is not known yet.
    open: Option<Moment>,
    /// How long the first row's time was, in milliseconds.
    step: Option<i64>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// Its time cannot be read.
    Time,
    /// A number cannot be read.
    Number,
    /// Its time is not behind the one of the row before.
    Order,
    /// No column that is wanted has a value in it.
    Empty,
    /// It is no reading as in the contract.
    Json,
    /// It is longer than any.
    TooLong,
    /// It is of another meter than the lines before.
    OtherMeter,
    /// It is in a form that another version of its program writes.
    Version,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Time,
        Self::Number,
        Self::Order,
        Self::Empty,
        Self::Json,
        Self::TooLong,
        Self::OtherMeter,
        Self::Version,
    ];

    /// A stable word for `fault::words`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Time => "import.time",
            Self::Number => "import.number",
            Self::Order => "import.order",
            Self::Empty => "import.empty",
            Self::Json => "import.json",
            Self::TooLong => "import.too-long",
            Self::OtherMeter => "import.other-meter",
            Self::Version => "import.version",
        }
    }
}

impl Reader {
    /// For a file from its beginning; times without an offset are of the zone.
    #[must_use]
    pub fn new(plan: &Plan, zone: Zone) -> Self {
        let source = match plan.kind {
            Kind::Amsreader => Source::Plots(Lines::new(), Plots::default(), None),
            Kind::JsonLines => Source::Lines(Lines::new()),
            Kind::Table => Source::Table(Box::new(Rows::new(plan.separator))),
        };
        let differences = Differences { positions: vec![None; plan.columns.len()], ..Differences::default() };
        let (plan, heads) = (plan.clone(), plan.heads);
        Self { source, zone, plan, before: None, differences, ready: None, heads, meter: None }
    }

    /// The next octets of the file.
    pub fn push(&mut self, pushed: &[u8]) {
        match &mut self.source {
            Source::Table(rows) => rows.push(pushed),
            Source::Lines(lines) | Source::Plots(lines, ..) => lines.push(pushed),
        }
    }

    /// The file has ended: what is left can be had.
    pub fn end(&mut self) {
        match &mut self.source {
            Source::Table(rows) => rows.end(),
            Source::Lines(lines) | Source::Plots(lines, ..) => lines.end(),
        }
    }

    /// The next reading, or the number of a line and what is wrong with it; `None` where more octets are needed.
    #[allow(clippy::should_implement_trait, reason = "an iterator would be over for good at its first None")]
    pub fn next(&mut self) -> Option<Result<(Moment, Reading), (u64, Problem)>> {
        if let Some(ready) = self.ready.take() {
            return Some(Ok(ready));
        }
        loop {
            let (line, read) = match &mut self.source {
                Source::Lines(lines) => {
                    let (line, text) = lines.next()?;
                    let entry = text.map_err(|TooLong| Problem::TooLong).and_then(entry);
                    (line, entry.and_then(|entry| entry.map(|entry| self.own(entry)).transpose()))
                }
                Source::Plots(lines, plots, positions) => {
                    let Some((line, text)) = lines.next() else {
                        if !lines.is_over() {
                            return None;
                        }
                        let positions =
                            positions.get_or_insert_with(|| plots.positions(self.zone).into_iter());
                        let (moment, counted) = positions.next()?;
                        return Some(Ok((moment, self.plotted(counted))));
                    };
                    let read = text.map_err(|TooLong| Problem::TooLong).and_then(|text| plots.line(text));
                    (line, read.map(|()| None))
                }
                Source::Table(rows) => {
                    let line = rows.line();
                    let Some(row) = rows.next() else { return self.last_difference().map(Ok) };
                    if self.heads > 0 {
                        self.heads -= 1;
                        continue;
                    }
                    (line, row.map_err(|TooLong| Problem::TooLong).and_then(|row| self.row(&row)))
                }
            };
            match read {
                Ok(Some(reading)) => return Some(Ok(reading)),
                Ok(None) => {}
                Err(problem) => return Some(Err((line, problem))),
            }
        }
    }

    /// A line of the meter that the file is of.
    fn own(&mut self, entry: Entry) -> Result<(Moment, Reading), Problem> {
        match (&self.meter, &entry.reading.meter) {
            (Some(own), Some(other)) if own != other => return Err(Problem::OtherMeter),
            (None, Some(_)) => self.meter.clone_from(&entry.reading.meter),
            _ => {}
        }
        Ok((entry.received, entry.reading))
    }

    fn row(&mut self, row: &[String]) -> Understood {
        let cell = |place: usize| row.get(place).map(String::as_str).unwrap_or_default();
        let (day, clock) = self.plan.time;
        let time = match clock {
            Some(clock) => moment(&format!("{} {}", cell(day), cell(clock)), self.zone, self.before),
            None => moment(cell(day), self.zone, self.before),
        };
        let time = time.ok_or(Problem::Time)?;
        if self.before.is_some_and(|before| time <= before) {
            return Err(Problem::Order);
        }
        let read = self.plan.columns.iter().map(|planned| {
            let text = cell(planned.column);
            if text.is_empty() {
                return Ok(None);
            }
            let number = number(text, self.plan.decimal_comma).ok_or(Problem::Number)?;
            number.shifted(planned.scale).map(Some).ok_or(Problem::Number)
        });
        let numbers = read.collect::<Result<Vec<Option<Number>>, Problem>>()?;
        if numbers.iter().all(Option::is_none) {
            return Err(Problem::Empty);
        }
        let before = self.before.replace(time);
        if !self.plan.difference {
            return Ok(Some((time, self.reading(&numbers, None))));
        }
        Ok(Some(self.counted(before, time, &numbers)))
    }

    /// A row of differences: the reading at the end of the row before it, or at the beginning of the first.
    fn counted(
        &mut self,
        before: Option<Moment>,
        time: Moment,
        numbers: &[Option<Number>],
    ) -> (Moment, Reading) {
        if let Some(before) = before {
            self.differences.step.get_or_insert(time.0 - before.0);
        }
        let reading = match self.differences.end(Some(time)) {
            Some(end) => (end, self.reading(&self.differences.positions, Some(COUNTED))),
            None => {
                self.differences.positions =
                    numbers.iter().map(|number| number.map(|_| Number::whole(0))).collect();
                (Moment(time.0 - 1), self.reading(&self.differences.positions, Some(COUNTED)))
            }
        };
        self.differences.open = Some(time);
        for (position, number) in self.differences.positions.iter_mut().zip(numbers) {
            if let Some(number) = number {
                *position = sum(position.unwrap_or(Number::whole(0)), *number).or(*position);
            }
        }
        reading
    }

    fn last_difference(&mut self) -> Option<(Moment, Reading)> {
        if !matches!(&self.source, Source::Table(rows) if rows.is_over()) {
            return None;
        }
        let end = self.differences.end(None)?;
        self.differences.open = None;
        Some((end, self.reading(&self.differences.positions, Some(COUNTED))))
    }

    /// A plan names the two columns of positions as it does those of a table.
    fn plotted(&self, counted: Counted) -> Reading {
        let numbers = self.plan.columns.iter().map(|planned| {
            let number = counted.get(planned.column).copied().flatten();
            number.and_then(|number| number.shifted(planned.scale))
        });
        self.reading(&numbers.collect::<Vec<_>>(), Some(COUNTED))
    }

    fn reading(&self, numbers: &[Option<Number>], meter: Option<&str>) -> Reading {
        let values = self
            .plan
            .columns
            .iter()
            .zip(numbers)
            .filter_map(|(planned, number)| Register::named(&planned.register)?.measurement((*number)?));
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

impl Differences {
    /// The last moment of the row whose end is not known yet: before the next row, and no longer than the first was.
    fn end(&self, next: Option<Moment>) -> Option<Moment> {
        let end = self.open?.0.saturating_add(self.step.unwrap_or(HOUR));
        Some(Moment(next.map_or(end, |next| end.min(next.0)) - 1))
    }
}

fn entry(line: &[u8]) -> Result<Option<Entry>, Problem> {
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some).map_err(|_| Problem::Json)
}

/// A number in plain digits, with that mark before its places.
fn number(text: &str, decimal_comma: bool) -> Option<Number> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if decimal_comma { text.replacen(',', ".", 1).parse().ok() } else { text.parse().ok() }
}

/// In place of a meter's identification, where positions were counted up from differences.
const COUNTED: &str = "counted";
/// In milliseconds.
const HOUR: i64 = 3_600_000;
