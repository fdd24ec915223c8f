//! [`Timing`]: how the times of a table are written, how far apart they are, and in which direction they go.

use metertap_decoder::civil::{DateTime, Time};

use super::moment::{Dates, Times, Written};
use super::order::{Way, is_autumn};
use super::plan::Planned;
use super::sample::Sample;
use super::step::Step;

#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) times: Times,
    pub(super) step: Option<Step>,
    /// Whether the rows must be sorted, because they are not in chronological order.
    pub(super) sorted: bool,
    /// Whether the times start again halfway: the rows of one register may follow all rows of another.
    pub(super) anew: bool,
    /// Whether the times are the ends of spans; `None` if they do not show it.
    pub(super) until: Option<bool>,
    /// Whether there are at most two different times. They do not show the step reliably: a gap, or the hour that
    /// clocks skip, may lie between them.
    pub(super) is_short: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// What the dates of its program begin with.
    pub(super) dates: Option<Dates>,
    /// Whether the title above its times says UTC.
    pub(super) utc: bool,
}

impl Timing {
    /// The timing of the rows from the first one with values on.
    pub(super) fn of(sample: &Sample, heads: usize, time: (usize, Option<usize>), known: Known) -> Self {
        let rows = sample.rows.iter().skip(heads);
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let cells: Vec<(String, Option<String>)> = rows
            .map(|row| (cell(row, time.0), time.1.map(|clock| cell(row, clock))))
            .filter(|(day, clock)| {
                Written::is_in(day) && clock.as_ref().is_none_or(|clock| !clock.is_empty())
            })
            .collect();
        let parts = parts(&cells);
        let times = Times { dates: None, parts, utc: known.utc };
        let walls = |dates| walls(&cells, Times { dates, ..times });
        let dates = dates(&cells, known, |dates| walls(Some(dates)));
        // Even if the user has to say what dates begin with, the rows have a direction, which is found with the day
        // first.
        let walls = walls(dates.or(Some(Dates::DayFirst)));
        let (step, until) = match parts {
            Some(minutes) => (Some(Step::Minutes(minutes)), Some(!has_zero(&cells))),
            None => {
                let step = Step::between(&walls);
                (step, step.and_then(|step| until(&walls, &cells, step)))
            }
        };
        let is_forward = walls.iter().zip(walls.iter().skip(1)).all(|(one, other)| one <= other);
        let sorted = !is_forward && Way::of(&walls) != Way::Forward;
        let is_short = walls.iter().collect::<std::collections::BTreeSet<_>>().len() <= 2;
        Self { times: Times { dates, ..times }, step, sorted, anew: begins_anew(&walls), until, is_short }
    }
}

impl Timing {
    /// The timing of a table whose titles are times, or times of day: the titles show how far apart values are.
    pub(super) fn across(self, across: &[(usize, String)]) -> Self {
        let Some((_, first)) = across.first() else { return self };
        let numbers: Option<Vec<u16>> = across.iter().map(|(_, begin)| begin.parse().ok()).collect();
        if let Some(most) = numbers.and_then(|numbers| numbers.into_iter().max()) {
            let minutes = minutes_of(most);
            let times = Times { parts: Some(minutes), ..self.times };
            let until = Some(!first.trim_start_matches('0').is_empty());
            return Self { times, step: Some(Step::Minutes(minutes)), until, is_short: false, ..self };
        }
        let times = Times { parts: None, ..self.times };
        let wall = |(_, begin): &(usize, String)| {
            let of_day = || Written::read("2026-01-01", Some(begin), times);
            Written::read(begin, None, times).or_else(of_day)?.wall()
        };
        let walls: Vec<DateTime> = across.iter().filter_map(wall).collect();
        let is_whole = across.iter().all(|(_, begin)| Written::is_in(begin));
        let at_midnight = walls.first().is_some_and(|wall| wall.time() == Time::MIDNIGHT);
        Self {
            times,
            step: Step::between(&walls),
            // If each register has a row, each row has the same times.
            sorted: self.sorted || is_whole,
            until: Some(!is_whole && !at_midnight),
            is_short: false,
            ..self
        }
    }

    /// Returns the step. If there are only two times, a step in minutes is a guess: it is returned only if a power
    /// needs it to become energy.
    pub(super) fn step_of(&self, planned: &[Planned]) -> Option<Step> {
        let needs = planned.iter().any(|planned| planned.power);
        self.step.filter(|step| needs || !self.is_short || !matches!(step, Step::Minutes(_)))
    }
}

fn walls(cells: &[(String, Option<String>)], times: Times) -> Vec<DateTime> {
    cells.iter().filter_map(|(day, clock)| Written::read(day, clock.as_deref(), times)?.wall()).collect()
}

/// Whether a time in the first half of the table's period follows one in the second half.
fn begins_anew(walls: &[DateTime]) -> bool {
    let (Some(first), Some(last)) = (walls.iter().min(), walls.iter().max()) else { return false };
    let after_first = |wall: &DateTime| wall.seconds() - first.seconds();
    let half = after_first(last) / 2;
    let mut pairs = walls.iter().zip(walls.iter().skip(1));
    pairs.any(|(one, other)| {
        let is_back = other < one && !is_autumn(one, other);
        is_back && after_first(other) <= half && after_first(one) > half
    })
}

/// The length in minutes of a day's parts, if times of day are part numbers: plain numbers, or full hours that include
/// the 24th or the 25th, or the 1st and the 23rd but not 0.
fn parts(cells: &[(String, Option<String>)]) -> Option<u16> {
    let clock = |(day, clock): &(String, Option<String>)| {
        clock.clone().or_else(|| Some(day.split_once(['T', ' '])?.1.to_owned()))
    };
    let clocks: Option<Vec<String>> = cells.iter().map(clock).collect();
    let clocks = clocks.filter(|clocks| !clocks.is_empty())?;
    let plain: Option<Vec<u16>> = clocks.iter().map(|clock| clock.trim().parse().ok()).collect();
    if let Some(most) = plain.and_then(|plain| plain.into_iter().max()) {
        return Some(minutes_of(most));
    }
    let hour = |clock: &String| {
        let (hour, rest) = clock.trim().split_once(':')?;
        let is_full = rest.chars().all(|letter| letter == '0' || letter == ':');
        hour.parse::<u16>().ok().filter(|_| is_full)
    };
    let hours: Option<Vec<u16>> = clocks.iter().map(hour).collect();
    let hours = hours?;
    // The day on which summer time begins has 23 parts. If all times are 24:00, they are not part numbers.
    let has = |wanted: u16| hours.contains(&wanted);
    let is_short_day = !has(0) && has(1) && has(23);
    let is_numbered =
        hours.iter().any(|hour| *hour >= 24) && hours.iter().any(|hour| (1..=23).contains(hour));
    (is_numbered || is_short_day).then_some(60)
}

/// The length in minutes of the parts of a day whose last part has this number.
fn minutes_of(most: u16) -> u16 {
    match most {
        0..=25 => 60,
        26..=50 => 30,
        _ => 15,
    }
}

fn has_zero(cells: &[(String, Option<String>)]) -> bool {
    cells.iter().any(|(_, clock)| clock.as_ref().is_some_and(|clock| clock.trim().parse() == Ok(0)))
}

/// What dates begin with: the order in which the most dates can be read. Of several such orders, it is the one with the
/// most even steps. `None` if several are equally good: then the user is asked.
fn dates(
    cells: &[(String, Option<String>)],
    known: Known,
    walls: impl Fn(Dates) -> Vec<DateTime>,
) -> Option<Dates> {
    let day = |(day, _): &(String, Option<String>)| {
        day.split(['T', ' ', ',']).next().unwrap_or_default().to_owned()
    };
    let days: Vec<String> = cells.iter().map(day).collect();
    let is_open = |day: &&String| {
        let mut parts = day.split(['-', '.', '/']);
        let first = parts.next().unwrap_or_default();
        parts.next().is_some() && first.len() < 3
    };
    let Some(open) = days.iter().find(is_open) else { return Some(Dates::DayFirst) };
    if known.dates.is_some() {
        return known.dates;
    }
    let is_short = open.split(['-', '.', '/']).next_back().is_some_and(|year| year.len() == 2);
    let orders = [Dates::DayFirst, Dates::MonthFirst, Dates::YearFirst];
    let readable = |dates: &Dates| (*dates != Dates::YearFirst || is_short).then(|| walls(*dates).len());
    let most = orders.iter().filter_map(readable).max()?;
    let fit = |dates: &&Dates| readable(dates).is_some_and(|read| read == most);
    let fitting: Vec<Dates> = orders.iter().filter(fit).copied().collect();
    // Countries that write dates with points begin with the day.
    let has_points = days.iter().any(|day| day.contains('.'));
    if fitting.contains(&Dates::DayFirst) && has_points {
        return Some(Dates::DayFirst);
    }
    let evenness: Vec<(usize, Dates)> =
        fitting.iter().map(|dates| (unevenness(&walls(*dates)), *dates)).collect();
    let least = evenness.iter().map(|(uneven, _)| *uneven).min()?;
    let even: Vec<Dates> =
        evenness.iter().filter(|(uneven, _)| *uneven == least).map(|(_, dates)| *dates).collect();
    match even.as_slice() {
        [dates] => Some(*dates),
        _ => None,
    }
}

/// How many rows are not at the most common distance from the previous one. Months are at the same distance if all of
/// them begin on their first day.
fn unevenness(walls: &[DateTime]) -> usize {
    let mut walls = walls.to_vec();
    walls.sort_unstable();
    walls.dedup();
    let step = Step::between(&walls);
    let minutes = match step {
        Some(Step::Minutes(minutes)) => i64::from(minutes),
        Some(Step::Days(days)) => i64::from(days) * 1440,
        Some(Step::Months(months)) => {
            let is_first = walls.iter().all(|wall| wall.date().day() == 1);
            let month = |wall: &DateTime| {
                let (year, month, _) = wall.date().parts();
                i64::from(year) * 12 + i64::from(month)
            };
            let pairs = walls.iter().zip(walls.iter().skip(1));
            let even = pairs
                .filter(|(one, other)| is_first && month(other) - month(one) == i64::from(months))
                .count();
            return walls.len().saturating_sub(1) - even;
        }
        None => return 0,
    };
    let pairs = walls.iter().zip(walls.iter().skip(1));
    pairs.filter(|(one, other)| (other.seconds() - one.seconds()) / 60 != minutes).count()
}

/// Whether times are the ends of spans; `None` if they do not show it. A day's first span begins at midnight, and its
/// last one ends at midnight.
fn until(walls: &[DateTime], cells: &[(String, Option<String>)], step: Step) -> Option<bool> {
    let Step::Minutes(minutes) = step else { return None };
    let clock = |(day, clock): &(String, Option<String>)| match clock {
        Some(clock) => clock.starts_with("24:"),
        None => day.split_once(['T', ' ']).is_some_and(|(_, clock)| clock.starts_with("24:")),
    };
    if cells.iter().any(clock) {
        return Some(true);
    }
    let (first, last) = (walls.iter().min()?, walls.iter().max()?);
    let minute = |wall: &DateTime| i64::from(wall.time().minutes());
    match (minute(first), minute(last)) {
        (0, last) if last + i64::from(minutes) == 1440 => Some(false),
        (0, 0) if walls.len() > 1 => None,
        (0, _) => Some(false),
        (first, _) if first == i64::from(minutes) => Some(true),
        _ => None,
    }
}
