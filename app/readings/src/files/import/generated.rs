//! Generated tables, in all the ways that programs write tables: columns in any order and with meaningless names, any
//! separator, decimal sign and order of dates, across the nights on which clocks are changed.

use metertap_decoder::time::Zone;
use proptest::prelude::*;

use super::files::Read;
use super::*;

#[derive(Clone, Debug)]
struct TableStyle {
    zone: &'static str,
    first: &'static str,
    minutes: i64,
    rows: usize,
    separator: char,
    comma: bool,
    dates: usize,
    /// Whether the time of day has a separate column.
    is_split: bool,
    is_newest_first: bool,
    until: bool,
    /// Whether an end is written as the beginning plus the length. No clock shows some of these times.
    is_added_up: bool,
    heads: usize,
    /// The order of the columns: number, time, time of day, import, export, quality.
    order: Vec<usize>,
    /// Whether import and export have separate rows; `Some(true)` if all rows of import come before those of export.
    kinds: Option<bool>,
}

/// Titles without a meaning: a user's own, or in an unknown language.
const TITLES: [&str; 6] = ["Qwx", "Zrt", "Ghk", "Vbnm", "Plkj", "Fdsa"];
/// ISO 8601, points, dashes, and slashes with the day or the month first.
const DATES: [&str; 5] = ["%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y"];

fn form() -> impl Strategy<Value = TableStyle> {
    let zones = prop::sample::select(vec![
        ("Europe/Oslo", "2026-03-27T23:00:00Z"),
        ("Europe/Oslo", "2026-10-24T22:00:00Z"),
        ("Europe/Lisbon", "2026-03-28T00:00:00Z"),
        ("Europe/Lisbon", "2026-10-24T23:00:00Z"),
        ("America/New_York", "2026-03-07T05:00:00Z"),
        ("America/New_York", "2026-10-31T04:00:00Z"),
        ("Europe/Rome", "2026-05-03T22:00:00Z"),
    ]);
    let writing =
        (prop::sample::select(vec![';', ',', '\t', '|']), any::<bool>(), 0..DATES.len(), any::<bool>());
    let order = Just((0..6).collect::<Vec<usize>>()).prop_shuffle();
    let way = (any::<bool>(), any::<bool>(), any::<bool>(), 0..4_usize, prop::option::of(any::<bool>()));
    (zones, prop::sample::select(vec![15, 30, 60]), 60..200_usize, writing, order, way).prop_map(
        |((zone, first), minutes, rows, (separator, comma, dates, is_split), order, way)| {
            let (is_newest_first, until, is_added_up, heads, kinds) = way;
            let comma = comma && separator != ',';
            TableStyle {
                zone,
                first,
                minutes,
                rows,
                separator,
                comma,
                dates,
                is_split,
                is_newest_first,
                until,
                is_added_up,
                heads,
                order,
                kinds,
            }
        },
    )
}

impl TableStyle {
    fn zone(&self) -> Zone {
        Zone::named(self.zone).unwrap()
    }

    /// The zone's rules according to another implementation.
    fn rules(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZoneDatabase::bundled().get(self.zone).unwrap()
    }

    /// Each span's beginning and end in milliseconds, and its import and export in watt hours.
    fn truth(&self) -> Vec<(i64, i64, i64, i64)> {
        let first = self.first.parse::<Moment>().unwrap().0;
        let span = |row: usize| {
            let (row, length) = (i64::try_from(row).unwrap(), self.minutes * 60_000);
            (first + row * length, first + (row + 1) * length, 37 + row * 7919 % 1201, row * 104_729 % 503)
        };
        (0..self.rows).map(span).collect()
    }

    fn number(&self, watt_hours: i64) -> String {
        let text = format!("{}.{:03}", watt_hours / 1000, watt_hours % 1000);
        if self.comma { text.replace('.', ",") } else { text }
    }

    fn line(&self, cells: [String; 6]) -> String {
        let mut kept: Vec<usize> = self.order.clone();
        kept.retain(|column| (self.is_split || *column != 2) && (self.kinds.is_none() || *column != 4));
        let cells: Vec<&str> = kept.iter().map(|column| cells[*column].as_str()).collect();
        cells.join(&self.separator.to_string()) + "\n"
    }

    fn text(&self) -> String {
        let rules = self.rules();
        let row = |(from, to, import, export): &(i64, i64, i64, i64), kind: Option<usize>| {
            let wall = |moment: i64| rules.to_datetime(jiff::Timestamp::from_millisecond(moment).unwrap());
            let wall = match (self.until, self.is_added_up) {
                (false, _) => wall(*from),
                (true, false) => wall(*to),
                (true, true) => wall(*from) + jiff::SignedDuration::from_mins(self.minutes),
            };
            let (day, clock) =
                (wall.strftime(DATES[self.dates]).to_string(), wall.strftime("%H:%M").to_string());
            let day = if self.is_split { day } else { format!("{day} {clock}") };
            let value = if kind == Some(1) { export } else { import };
            let quality = ["alpha", "beta"][kind.unwrap_or_default()].to_owned();
            let number = "735999100000000000".to_owned();
            self.line([number, day, clock, self.number(*value), self.number(*export), quality])
        };
        let mut truth = self.truth();
        if self.is_newest_first {
            truth.reverse();
        }
        let rows: Vec<String> = match self.kinds {
            None => truth.iter().map(|span| row(span, None)).collect(),
            Some(false) => truth.iter().flat_map(|span| [row(span, Some(0)), row(span, Some(1))]).collect(),
            Some(true) => [0, 1]
                .into_iter()
                .flat_map(|kind| truth.iter().map(move |span| (span, kind)))
                .map(|(span, kind)| row(span, Some(kind)))
                .collect(),
        };
        let head = format!("Mnbv{0}2026-01-01{0}\n", self.separator).repeat(self.heads);
        head + &self.line(TITLES.map(String::from)) + &rows.concat()
    }

    /// The plan of a user who gives the meaning of the columns and of a row's time, and nothing else.
    fn plan(&self, preview: &Preview) -> Plan {
        let column = |title: &str| preview.titles.iter().position(|other| other == title).unwrap();
        let named = |plan: &Plan, column: usize, only: Option<Only>, name: &str| {
            preview.choose(plan, column, only, Register::named(name))
        };
        let plan = match self.kinds {
            None => {
                let plan = named(&preview.plan, column("Vbnm"), None, "import");
                named(&plan, column("Plkj"), None, "export")
            }
            Some(_) => {
                let only = |cell: &str| Some(Only { column: column("Fdsa"), cell: cell.into() });
                let plan = named(&preview.plan, column("Vbnm"), only("alpha"), "import");
                named(&plan, column("Vbnm"), only("beta"), "export")
            }
        };
        Plan { difference: true, until: self.until, ..plan }
    }

    fn expected(&self) -> Vec<String> {
        let truth = self.truth();
        let (mut import, mut export) = (0, 0);
        let told = |end: i64, import: i64, export: i64| {
            let kwh = |watt_hours: i64| format!("{}.{:03}", watt_hours / 1000, watt_hours % 1000);
            format!("{} {} {}", Moment(end - 1), kwh(import), kwh(export))
        };
        let zero = told(truth[0].0, 0, 0);
        let ends = truth.iter().map(|(_, end, more, other)| {
            (import, export) = (import + more, export + other);
            told(*end, import, export)
        });
        std::iter::once(zero).chain(ends).collect()
    }
}

fn read(text: &str, plan: &Plan, zone: Zone) -> Read {
    let mut reader = Reader::new(plan, zone);
    let mut all = Vec::new();
    for piece in text.as_bytes().chunks(1000) {
        reader.push(piece);
        all.extend(std::iter::from_fn(|| reader.next()));
    }
    reader.end();
    all.extend(std::iter::from_fn(|| reader.next()));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// A user gives the meaning of the columns. Everything else is detected, and the result is what was counted. If day
    /// and month cannot be distinguished, the user is asked.
    #[test]
    fn generated_tables_are_read_as_they_were_written(form in form()) {
        let text = form.text();
        let preview = Preview::of(text.as_bytes()).unwrap();
        let mut plan = form.plan(&preview);
        prop_assert_eq!(plan.separator, form.separator);
        prop_assert_eq!(usize::try_from(plan.heads).unwrap(), form.heads + 1);
        prop_assert_eq!(plan.decimal_comma, form.comma);
        let dates = match form.dates { 4 => Dates::MonthFirst, _ => Dates::DayFirst };
        prop_assert!(plan.times.dates.is_none_or(|found| found == dates), "{:?}", plan.times);
        plan.times.dates = Some(dates);
        let told: Vec<String> = read(&text, &plan, form.zone()).iter().map(|read| match read {
            Ok((moment, reading)) => {
                let value = |register: &str| reading.values.iter().find(|value| value.register.to_string() == register);
                let text = |register: &str| value(register).map_or("-".into(), |value| {
                    let metertap_decoder::register::Value::Number(number) = value.value else { return "?".into() };
                    let thousandths = number.mantissa_at(-3).unwrap();
                    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
                });
                format!("{moment} {} {}", text("1-0:1.8.0"), text("1-0:2.8.0"))
            }
            Err(wrong) => format!("{}: {} {}", wrong.line, wrong.problem.code(), wrong.text),
        }).collect();
        prop_assert_eq!(told, form.expected());
    }
}

/// Numbered hours of the two days on which clocks are changed, which have 23 and 25 hours, in two zones.
#[test]
fn numbered_hours_count_from_the_beginning_of_the_day() {
    for (zone, day, hours) in [
        ("Europe/Madrid", "29/03/2026", 23),
        ("Europe/Madrid", "25/10/2026", 25),
        ("Europe/Lisbon", "29/03/2026", 23),
        ("Europe/Lisbon", "25/10/2026", 25),
    ] {
        for clock in [|hour: u32| hour.to_string(), |hour: u32| format!("{hour:02}:00")] {
            let rows = (1..=hours).map(|hour| format!("{day};{};0,5\n", clock(hour)));
            let text = "Dia;Numero;Consumo kWh\n".to_owned() + &rows.collect::<String>();
            let preview = Preview::of(text.as_bytes()).unwrap();
            assert_eq!((preview.plan.times.parts, preview.plan.until), (Some(60), true), "{text}");
            let all = read(&text, &preview.plan, Zone::named(zone).unwrap());
            let moments: Vec<i64> = all.into_iter().map(|read| read.unwrap().0.0).collect();
            let hour = 3_600_000;
            assert_eq!(moments.len(), usize::try_from(hours).unwrap() + 1, "{day}");
            assert!(moments.windows(2).all(|pair| pair[1] - pair[0] == hour), "{day}");
        }
    }
}

/// A row for each day and a column for each hour. The cell of the hour that clocks skip is empty or zero.
#[test]
fn days_with_a_column_for_each_hour_are_read() {
    let hours = (0..24).map(|hour| format!(";{hour:02}:00-{:02}:00", hour + 1));
    let head = "Ghk".to_owned() + &hours.collect::<String>() + "\n";
    for empty in ["", "0", "0,00"] {
        let day = |day: u32| {
            let cell =
                |hour: u32| if (day, hour) == (29, 2) { format!(";{empty}") } else { ";0,25".to_owned() };
            format!("{day}.03.2026") + &(0..24).map(cell).collect::<String>() + "\n"
        };
        let text = head.clone() + &(28..31).map(day).collect::<String>();
        let preview = Preview::of(text.as_bytes()).unwrap();
        let plan = preview.choose(&preview.plan, 1, None, Register::named("import"));
        assert_eq!((plan.difference, plan.until, plan.across.len()), (true, false, 24));
        let all = read(&text, &plan, Zone::default());
        let moments: Vec<i64> = all.into_iter().map(|read| read.unwrap().0.0).collect();
        assert_eq!(moments.len(), 72, "a zero, and 24 hours, 23 and 24");
        assert!(moments.windows(2).all(|pair| pair[1] - pair[0] == 3_600_000));
    }
}
