//! [`Sample`]: many rows of a table, and what its columns hold.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::moment::Written;
use super::number::{is_none, measured};
use super::table::CellRows;
use super::word::{Meaning, Said};

#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// The first rows, heads included.
    pub(super) rows: Vec<Vec<String>>,
    /// Later rows that have a new text in a column with few different texts.
    later: Vec<Vec<String>>,
}

impl Sample {
    /// Reads a sample from the beginning of a file with this separator. Returns `None` if one of the first rows is too
    /// long.
    pub(super) fn read(beginning: &[u8], separator: char, is_all: bool, most: usize) -> Option<Self> {
        let mut table = CellRows::new(separator);
        table.octets.push(beginning);
        if is_all {
            table.octets.end();
        }
        let mut sample = Self { rows: Vec::new(), later: Vec::new() };
        let mut cells = 0;
        while sample.rows.len() < most && cells < MOST_CELLS {
            let Some(row) = table.next() else { return Some(sample) };
            let row = row.ok()?;
            cells += row.len();
            sample.rows.push(row);
        }
        let mut few = sample.few_texts();
        while sample.later.len() < MOST_LATER
            && let Some(row) = table.next()
        {
            let Ok(row) = row else { continue };
            let is_new = |(column, texts): &mut (usize, BTreeSet<String>)| {
                row.get(*column).is_some_and(|text| texts.len() < MOST_TEXTS && texts.insert(text.clone()))
            };
            if few.iter_mut().filter_map(|one| is_new(one).then_some(())).count() > 0 {
                sample.later.push(row);
            }
        }
        Some(sample)
    }

    pub(super) fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or_default()
    }

    /// The cells of a column without the empty ones, beginning with the row `from`.
    pub(super) fn cells(&self, column: usize, from: usize) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().skip(from);
        rows.filter_map(move |row| row.get(column)).map(String::as_str).filter(|cell| !is_none(cell))
    }

    /// Columns with few different texts, with those texts in the order in which they first occur.
    pub(super) fn texts(&self, from: usize) -> Vec<(usize, Vec<String>)> {
        let few = self.few_texts_from(from);
        let in_order = few.into_iter().map(|(column, texts)| {
            let rows = self.rows.iter().skip(from).chain(&self.later);
            let mut ordered: Vec<String> = Vec::new();
            for text in rows.filter_map(|row| row.get(column)).filter(|text| texts.contains(*text)) {
                if !ordered.contains(text) {
                    ordered.push(text.clone());
                }
            }
            (column, ordered)
        });
        in_order.collect()
    }

    fn few_texts(&self) -> Vec<(usize, BTreeSet<String>)> {
        self.few_texts_from(self.rows.len().min(MOST_HEADS) / 2)
    }

    fn few_texts_from(&self, from: usize) -> Vec<(usize, BTreeSet<String>)> {
        let column = |column: usize| {
            let mut texts = BTreeSet::new();
            let later = self.later.iter().filter_map(|row| row.get(column)).map(String::as_str);
            for text in self.cells(column, from).chain(later).filter(|text| !text.is_empty()) {
                if measured(text, true).or_else(|| measured(text, false)).is_some() || Written::is_in(text) {
                    return None;
                }
                texts.insert(text.to_owned());
                if texts.len() > MOST_TEXTS {
                    return None;
                }
            }
            (!texts.is_empty()).then_some((column, texts))
        };
        (0..self.columns()).filter_map(column).collect()
    }

    /// Finds the row whose titles are times or times of day. Returns its index, and those columns with the beginning of
    /// each title's span. There must be values below the titles, and no times. Otherwise the row holds values, and its
    /// two times are the beginning and the end of its span.
    pub(super) fn across(&self) -> Option<(usize, Vec<(usize, String)>)> {
        self.rows.iter().take(MOST_HEADS).enumerate().find_map(|(place, row)| {
            let across: Vec<(usize, String)> =
                row.iter().enumerate().filter_map(|(column, title)| Some((column, begin(title)?))).collect();
            let is_whole = across.iter().all(|(_, begin)| Written::is_in(begin));
            let least = if is_whole { 2 } else { LEAST_PARTS };
            let below = || self.rows.iter().skip(place + 1).take(MOST_HEADS);
            let is_value = |text: &String| {
                is_none(text) || measured(text, true).or_else(|| measured(text, false)).is_some()
            };
            let stands = |(column, _): &(usize, String)| {
                below().filter_map(|row| row.get(*column)).all(|text| is_value(text) && !Written::is_in(text))
            };
            let has_value = |(column, _): &(usize, String)| {
                below().filter_map(|row| row.get(*column)).any(|text| !is_none(text))
            };
            let is_across = across.len() >= least
                && (is_whole || across.len() * 2 > row.len())
                && across.iter().any(has_value)
                && across.iter().all(stands)
                && (is_whole || is_rising(&across));
            is_across.then_some((place, across))
        })
    }

    /// The column with the time, and the column with the time of day if there is a separate one.
    ///
    /// It is the column whose cells differ from row to row: a column with the same text in every row is not the time,
    /// whatever it looks like. Plain digits may be a moment or a contract number, so another column of times that
    /// differ is preferred.
    pub(super) fn time(&self) -> Option<(usize, Option<usize>)> {
        let clocks: Vec<usize> = (0..self.columns()).filter(|column| self.is_clock(*column)).collect();
        let mut best: Option<(Score, (usize, Option<usize>))> = None;
        for column in 0..self.columns() {
            let cells: Vec<&str> = self.cells(column, 0).collect();
            let times: Vec<&str> = cells.iter().copied().filter(|cell| Written::is_in(cell)).collect();
            let Some(first) = times.iter().find(|cell| cell.len() >= SHORTEST) else { continue };
            if times.len() * 2 < self.filled(column) {
                continue;
            }
            let is_day = times.iter().all(|cell| is_date(cell));
            let other = clocks.iter().copied().filter(|clock| is_day && *clock != column);
            let clock = other.min_by_key(|clock| self.is_end(*clock));
            let is_digits = first.bytes().all(|octet| octet.is_ascii_digit());
            let different = self.different(column, clock);
            let score = (different > 1, !is_digits, different, !self.is_end(column), Reverse(column));
            if best.is_none_or(|(other, _)| score > other) {
                best = Some((score, (column, clock)));
            }
        }
        let (score, time) = best?;
        // In a short table, all rows may have the same time.
        (score.0 || self.filled(time.0) <= MOST_HEADS / 2).then_some(time)
    }

    /// Whether the title above a column says that its times are the ends of spans. Most such tables also have a column
    /// with the beginnings, which is preferred.
    fn is_end(&self, column: usize) -> bool {
        let heads = self.rows.iter().take(MOST_HEADS).filter_map(|row| row.get(column));
        heads.take_while(|cell| !Written::is_in(cell)).any(|cell| Said::of(cell).says(Meaning::End))
    }

    /// How many cells of a column are filled, from its first time on.
    fn filled(&self, column: usize) -> usize {
        let cells =
            self.rows.iter().filter_map(|row| row.get(column)).skip_while(|cell| !Written::is_in(cell));
        cells.filter(|cell| !is_none(cell)).count()
    }

    /// How many different times there are.
    fn different(&self, column: usize, clock: Option<usize>) -> usize {
        let cell =
            |row: &Vec<String>, column: Option<usize>| column.and_then(|column| row.get(column)).cloned();
        let rows = self.rows.iter().filter(|row| row.get(column).is_some_and(|text| Written::is_in(text)));
        rows.map(|row| (cell(row, Some(column)), cell(row, clock))).collect::<BTreeSet<_>>().len()
    }

    /// Whether a column has times of day, or the numbers of the parts of each day, beginning with 0 or 1.
    fn is_clock(&self, column: usize) -> bool {
        let cells: Vec<&str> = self.cells(column, 0).collect();
        let clocks = cells.iter().filter(|cell| is_time_of_day(cell)).count();
        if clocks > 0 && clocks * 2 >= cells.len() {
            return true;
        }
        let numbers: Vec<i64> = cells.iter().filter_map(|cell| cell.parse().ok()).collect();
        let pairs = numbers.iter().zip(numbers.iter().skip(1));
        // A step is 0 if two registers have a row each, and -1 if the newest hour comes first.
        let steps = pairs.clone().filter(|(one, other)| one.abs_diff(**other) <= 1).count();
        numbers.len() * 2 >= cells.len()
            && numbers.len() > 1
            && numbers.iter().all(|number| (0..=100).contains(number))
            && numbers.iter().any(|number| *number <= 1)
            && numbers.iter().collect::<BTreeSet<_>>().len() > 1
            && steps * 10 >= pairs.count() * 9
            && self.repeats_days(column)
    }

    /// Whether another column repeats a day over several rows.
    fn repeats_days(&self, column: usize) -> bool {
        (0..self.columns()).any(|day| {
            let days: Vec<&str> = self.cells(day, 0).filter(|cell| is_date(cell)).collect();
            let different = days.iter().collect::<BTreeSet<_>>().len();
            day != column && days.len() > 1 && different * 2 <= days.len()
        })
    }

    /// How many rows come before the first row of values. That row has a time and a number, and the row after it has a
    /// time as well. A row with more or fewer cells than the next one belongs to the head.
    pub(super) fn heads(&self, time: (usize, Option<usize>), from: usize) -> Option<usize> {
        let has_time = |row: &Vec<String>| {
            let cell = |column: usize| row.get(column).map(String::as_str).unwrap_or_default();
            Written::is_in(cell(time.0)) && time.1.is_none_or(|clock| !is_none(cell(clock)))
        };
        let has_number = |row: &Vec<String>| {
            let others =
                row.iter().enumerate().filter(|(column, _)| *column != time.0 && Some(*column) != time.1);
            let mut others = others.map(|(_, cell)| cell);
            others.any(|cell| measured(cell, true).or_else(|| measured(cell, false)).is_some())
        };
        let rows = || self.rows.iter().enumerate().skip(from).take(MOST_HEADS);
        let is_first = |(place, row): &(usize, &Vec<String>)| {
            let next = self
                .rows
                .get(place + 1..)
                .unwrap_or_default()
                .iter()
                .find(|row| !row.iter().all(|cell| is_none(cell)));
            let is_alone = next.is_some_and(|next| next.len() != row.len() && has_time(next));
            has_time(row) && has_number(row) && !is_alone && next.is_none_or(has_time)
        };
        let first =
            rows().find(is_first).or_else(|| rows().find(|(_, row)| has_time(row) && has_number(row)));
        first.or_else(|| rows().find(|(_, row)| has_time(row) && row.len() > 1)).map(|(place, _)| place)
    }
}

/// How well a column serves as the time: whether it varies, whether it is not plain digits, how much it varies, whether
/// it is not a span's end, and how far to the left it is.
type Score = (bool, bool, usize, bool, Reverse<usize>);

/// The beginning of the span that a title names: a time, a time of day, or the number of a part of the day, which may
/// have a letter before it.
pub(super) fn begin(title: &str) -> Option<String> {
    let title = title.trim();
    if title.len() >= SHORTEST && Written::is_in(title) && !title.bytes().all(|octet| octet.is_ascii_digit())
    {
        return Some(title.to_owned());
    }
    let (begin, end) =
        title.split_once(['-', '–']).map_or((title, None), |(begin, end)| (begin.trim(), Some(end.trim())));
    if is_time_of_day(begin) && end.is_none_or(is_time_of_day) {
        return Some(begin.to_owned());
    }
    let number = title.trim_start_matches(['H', 'h', 'Q', 'q']);
    let is_part = number.len() <= 3 && number.parse::<u8>().is_ok_and(|number| number <= 100);
    is_part.then(|| number.to_owned())
}

/// Whether each time of day is later than the previous one. One exception is allowed, and a midnight at the end.
fn is_rising(across: &[(usize, String)]) -> bool {
    let minutes = |text: &str| -> Option<u32> {
        match text.split_once(':') {
            Some((hour, rest)) => {
                let minute = rest.split(':').next()?;
                Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
            }
            None => text.parse().ok(),
        }
    };
    let values: Option<Vec<u32>> = across.iter().map(|(_, text)| minutes(text)).collect();
    let midnight_at_the_end = |values: &[u32]| values.last() == Some(&0);
    values.is_some_and(|mut values| {
        if midnight_at_the_end(&values) {
            values.pop();
        }
        let down = values.iter().zip(values.iter().skip(1)).filter(|(one, other)| other <= one).count();
        // In autumn, an hour may have two columns.
        down <= 1
    })
}

fn is_time_of_day(text: &str) -> bool {
    text.len() <= 15
        && text.contains(':')
        && (Written::is_in(&format!("2026-01-01 {text}"))
            || text.split_once(':').is_some_and(|(hour, minute)| {
                // The 25th hour of a day.
                hour == "25" && minute.trim_start_matches(['0', ':']).is_empty()
            }))
}

/// Whether it is a day without a time of day, or at midnight.
fn is_date(text: &str) -> bool {
    Written::is_in(text) && !text.contains(':') && text.len() <= 12 && !text.trim().contains(' ')
        || text.split_once([' ', 'T']).is_some_and(|(day, clock)| is_date(day) && clock.starts_with("00:00"))
}

/// How many rows may come before the values: grid operators put addresses there.
pub(super) const MOST_HEADS: usize = 30;
/// The most texts in a column, each of which may stand for a register.
const MOST_TEXTS: usize = 24;
/// How many rows with new texts are kept from the rest of a file.
const MOST_LATER: usize = 64;
/// How many cells are looked at closely.
const MOST_CELLS: usize = 20_000;
/// The length of `1.1.26`, the shortest time.
const SHORTEST: usize = 6;
/// The fewest titles that count as times of day: fewer may be anything.
const LEAST_PARTS: usize = 4;
