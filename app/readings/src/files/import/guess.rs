//! Guesses the meaning of columns in an unknown table from their titles and the texts beside them.

use metertap_decoder::number::Number;
use metertap_decoder::reading::Unit;
use serde::{Deserialize, Serialize};

use super::format::{REGISTERS, Register};
use super::number::measured;
use super::plan::{Only, Planned};
use super::sample::Sample;
use super::unit::{Dimension, Measured};
use super::word::{Meaning, Said};

/// What is known of a column apart from its meaning.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct ColumnFacts {
    /// The unit in its title, beside it in every row, or above it.
    pub(super) unit: Option<Measured>,
    /// Whether at least half of its cells are numbers, and neither times nor a contract number.
    pub(super) has_numbers: bool,
    /// Whether all its numbers are zero or negative, and some are negative.
    pub(super) is_negative: bool,
    /// Whether its numbers look like a counter's positions.
    pub(super) is_position: bool,
}

/// A table's titles, and the other texts around its values.
pub(super) struct Surroundings<'a> {
    pub(super) sample: &'a Sample,
    pub(super) titles: &'a [String],
    pub(super) heads: usize,
    pub(super) decimal_comma: bool,
    /// The column with the time, and the one with the time of day.
    pub(super) time: (usize, Option<usize>),
    /// The first column whose title is a time: all such columns are alike.
    pub(super) across: Option<usize>,
    pub(super) unit: Option<usize>,
    /// How many hours a row stands for.
    pub(super) hours: Option<u32>,
}

impl Surroundings<'_> {
    pub(super) fn columns(&self) -> Vec<ColumnFacts> {
        (0..self.sample.columns()).map(|column| self.column(column)).collect()
    }

    fn column(&self, column: usize) -> ColumnFacts {
        let title = self.titles.get(column).map(String::as_str).unwrap_or_default();
        let numbers: Vec<Number> = self
            .sample
            .cells(column, self.heads)
            .filter_map(|cell| measured(cell, self.decimal_comma))
            .map(|(number, _)| number)
            .collect();
        let is_below = numbers.iter().any(|number| number.mantissa < 0);
        let unit = Measured::of_title(title).or_else(|| self.unit_beside());
        let power = unit.filter(|unit| unit.dimension != Dimension::Power).map_or(0, |unit| unit.power);
        let scaled: Vec<Number> = numbers.iter().filter_map(|number| number.shifted(power)).collect();
        ColumnFacts {
            unit,
            has_numbers: self.values().any(|value| value == column),
            is_negative: is_below && numbers.iter().all(|number| number.mantissa <= 0),
            is_position: self.is_position(&scaled),
        }
    }

    /// The unit in a cell that is the same in every row, or in the head.
    fn unit_beside(&self) -> Option<Measured> {
        self.texts_beside().iter().find_map(|(title, text)| {
            // A single letter is a unit only under a title that says so: `W` may be a state.
            let exactly =
                Measured::exactly(text).filter(|_| text.chars().count() > 1 || is_unit_title(title));
            exactly.or_else(|| in_brackets(text))
        })
    }

    /// Texts that are the same in all rows, and those in the head above the titles, each with the text above it.
    fn texts_beside(&self) -> Vec<(String, String)> {
        let of_rows = self.sample.texts(self.heads).into_iter().filter(|(_, texts)| texts.len() == 1);
        let title = |column: usize| self.titles.get(column).cloned().unwrap_or_default();
        let of_rows = of_rows.flat_map(|(column, texts)| texts.into_iter().map(move |text| (column, text)));
        let of_rows = of_rows.map(|(column, text)| (title(column), text));
        let heads = self.sample.rows.get(..self.heads.saturating_sub(1)).unwrap_or_default();
        let above = heads.iter().enumerate().flat_map(|(place, row)| {
            let over = place.checked_sub(1).and_then(|place| heads.get(place));
            row.iter().enumerate().map(move |(column, text)| {
                let over = over.and_then(|row| row.get(column)).cloned().unwrap_or_default();
                (over, text.clone())
            })
        });
        of_rows.chain(above).collect()
    }

    /// Whether the numbers are a counter's positions, from old to new or from new to old. Numbers that both rise and
    /// fall are not positions. Other numbers are positions if they exceed what a home can use in a span, or if they
    /// change little over many rows.
    fn is_position(&self, numbers: &[Number]) -> bool {
        let mut ordered = numbers.to_vec();
        let compare = |one: &Number, other: &Number| one.compare(*other);
        let up = ordered
            .iter()
            .zip(ordered.iter().skip(1))
            .filter(|(one, other)| compare(one, other).is_lt())
            .count();
        let down = ordered
            .iter()
            .zip(ordered.iter().skip(1))
            .filter(|(one, other)| compare(one, other).is_gt())
            .count();
        if up > 0 && down > 0 || ordered.len() < 2 {
            return false;
        }
        ordered.sort_by(compare);
        let (Some(first), Some(last)) = (ordered.first(), ordered.last()) else { return false };
        let plain = |number: &Number| number.mantissa_at(-6).unwrap_or(i128::MAX);
        // Compared with its position, a counter counts little in the rows of a sample.
        let grown = plain(last).saturating_sub(plain(first));
        let is_little =
            grown.saturating_mul(LITTLE) <= plain(first) && up + down > 0 && ordered.len() >= MANY;
        let hours = i128::from(self.hours.unwrap_or(1).max(1));
        let is_too_much = plain(first) / 1_000_000 > hours.saturating_mul(MOST_AN_HOUR);
        is_too_much || is_little
    }

    /// Returns the columns that stand for a register, in all rows or in those with a certain text.
    pub(super) fn planned(&self) -> Vec<Planned> {
        let by_code = self.by_code();
        if !by_code.is_empty() {
            return by_code;
        }
        let by_rows = self.by_rows();
        if !by_rows.is_empty() {
            return by_rows;
        }
        self.by_title()
    }

    fn values(&self) -> impl Iterator<Item = usize> {
        let columns = match self.across {
            Some(across) => across..across + 1,
            None => 0..self.sample.columns(),
        };
        columns.filter(|column| {
            *column != self.time.0 && Some(*column) != self.time.1 && self.has_numbers(*column)
        })
    }

    /// Whether at least half of the cells of a column are numbers, and not a contract's or meter's number that is the
    /// same in every row.
    fn has_numbers(&self, column: usize) -> bool {
        let cells: Vec<&str> = self.sample.cells(column, self.heads).collect();
        let numbers = cells.iter().filter(|cell| measured(cell, self.decimal_comma).is_some()).count();
        let is_name =
            |cell: &&str| cell.len() >= SHORTEST_NAME && cell.bytes().all(|octet| octet.is_ascii_digit());
        let is_one_name =
            cells.len() > 1 && cells.iter().all(|cell| Some(cell) == cells.first() && is_name(cell));
        numbers > 0 && numbers * 2 >= cells.len() && !is_one_name
    }

    /// Columns whose titles contain an OBIS code: they hold the register's own numbers, such as a counter's positions.
    fn by_code(&self) -> Vec<Planned> {
        let planned = self.titles.iter().enumerate().filter_map(|(column, title)| {
            let register = REGISTERS.iter().find(|register| {
                let code = register.obis.split(':').next_back().unwrap_or_default();
                says(title, register.obis) || register.obis.starts_with('1') && says(title, code)
            })?;
            let unit = Measured::of_title(title);
            let scale = unit.and_then(|unit| unit.power_for(register, false)).unwrap_or_default();
            Some(Planned { column, register: register.name.to_owned(), scale, ..Planned::default() })
        });
        planned.collect()
    }

    /// The only column of values, if another column says which register each row belongs to.
    fn by_rows(&self) -> Vec<Planned> {
        let mut values = self.values();
        let (Some(value), None) = (values.next(), values.next()) else { return Vec::new() };
        let texts = self.sample.texts(self.heads).into_iter();
        let texts =
            texts.filter(|(column, texts)| texts.len() > 1 && *column != value && self.tells_apart(*column));
        let all = texts.map(|(column, texts)| {
            let planned = texts.into_iter().filter_map(|text| {
                let said = Said::of(&text);
                let title = self.titles.get(value).map(String::as_str).unwrap_or_default();
                let register = said.register().or_else(|| said.and(&Said::of(title)).register())?;
                let planned = self.means(value, register, Some(&text))?;
                Some(Planned { only: Some(Only { column, cell: text }), ..planned })
            });
            planned.collect::<Vec<_>>()
        });
        all.max_by_key(Vec::len).unwrap_or_default()
    }

    /// Whether some rows with the same time have different texts in this column. Always true if the times are in the
    /// titles.
    fn tells_apart(&self, column: usize) -> bool {
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let rows = self.sample.rows.iter().skip(self.heads);
        let mut times = std::collections::BTreeMap::<_, std::collections::BTreeSet<String>>::new();
        for row in rows {
            let time = (cell(row, self.time.0), self.time.1.map(|clock| cell(row, clock)));
            times.entry(time).or_default().insert(cell(row, column));
        }
        self.across.is_some() || times.values().any(|texts| texts.len() > 1)
    }

    /// Columns by their titles, or the only column of values by the texts beside it.
    fn by_title(&self) -> Vec<Planned> {
        let beside = self.texts_beside();
        let beside = beside.iter().fold(Said::default(), |said, (_, text)| said.and(&Said::of_context(text)));
        let values: Vec<usize> = self.values().collect();
        // If there is a column for the production of solar panels, consumption is not the import from the grid.
        let makes = self.titles.iter().any(|title| Said::of(title).says(Meaning::Other) && is_made(title));
        let mut planned: Vec<Planned> = Vec::new();
        for column in &values {
            let title = self.titles.get(*column).map(String::as_str).unwrap_or_default();
            let said = Said::of(title);
            let alone = values.len() == 1 && !said.says(Meaning::Other);
            let register = said.register().or_else(|| alone.then(|| said.and(&beside).register()).flatten());
            let Some(register) = register else { continue };
            if makes && register.name == "import" && !title.to_lowercase().contains("import") {
                continue;
            }
            planned.extend(self.means(*column, register, None));
        }
        // If two columns claim the same register, the user decides.
        let names: Vec<String> = planned.iter().map(|planned| planned.register.clone()).collect();
        planned.retain(|planned| names.iter().filter(|name| **name == planned.register).count() == 1);
        planned
    }

    /// Plans a column as this register, if its unit allows it. A power is the mean of a span and becomes energy.
    fn means(&self, column: usize, register: &Register, text: Option<&str>) -> Option<Planned> {
        let facts = self.column(column);
        let unit =
            text.and_then(|text| Measured::of_title(text).or_else(|| in_brackets(text))).or(facts.unit);
        if unit.is_none() && self.unit.is_none() && !self.is_in_its_own_unit(column, register, facts) {
            return None;
        }
        planned(column, register, unit, facts.is_negative)
    }

    /// Whether numbers without a unit are in the register's own unit. Water meters show cubic metres. Energy is in kWh
    /// if a home can use that many kWh: ten thousand in an hour may be Wh. Gas may be in m³ or in kWh, so its unit
    /// stays unknown.
    fn is_in_its_own_unit(&self, column: usize, register: &Register, facts: ColumnFacts) -> bool {
        match register.unit() {
            Some(Unit::CubicMetre) => register.name == "water",
            Some(Unit::KilowattHour) if register.name != "heat" => {
                let numbers: Vec<i128> = self
                    .sample
                    .cells(column, self.heads)
                    .filter_map(|cell| measured(cell, self.decimal_comma)?.0.mantissa_at(-6))
                    .collect();
                let rows = i128::try_from(numbers.len().max(1)).unwrap_or(i128::MAX);
                let used = if facts.is_position {
                    let (least, most) = (numbers.iter().min(), numbers.iter().max());
                    most.zip(least).map_or(0, |(most, least)| most.saturating_sub(*least))
                } else {
                    numbers.iter().fold(0_i128, |sum, number| sum.saturating_add(number.saturating_abs()))
                };
                let hours = i128::from(self.hours.unwrap_or(1).max(1));
                used / rows <= hours.saturating_mul(USUAL_AN_HOUR * 1_000_000)
            }
            _ => false,
        }
    }
}

/// Whether a title contains the register's own code.
pub(super) fn has_code(planned: &Planned, title: &str) -> bool {
    let code = Register::named(&planned.register).and_then(|register| register.obis.split(':').next_back());
    code.is_some_and(|code| title.contains(code))
}

/// A column that stands for this register in this unit; `None` if the unit is of another quantity.
pub(super) fn planned(
    column: usize,
    register: &Register,
    unit: Option<Measured>,
    is_negative: bool,
) -> Option<Planned> {
    let is_energy = register.unit() == Some(Unit::KilowattHour);
    let power = is_energy && unit.is_some_and(|unit| unit.dimension == Dimension::Power);
    let scale = match unit {
        Some(unit) => unit.power_for(register, power)?,
        None => 0,
    };
    let negated = is_negative && register.name.starts_with("export");
    Some(Planned { column, register: register.name.to_owned(), scale, only: None, power, negated })
}

/// The unit in brackets after another text: `Active Import Interval (kW)`.
fn in_brackets(text: &str) -> Option<Measured> {
    let (_, rest) = text.split_once(['(', '['])?;
    Measured::exactly(rest.split([')', ']']).next()?)
}

/// Whether a title says that units stand below it.
pub(super) fn is_unit_title(title: &str) -> bool {
    let title = title.to_lowercase();
    UNIT_TITLES.iter().any(|part| title.contains(part))
}

fn is_made(title: &str) -> bool {
    let title = title.to_lowercase();
    ["produc", "generat", "generad", "solar"].iter().any(|word| title.contains(word))
}

/// Whether a title contains this code, and not as a part of a longer code: 1.8.0 is not in 21.8.0, which belongs to a
/// phase.
fn says(title: &str, code: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
    title.match_indices(code).any(|(start, _)| {
        let (before, behind) = (title.get(..start), title.get(start + code.len()..));
        !before.is_some_and(|before| before.ends_with(is_part))
            && !behind.is_some_and(|behind| behind.starts_with(is_part))
    })
}

/// What titles for units contain, in the languages of the portals.
const UNIT_TITLES: &[&str] =
    &["unit", "einheit", "eenheid", "enhet", "enhed", "yksikk", "jedn", "unidad", "uom", "misura", "mérték"];
/// The least number of digits in a contract number.
const SHORTEST_NAME: usize = 6;
/// That this many rows all rise or all fall is no coincidence.
const MANY: usize = 8;
/// A counter counts little if it counts at most a twentieth of its position.
const LITTLE: i128 = 20;
/// More than any home uses in an hour: kWh with three phases of 100 A, or cubic metres of a large gas meter.
const MOST_AN_HOUR: i128 = 100;
/// The most kWh that a home uses in an hour, in the mean of several hours.
const USUAL_AN_HOUR: i128 = 25;
