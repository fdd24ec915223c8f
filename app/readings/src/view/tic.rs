//! What a French meter sends about its contract, its breaker and tomorrow, as statements; the page has the words for
//! them. Also its true power, computed from its counters.
//!
//! The port sends only apparent power. Sources of the labels: Enedis-NOI-CPT_54E, 6.1 and 6.2.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Quantity, Reading, TimeSource};
use metertap_decoder::register::Value;
use metertap_decoder::tic::calendar::{Colour, Switch, profile};
use metertap_decoder::tic::status::{Breaker, Status};
use metertap_decoder::tic::steps::Steps;
use metertap_decoder::time::Instant;

use super::figure::grouped;
use super::newest::{Known, Newest};

/// A statement about the contract.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Statement {
    /// The breaker is open, for this reason.
    Breaker(Breaker),
    /// More power is taken than is subscribed.
    OverLimit,
    /// The voltage of the grid is too high.
    Overvoltage,
    /// The subscribed power, and the highest values.
    Limit {
        /// The subscribed power.
        paid: Paid,
        /// The highest values that are known.
        highest: Vec<Highest>,
    },
    /// The colours of Tempo.
    Days {
        /// Today's.
        today: Colour,
        /// Tomorrow's, once it is announced.
        tomorrow: Option<Colour>,
    },
    /// A mobile peak is in progress, until this time of day.
    PeakRunning(Option<String>),
    /// A mobile peak is announced, from this time of day on.
    PeakAnnounced(Option<String>),
    /// A peak begins in this many minutes (EJP).
    PeakIn(Number),
    /// The supplier's tariffs of tomorrow: the index of each, and the time of day from which it holds.
    Tomorrow(Vec<(u8, String)>),
    /// The phases do not add up to the total while the house feeds in.
    Phases,
    /// In historic mode with the option BASE, one counter counts all tariffs.
    OneCounter,
    /// The meter's clock has stopped.
    Clock,
}

/// The subscribed power. Powers are in kVA, as text for display.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Paid {
    /// An apparent power.
    Power(String),
    /// A current in amperes, and the apparent power that it amounts to.
    Current(Number, String),
}

/// A highest apparent power in kVA, as text for display, with its time of day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Highest {
    /// Of today.
    Today(String, Option<String>),
    /// Of yesterday.
    Yesterday(String, Option<String>),
    /// The highest that was received this year.
    Year(String),
}

impl Statement {
    /// A stable word for its subject.
    #[must_use]
    pub const fn about(&self) -> &'static str {
        match self {
            Self::Breaker(_) => "breaker",
            Self::OverLimit => "over-limit",
            Self::Overvoltage => "overvoltage",
            Self::Limit { .. } => "limit",
            Self::Days { .. } => "days",
            Self::PeakRunning(_) | Self::PeakAnnounced(_) | Self::PeakIn(_) => "peak",
            Self::Tomorrow(_) => "tomorrow",
            Self::Phases => "phases",
            Self::OneCounter => "one-counter",
            Self::Clock => "clock",
        }
    }
}

/// The true power, computed from the steps of the counters between readings.
#[derive(Clone, Debug, Default)]
pub struct WorkedOut {
    steps: Steps,
    seq: u64,
}

impl WorkedOut {
    /// Takes the newest reading, unless it was taken before. Returns watts once enough was counted; negative if energy
    /// flows out.
    pub fn take(&mut self, newest: &Newest) -> Option<i64> {
        let received = newest.received?;
        let at = Instant(u64::try_from(received.0).ok()?);
        if newest.seq != self.seq {
            self.seq = newest.seq;
            self.steps.hear(at, &reading(newest));
        }
        self.steps.watts(at)
    }
}

/// The newest reading, with only its own values.
fn reading(newest: &Newest) -> Reading {
    let values = newest.values.iter().filter(|known| known.seq == newest.seq);
    Reading {
        meter: None,
        maker: None,
        model: None,
        protocol: newest.protocol.unwrap_or(Protocol::TicStandard),
        time: None,
        time_source: TimeSource::Meter,
        integrity: Integrity::Checked,
        values: values.map(|known| known.measurement.clone()).collect(),
    }
}

/// The apparent power taken now, if the meter sends it.
#[must_use]
pub fn taken(newest: &Newest) -> Option<&Measurement> {
    newest.values.iter().map(|known| &known.measurement).find(|value| {
        value.quantity == Some(Quantity::ApparentPowerImport)
            && value.phase.is_none()
            && value.storage.is_none()
            && value.error.is_none()
    })
}

/// All statements, the most important first. `highest` is the highest apparent power received this year, in whole VA.
#[must_use]
pub fn statements(newest: &Newest, decimal_mark: char, highest: Option<i64>) -> Vec<Statement> {
    let told = Told { newest, decimal_mark };
    let status = told.text("STGE").and_then(Status::read);
    let breaker = status.map(Status::breaker).filter(|breaker| *breaker != Breaker::Closed);
    let is_over = status.is_some_and(Status::is_over_limit) || told.number("ADPS").is_some();
    let has_overvoltage = status.is_some_and(Status::has_overvoltage);
    let has_lost_clock = status.is_some_and(Status::clock_is_degraded);
    let all = [
        breaker.map(Statement::Breaker),
        is_over.then_some(Statement::OverLimit),
        has_overvoltage.then_some(Statement::Overvoltage),
        told.limit(highest),
        told.days(status),
        told.peak(status),
        told.text("PJOURF+1").and_then(profile).and_then(|switches| tomorrow(&switches)),
        told.phases(status).then_some(Statement::Phases),
        told.has_one_counter().then_some(Statement::OneCounter),
        has_lost_clock.then_some(Statement::Clock),
    ];
    all.into_iter().flatten().collect()
}

struct Told<'n> {
    newest: &'n Newest,
    decimal_mark: char,
}

impl<'n> Told<'n> {
    /// The value of a label in the newest frames. A label that is sent only while it holds, such as a warning, counts
    /// for [`RECENT`] more frames.
    fn known(&self, label: &str) -> Option<&'n Known> {
        let is_it =
            |known: &&Known| known.measurement.register.to_string().strip_prefix("tic:") == Some(label);
        let known = self.newest.values.iter().find(is_it)?;
        (known.seq + RECENT >= self.newest.seq && known.measurement.error.is_none()).then_some(known)
    }

    fn text(&self, label: &str) -> Option<&'n str> {
        match &self.known(label)?.measurement.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self, label: &str) -> Option<Number> {
        match self.known(label)?.measurement.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn limit(&self, year: Option<i64>) -> Option<Statement> {
        let paid = match (self.number("PREF"), self.number("ISOUSC")) {
            (Some(power), _) => Paid::Power(self.kilo(power)?),
            // The subscribed current is at 200 V a phase.
            (None, Some(current)) => {
                let phases = if self.number("IINST2").is_some() { 3 } else { 1 };
                let power = Number::whole(current.mantissa_at(0)?.checked_mul(200 * phases)?);
                Paid::Current(current, self.kilo(power)?)
            }
            (None, None) => return None,
        };
        let highest = |label: &str, of: fn(String, Option<String>) -> Highest| {
            Some(of(self.kilo(self.number(label)?)?, self.clock(label)))
        };
        let days = [highest("SMAXSN", Highest::Today), highest("SMAXSN-1", Highest::Yesterday)];
        let year = year.and_then(|power| self.kilo(Number::whole(power.into()))).map(Highest::Year);
        Some(Statement::Limit { paid, highest: days.into_iter().flatten().chain(year).collect() })
    }

    fn days(&self, status: Option<Status>) -> Option<Statement> {
        let of_period = || self.text("PTEC").and_then(Colour::of_period);
        let today = status.and_then(Status::today).or_else(of_period)?;
        let of_tomorrow = || self.text("DEMAIN").and_then(Colour::of_tomorrow);
        Some(Statement::Days { today, tomorrow: status.and_then(Status::tomorrow).or_else(of_tomorrow) })
    }

    fn peak(&self, status: Option<Status>) -> Option<Statement> {
        if let Some(number) = status.and_then(Status::peak_running) {
            return Some(Statement::PeakRunning(self.clock(&format!("FPM{number}"))));
        }
        if let Some(number) = status.and_then(Status::peak_announced) {
            return Some(Statement::PeakAnnounced(self.clock(&format!("DPM{number}"))));
        }
        if self.text("PTEC").is_some_and(|period| period.starts_with("PM")) {
            return Some(Statement::PeakRunning(None));
        }
        self.number("PEJP").map(Statement::PeakIn)
    }

    /// Whether a house with three phases feeds in: its phases then do not add up to the total.
    fn phases(&self, status: Option<Status>) -> bool {
        let feeds_in = status.is_some_and(|status| status.is_producer() && status.energy_is_negative());
        feeds_in && self.number("SINSTS2").is_some()
    }

    /// Only historic mode has this label. With the option BASE, one counter counts all tariffs of newer contracts.
    fn has_one_counter(&self) -> bool {
        self.text("OPTARIF") == Some("BASE")
    }

    /// The time of day in a label.
    fn clock(&self, label: &str) -> Option<String> {
        let time = self.known(label)?.measurement.time?.to_string();
        time.get(11..16).map(str::to_owned)
    }

    /// A value in thousands, as text for display without a unit: `9` or `6.1`.
    fn kilo(&self, number: Number) -> Option<String> {
        let thousands = number.shifted(-3)?.to_string();
        let plain = match thousands.contains('.') {
            true => thousands.trim_end_matches('0').trim_end_matches('.'),
            false => &thousands,
        };
        Some(grouped(plain, self.decimal_mark))
    }
}

fn tomorrow(switches: &[Switch]) -> Option<Statement> {
    let period = |switch: &Switch| Some((switch.index?, format!("{:02}:{:02}", switch.hour, switch.minute)));
    let periods: Vec<_> = switches.iter().filter_map(period).collect();
    (!periods.is_empty()).then_some(Statement::Tomorrow(periods))
}

/// How many frames old a label may be and still hold: some are sent in every other frame only.
const RECENT: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Entry, Moment};

    /// A TIC reading with these values, as in its JSON.
    fn heard(protocol: &str, values: &[(&str, &str, &str)]) -> Newest {
        let values: Vec<String> = values
            .iter()
            .map(|(label, value, rest)| format!("{{\"register\":\"tic:{label}\",\"value\":{value}{rest}}}"))
            .collect();
        let json = format!(
            "{{\"v\":1,\"meter\":null,\"protocol\":\"{protocol}\",\"time\":null,\"time_source\":\"meter\",\
             \"integrity\":\"checked\",\"values\":[{}]}}",
            values.join(",")
        );
        let reading: Reading = serde_json::from_str(&json).unwrap();
        let mut newest = Newest::default();
        newest.take(&Entry { reading, received: Moment(1000), seq: 1 });
        newest
    }

    fn said(newest: &Newest) -> Vec<Statement> {
        statements(newest, ',', None)
    }

    #[test]
    fn the_subscribed_power_is_shown_beside_the_highest_power() {
        let newest = heard(
            "tic-standard",
            &[
                ("PREF", "\"9000\"", ",\"unit\":\"VA\""),
                ("SMAXSN", "\"3210\"", ",\"unit\":\"VA\",\"time\":\"2026-11-21T08:12:00+01:00\""),
                ("SMAXSN-1", "\"6100\"", ",\"unit\":\"VA\",\"storage\":1"),
            ],
        );
        let paid = |amperes: i128| Paid::Current(Number::whole(amperes), "9".to_owned());
        let highest = vec![
            Highest::Today("3,21".to_owned(), Some("08:12".to_owned())),
            Highest::Yesterday("6,1".to_owned(), None),
        ];
        assert_eq!(said(&newest), [Statement::Limit { paid: Paid::Power("9".to_owned()), highest }]);
        let historic = heard("tic-historic", &[("ISOUSC", "\"45\"", ",\"unit\":\"A\"")]);
        assert_eq!(said(&historic), [Statement::Limit { paid: paid(45), highest: Vec::new() }]);
        let highest = vec![Highest::Year("6.1".to_owned())];
        let with_year = statements(&historic, '.', Some(6_100));
        assert_eq!(with_year, [Statement::Limit { paid: paid(45), highest }]);
    }

    /// Enedis-NOI-CPT_54E, 6.2.3.14; the example of a linkytic pull request: peak 2 is in progress, peak 1 is
    /// announced, tomorrow is white, today is red.
    #[test]
    fn the_status_becomes_statements() {
        let newest = heard("tic-standard", &[("STGE", "\"9B3A9000\"", "")]);
        let days = Statement::Days { today: Colour::Red, tomorrow: Some(Colour::White) };
        assert_eq!(said(&newest), [days, Statement::PeakRunning(None)]);
        let open = heard("tic-standard", &[("STGE", "\"003A0083\"", "")]);
        assert_eq!(said(&open), [Statement::Breaker(Breaker::OpenOnOverload), Statement::OverLimit]);
    }

    #[test]
    fn tempo_and_ejp_of_historic_mode_become_statements() {
        let days = |tomorrow| [Statement::Days { today: Colour::Blue, tomorrow }];
        let tempo = heard("tic-historic", &[("PTEC", "\"HPJB\"", ""), ("DEMAIN", "\"----\"", "")]);
        assert_eq!(said(&tempo), days(None));
        let tempo = heard("tic-historic", &[("PTEC", "\"HPJB\"", ""), ("DEMAIN", "\"ROUG\"", "")]);
        assert_eq!(said(&tempo), days(Some(Colour::Red)));
        let ejp = heard("tic-historic", &[("PEJP", "\"30\"", ",\"unit\":\"min\"")]);
        assert_eq!(said(&ejp), [Statement::PeakIn(Number::whole(30))]);
    }

    #[test]
    fn tomorrows_tariffs_are_shown() {
        let unused = " NONUTILE".repeat(8);
        let text = format!("\"00004001 06004002 22004001{unused}\"");
        let newest = heard("tic-standard", &[("PJOURF+1", &text, "")]);
        let periods = [(1, "00:00"), (2, "06:00"), (1, "22:00")];
        let periods = periods.map(|(index, clock)| (index, clock.to_owned())).to_vec();
        assert_eq!(said(&newest), [Statement::Tomorrow(periods)]);
    }

    /// One watt hour in five seconds is 720 W.
    #[test]
    fn watts_are_derived_from_the_counter() {
        let (mut worked_out, mut newest) = (WorkedOut::default(), Newest::default());
        let mut watts = None;
        for second in 0..60_i64 {
            let counter = format!("\"{}.{:03}\"", 10, second / 5);
            let told = heard(
                "tic-standard",
                &[("EAST", &counter, ",\"quantity\":\"active-energy-import\",\"unit\":\"kWh\"")],
            );
            let values: Vec<Measurement> = told.values.into_iter().map(|known| known.measurement).collect();
            let seq = u64::try_from(second).unwrap() + 1;
            let reading = Reading { values, ..reading(&newest) };
            newest.take(&Entry { reading, received: Moment(second * 1000), seq });
            watts = worked_out.take(&newest);
        }
        assert_eq!(watts, Some(720));
    }
}
