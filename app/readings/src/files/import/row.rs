//! [`Row`]: a table's row, and what it contains according to a plan.

use metertap_decoder::number::Number;

use super::differences::Positions;
use super::format::Register;
use super::moment::{Dates, Times, Written};
use super::number::{is_none, measured};
use super::order::Item;
use super::plan::{Plan, Planned};
use super::problem::{Problem, Wrong};
use super::unit::Measured;

pub(super) struct Row<'a> {
    /// The line on which it begins.
    pub(super) line: u64,
    pub(super) cells: &'a [String],
}

impl Row<'_> {
    /// The contents of a column; empty if there is no such column.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map(String::as_str).unwrap_or_default()
    }

    /// Returns the index of the first planned column that the row is for. Fails if no planned column is for it.
    pub(super) fn stream(&self, plan: &Plan) -> Result<usize, Wrong> {
        let means = |planned: &Planned| planned.only.as_ref().is_none_or(|only| only.holds(self.cells));
        let place = plan.columns.iter().position(means);
        if place.is_none() && !plan.columns.is_empty() {
            let mut columns: Vec<usize> =
                plan.columns.iter().filter_map(|planned| Some(planned.only.as_ref()?.column)).collect();
            columns.dedup();
            let texts: Vec<&str> = columns.into_iter().map(|column| self.cell(column)).collect();
            return Err(Problem::Register.of(self.line, &texts.join(", ")));
        }
        Ok(place.unwrap_or_default())
    }

    /// The row's items, at its own time or at those in the titles.
    pub(super) fn items(&self, plan: &Plan, stream: usize) -> Vec<Result<Item, Wrong>> {
        if plan.across.is_empty() {
            let (day, clock) = plan.time;
            let written = self.written(self.cell(day), clock.map(|clock| self.cell(clock)), plan.times);
            return vec![written.and_then(|written| self.item(plan, stream, written, None))];
        }
        let mut items = Vec::new();
        for (column, title) in plan.across.iter().filter(|(column, _)| !is_none(self.cell(*column))) {
            let written = match Written::read(title, None, plan.times) {
                Some(written) if plan.times.parts.is_none() => Ok(written),
                _ => self.written(self.cell(plan.time.0), Some(title), plan.times),
            };
            let item = written.and_then(|written| self.item(plan, stream, written, Some(*column)));
            let is_same = |other: &Result<Item, Wrong>| {
                other.as_ref().err().is_some() && other.as_ref().err() == item.as_ref().err()
            };
            if !items.iter().any(is_same) {
                items.push(item);
            }
        }
        if items.is_empty() {
            items.push(Err(Problem::Empty.of(self.line, "")));
        }
        items
    }

    fn written(&self, day: &str, clock: Option<&str>, times: Times) -> Result<Written, Wrong> {
        Written::read(day, clock, times).ok_or_else(|| {
            let is_date = times.dates.is_none()
                && Written::read(day, clock, Times { dates: Some(Dates::DayFirst), ..times }).is_some();
            let problem = if is_date { Problem::Dates } else { Problem::Time };
            problem.of(self.line, &[day, clock.unwrap_or_default()].join(" "))
        })
    }

    fn item(
        &self,
        plan: &Plan,
        stream: usize,
        written: Written,
        across: Option<usize>,
    ) -> Result<Item, Wrong> {
        let numbers = self.numbers(plan, across)?;
        if numbers.iter().all(Option::is_none) {
            return Err(Problem::Empty.of(self.line, ""));
        }
        Ok(Item { line: self.line, stream, written, numbers, is_across: across.is_some() })
    }

    /// The numbers of the columns. If several columns are for one register, the first of them gets their sum if they
    /// hold amounts. If they hold positions, a row with more than one is an error. If a column has several meanings,
    /// the first one whose condition the row meets is used.
    fn numbers(&self, plan: &Plan, across: Option<usize>) -> Result<Positions, Wrong> {
        let mut numbers: Positions = vec![None; plan.columns.len()];
        let mut read = Vec::new();
        for planned in &plan.columns {
            let is_meant = planned.only.as_ref().is_none_or(|only| only.holds(self.cells));
            if !is_meant || read.contains(&planned.column) {
                continue;
            }
            read.push(planned.column);
            let text = self.cell(across.unwrap_or(planned.column));
            if is_none(text) {
                continue;
            }
            let number = self.number(plan, planned, text)?;
            let mut places = plan.columns.iter().zip(&mut numbers);
            let place =
                places.find(|(other, _)| other.register == planned.register && other.power == planned.power);
            let (_, place) = place.ok_or_else(|| Problem::Number.of(self.line, text))?;
            *place = match place {
                None => Some(number),
                Some(other) if plan.difference => crate::power::sum(*other, number),
                Some(_) => return Err(Problem::Order.of(self.line, text)),
            };
        }
        Ok(numbers)
    }

    /// A cell's number in the register's unit. The unit is the cell's own, or else the row's, or else the plan's.
    fn number(&self, plan: &Plan, planned: &Planned, text: &str) -> Result<Number, Wrong> {
        let wrong = |problem: Problem, text: &str| problem.of(self.line, text);
        let (number, unit) =
            measured(text, plan.decimal_comma).ok_or_else(|| wrong(Problem::Number, text))?;
        let of_row = plan.unit.map(|column| self.cell(column)).filter(|unit| !unit.is_empty());
        let unit = match (unit, of_row) {
            (Some(unit), _) => Some((unit, text)),
            (None, Some(unit)) => {
                Some((Measured::exactly(unit).ok_or_else(|| wrong(Problem::Unit, unit))?, unit))
            }
            (None, None) => None,
        };
        let register = Register::named(&planned.register);
        let scale = match unit {
            None => planned.scale,
            Some((unit, text)) => register
                .and_then(|register| unit.power_for(register, planned.power))
                .ok_or_else(|| wrong(Problem::Unit, text))?,
        };
        let number = if planned.negated { Number::new(-number.mantissa, number.scaler) } else { number };
        let number = number.shifted(scale).ok_or_else(|| wrong(Problem::Number, text))?;
        // Counters do not run backwards, so an amount is never negative.
        if plan.difference && number.mantissa < 0 {
            return Err(wrong(Problem::Number, text));
        }
        if planned.power && plan.step.is_none() {
            return Err(wrong(Problem::Step, text));
        }
        Ok(number)
    }
}
