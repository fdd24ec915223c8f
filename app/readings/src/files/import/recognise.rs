//! Recognises a program's table by the names of its columns.

use super::format::{FORMATS, Format, FormatColumn, REGISTERS};
use super::moment::Written;
use super::plan::{Only, Planned, is_named};
use super::sample::begin;

/// Returns the format of a table with these titles. If several fit, it is the format of which the rows use the most
/// columns. A tie goes to the one with the most columns in the titles, then to the first. Not all columns of a format
/// need to be there: a house without gas may have no column for it.
pub(super) fn known(titles: &[String], values: &[Vec<String>]) -> Option<&'static Format> {
    let of_time = FORMATS.iter().rev().filter(|format| {
        let is_across = format.time.0.is_empty();
        named_time(format, titles).is_some() || is_across && titles.iter().any(|title| Written::is_in(title))
    });
    let counted = of_time.filter_map(|format| {
        let planned = of_format(format, titles);
        let stands = |planned: &&Planned| {
            planned.only.as_ref().is_none_or(|only| values.iter().any(|row| only.holds(row)))
        };
        let standing = planned.iter().filter(stands).count();
        (!planned.is_empty()).then_some(((standing, planned.len()), format))
    });
    counted.max_by_key(|(count, _)| *count).map(|(_, format)| format)
}

pub(super) fn named_time(format: &Format, titles: &[String]) -> Option<(usize, Option<usize>)> {
    let (day, clock) = format.time;
    if day.is_empty() {
        return None;
    }
    let clock = clock.map(|clock| place(titles, clock));
    Some((place(titles, day)?, if let Some(clock) = clock { Some(clock?) } else { None }))
}

pub(super) fn of_format(format: &Format, titles: &[String]) -> Vec<Planned> {
    let planned = format.columns.iter().filter_map(|column| {
        let FormatColumn { name, register, scale, only, power } = column;
        let only = match only {
            Some((column, cell)) => Some(Only { column: place(titles, column)?, cell: (*cell).to_owned() }),
            None => None,
        };
        let register = REGISTERS.get(*register)?.name.to_owned();
        let column = match *name {
            "" => titles.iter().position(|title| begin(title).is_some())?,
            name => place(titles, name)?,
        };
        Some(Planned { column, register, scale: *scale, only, power: *power, negated: false })
    });
    planned.collect()
}

/// The first column with this name, as [`is_named`] compares names.
pub(super) fn place(titles: &[String], name: &str) -> Option<usize> {
    titles.iter().position(|title| is_named(title, name))
}
