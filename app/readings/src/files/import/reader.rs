//! [`Reader`]: octets of a file become readings.

use std::collections::VecDeque;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Reading, TimeSource};
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;
use smol_str::SmolStr;

use super::amsreader::Plots;
use super::differences::{Differences, Positions};
use super::format::Register;
use super::lines::Lines;
use super::moment::moment;
use super::number::number;
use super::plan::{Kind, Only, Plan, Planned};
use super::problem::Problem;
use super::pushed::Pushed;
use super::statement::Statement;
use super::table::{Rows, TooLong};
use crate::entry::{Entry, Moment};

/// Readings of a file, as a plan says.
///
/// A table of counters makes readings with just those registers. One of differences makes positions that begin at zero, at
/// the end of each row's time, under a name of their own: so nobody takes the step to the meter's own counter for energy.
/// So does what the amsreader firmware has of hours and days. Where a table has a row for each register, the rows of one
/// time make one reading.
#[derive(Clone, Debug)]
pub struct Reader {
    source: Source,
    zone: Zone,
    plan: Plan,
    /// What each column measures; none of what is no register.
    measurements: Vec<Option<Measurement>>,
    /// The time of the row before.
    before: Option<Moment>,
    /// Whether several rows may have one time, and those that were read of it.
    several: bool,
    gathered: Option<(Moment, Positions)>,
    differences: Differences,
    /// Positions that are to be told.
    counted: VecDeque<(Moment, Positions)>,
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
    Statements(Lines),
    Table(Box<Rows>),
    /// Positions are known when all lines were read.
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
    /// For a file from its beginning; times without an offset are of the zone.
    #[must_use]
    pub fn new(plan: &Plan, zone: Zone) -> Self {
        let source = match plan.kind {
            Kind::Amsreader => Source::Plots(Lines::default(), Some(Plots::default())),
            Kind::JsonLines => Source::Lines(Lines::default()),
            Kind::Statements => Source::Statements(Lines::default()),
            Kind::Table => Source::Table(Box::new(Rows::new(plan.separator))),
        };
        let measurement =
            |planned: &Planned| Register::named(&planned.register)?.measurement(Number::whole(0));
        Self {
            source,
            zone,
            measurements: plan.columns.iter().map(measurement).collect(),
            before: None,
            several: plan.columns.iter().any(|planned| planned.only.is_some()),
            gathered: None,
            differences: Differences::new(plan.columns.len(), plan.until),
            counted: VecDeque::new(),
            heads: plan.heads,
            meter: None,
            plan: plan.clone(),
        }
    }

    /// The next octets of the file.
    pub fn push(&mut self, octets: &[u8]) {
        self.source.octets().push(octets);
    }

    /// The file has ended: what is left can be had.
    pub fn end(&mut self) {
        self.source.octets().end();
    }

    /// The next reading, or the number of a line and what is wrong with it; `None` where more octets are needed.
    #[allow(clippy::should_implement_trait, reason = "an iterator would be over for good at its first None")]
    pub fn next(&mut self) -> Option<Result<(Moment, Reading), (u64, Problem)>> {
        loop {
            if let Some((moment, positions)) = self.counted.pop_front() {
                return Some(Ok((moment, self.reading(&positions, Some(COUNTED)))));
            }
            let (line, read) = match &mut self.source {
                Source::Lines(_) => self.next_line()?,
                Source::Plots(..) => self.next_plot()?,
                Source::Statements(_) => self.next_statement()?,
                Source::Table(_) => self.next_row()?,
            };
            match read {
                Ok(Some(reading)) => return Some(Ok(reading)),
                Ok(None) => {}
                Err(problem) => return Some(Err((line, problem))),
            }
        }
    }

    fn next_line(&mut self) -> Option<(u64, Understood)> {
        let Source::Lines(lines) = &mut self.source else { return None };
        let (line, text) = lines.next()?;
        let entry = text.map_err(|TooLong| Problem::TooLong).and_then(entry);
        Some((line, entry.and_then(|entry| entry.map(|entry| self.own(entry)).transpose())))
    }

    fn next_plot(&mut self) -> Option<(u64, Understood)> {
        let Source::Plots(lines, plots) = &mut self.source else { return None };
        if let Some((line, text)) = lines.next() {
            let text = text.map_err(|TooLong| Problem::TooLong);
            let read = text.and_then(|text| plots.as_mut().map_or(Ok(()), |plots| plots.line(text)));
            return Some((line, read.map(|()| None)));
        }
        let plots = if lines.is_over() { plots.take()? } else { return None };
        for (moment, counted) in plots.positions(self.zone) {
            let position =
                |planned: &Planned| counted.get(planned.column).copied().flatten()?.shifted(planned.scale);
            self.counted.push_back((moment, self.plan.columns.iter().map(position).collect()));
        }
        Some((0, Ok(None)))
    }

    fn next_statement(&mut self) -> Option<(u64, Understood)> {
        let Source::Statements(lines) = &mut self.source else { return None };
        let Some((line, text)) = lines.next() else {
            let is_over = lines.is_over();
            return if is_over { Some((0, Ok(self.last()?))) } else { None };
        };
        let statement = match text {
            Ok([]) => return Some((line, Ok(None))),
            Ok(text) => Statement::read(text).ok_or(Problem::Empty),
            Err(TooLong) => Err(Problem::TooLong),
        };
        Some((line, statement.and_then(|statement| self.row(&statement.cells))))
    }

    fn next_row(&mut self) -> Option<(u64, Understood)> {
        let Source::Table(rows) = &mut self.source else { return None };
        let row = rows.next();
        let (line, is_over) = (rows.line(), rows.octets.is_over());
        match row {
            Some(_) if self.heads > 0 => {
                self.heads -= 1;
                Some((line, Ok(None)))
            }
            Some(row) => Some((line, row.map_err(|TooLong| Problem::TooLong).and_then(|row| self.row(&row)))),
            None if is_over => Some((line, Ok(self.last()?))),
            None => None,
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
        if !self.plan.columns.is_empty() && !self.plan.columns.iter().any(|planned| means(planned, row)) {
            // A row of a register that nobody asked for.
            return Ok(None);
        }
        let (day, clock) = self.plan.time;
        let text =
            clock.map_or_else(|| cell(day).to_owned(), |clock| format!("{} {}", cell(day), cell(clock)));
        let mut time = moment(&text, self.zone, self.before, self.several).ok_or(Problem::Time)?;
        if let Some(meter) = self.plan.meter.map(cell)
            && self.meter.get_or_insert_with(|| meter.into()) != meter
        {
            return Err(Problem::OtherMeter);
        }
        if self.before.is_some_and(|before| time < before || time == before && !self.several) {
            return Err(Problem::Order);
        }
        let numbers = self.numbers(row)?;
        if numbers.iter().all(Option::is_none) {
            return Err(Problem::Empty);
        }
        if self.is_told(time, &numbers) {
            // An hour that comes twice, and hours only: what is said a second time is of the second one.
            let later = moment(&text, self.zone, self.before, false);
            time = later.filter(|later| *later > time).ok_or(Problem::Order)?;
        }
        self.before = Some(time);
        Ok(if self.several { self.gather(time, numbers) } else { self.told(time, numbers) })
    }

    /// What a row says, column by column. Columns of one register are one: the first of them.
    fn numbers(&self, row: &[String]) -> Result<Positions, Problem> {
        let columns = &self.plan.columns;
        let mut numbers: Positions = vec![None; columns.len()];
        for planned in columns.iter().filter(|planned| means(planned, row)) {
            let Some(text) = row.get(planned.column).filter(|text| !text.is_empty()) else { continue };
            let read = number(text, self.plan.decimal_comma).and_then(|number| number.shifted(planned.scale));
            // No counter goes back: what was counted is never less than nothing.
            let read = read.filter(|number| !self.plan.difference || number.mantissa >= 0);
            let mut places = columns.iter().zip(&mut numbers);
            let place = places.find(|(other, _)| other.register == planned.register);
            let (_, number) = place.ok_or(Problem::Number)?;
            if number.replace(read.ok_or(Problem::Number)?).is_some() {
                return Err(Problem::Order);
            }
        }
        Ok(numbers)
    }

    /// Whether another row of that time has said the same.
    fn is_told(&self, time: Moment, numbers: &Positions) -> bool {
        self.gathered.as_ref().is_some_and(|(moment, gathered)| {
            *moment == time
                && gathered.iter().zip(numbers).any(|(one, other)| one.is_some() && other.is_some())
        })
    }

    /// Puts a row to those of its time; what makes a reading is the time before, once it is whole.
    fn gather(&mut self, time: Moment, numbers: Positions) -> Option<(Moment, Reading)> {
        match &mut self.gathered {
            Some((moment, gathered)) if *moment == time => {
                gathered.iter_mut().zip(numbers).for_each(|(one, other)| *one = one.or(other));
                None
            }
            gathered => {
                let (time, numbers) = gathered.replace((time, numbers))?;
                self.told(time, numbers)
            }
        }
    }

    /// All rows of a time: their reading, unless it is counted up.
    fn told(&mut self, time: Moment, numbers: Positions) -> Option<(Moment, Reading)> {
        if self.plan.difference {
            self.differences.row(time, &numbers, &mut self.counted);
            return None;
        }
        Some((time, self.reading(&numbers, None)))
    }

    /// What is left when no more rows come; none where nothing is.
    fn last(&mut self) -> Option<Option<(Moment, Reading)>> {
        if let Some((time, numbers)) = self.gathered.take() {
            return Some(self.told(time, numbers));
        }
        self.differences.end(&mut self.counted);
        (!self.counted.is_empty()).then_some(None)
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

/// Whether a column means what it does in this row.
fn means(planned: &Planned, row: &[String]) -> bool {
    let stands = |only: &Only| row.get(only.column).is_some_and(|cell| cell.eq_ignore_ascii_case(&only.cell));
    planned.only.as_ref().is_none_or(stands)
}

fn entry(line: &[u8]) -> Result<Option<Entry>, Problem> {
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some).map_err(|_| Problem::Json)
}

/// In place of a meter's identification, where positions were counted up from differences.
const COUNTED: &str = "counted";
