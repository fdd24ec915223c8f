//! What a French meter sends about its contract, its breaker and tomorrow, in sentences; and its true power, computed
//! from its counters.
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

/// A sentence, with a stable word for its subject.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sentence {
    /// The subject.
    pub about: &'static str,
    /// The sentence.
    pub text: String,
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

/// The relevant values of the newest reading.
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

/// All sentences, the most important first. `highest` is the highest apparent power received this year, in whole VA.
#[must_use]
pub fn sentences(newest: &Newest, decimal_mark: char, highest: Option<i64>) -> Vec<Sentence> {
    let told = Told { newest, decimal_mark };
    let status = told.text("STGE").and_then(Status::read);
    let mut all = Vec::new();
    let mut say = |about, text: Option<String>| all.extend(text.map(|text| Sentence { about, text }));
    say("breaker", status.and_then(|status| breaker(status.breaker())).map(str::to_owned));
    let is_over = status.is_some_and(Status::is_over_limit) || told.number("ADPS").is_some();
    say(
        "over-limit",
        is_over.then(|| "More is taken now than you pay for: the breaker may open.".to_owned()),
    );
    let has_overvoltage = status.is_some_and(Status::has_overvoltage);
    say("overvoltage", has_overvoltage.then(|| "The voltage of the grid is too high now.".to_owned()));
    say("limit", told.limit(highest));
    say("days", told.days(status));
    say("peak", told.peak(status));
    say("tomorrow", told.text("PJOURF+1").and_then(profile).and_then(|switches| tomorrow(&switches)));
    say("phases", told.phases(status));
    say("one-counter", told.one_counter());
    let has_lost_clock = status.is_some_and(Status::clock_is_degraded);
    say("clock", has_lost_clock.then(|| "The meter's clock has run out and was not set since.".to_owned()));
    all
}

/// The newest values, as the sentences need them.
struct Told<'n> {
    newest: &'n Newest,
    decimal_mark: char,
}

impl<'n> Told<'n> {
    /// A label of the newest frames. A label that is sent only while it holds, such as a warning, ends with the next
    /// frame.
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

    /// The subscribed power, beside the highest power of today, yesterday and this year.
    fn limit(&self, year: Option<i64>) -> Option<String> {
        let paid = match (self.number("PREF"), self.number("ISOUSC")) {
            (Some(power), _) => format!("{} kVA", self.kilo(power)?),
            // The subscribed current is at 200 V a phase.
            (None, Some(current)) => {
                let phases = if self.number("IINST2").is_some() { 3 } else { 1 };
                let power = Number::whole(current.mantissa_at(0)?.checked_mul(200 * phases)?);
                format!("{} A, which is {} kVA", current, self.kilo(power)?)
            }
            (None, None) => return None,
        };
        let highest = |label: &str, day: &str| {
            let known = self.known(label)?;
            let power = self.kilo(self.number(label)?)?;
            let clock = known.measurement.time.map(|time| time.to_string());
            let clock =
                clock.as_deref().and_then(|time| time.get(11..16)).map(|clock| format!(" at {clock}"));
            Some(format!("the highest {day} was {power}{}", clock.unwrap_or_default()))
        };
        let days = [highest("SMAXSN", "today"), highest("SMAXSN-1", "yesterday")];
        let year = year.and_then(|power| self.kilo(Number::whole(power.into())));
        let year = year.map(|power| format!("the highest heard this year was {power}"));
        let all: Vec<String> = days.into_iter().flatten().chain(year).collect();
        Some(if all.is_empty() {
            format!("You pay {paid}.")
        } else {
            format!("You pay {paid}; {}.", all.join(", "))
        })
    }

    /// The colours of today and tomorrow under Tempo.
    fn days(&self, status: Option<Status>) -> Option<String> {
        let of_period = || self.text("PTEC").and_then(Colour::of_period);
        let today = status.and_then(Status::today).or_else(of_period)?;
        let of_tomorrow = || self.text("DEMAIN").and_then(Colour::of_tomorrow);
        let tomorrow = status.and_then(Status::tomorrow).or_else(of_tomorrow);
        Some(match tomorrow {
            Some(tomorrow) => format!("Today is a {} day, tomorrow a {} one.", named(today), named(tomorrow)),
            None => format!("Today is a {} day. Tomorrow's colour is not told yet.", named(today)),
        })
    }

    /// The peaks of EJP, and mobile peaks.
    fn peak(&self, status: Option<Status>) -> Option<String> {
        if let Some(number) = status.and_then(Status::peak_running) {
            let end = self.clock(&format!("FPM{number}")).map(|end| format!(" It ends at {end}."));
            return Some(format!("A mobile peak runs now.{}", end.unwrap_or_default()));
        }
        if let Some(number) = status.and_then(Status::peak_announced) {
            let begin = self.clock(&format!("DPM{number}")).map(|begin| format!(", from {begin}"));
            return Some(format!("A mobile peak is announced{}.", begin.unwrap_or_default()));
        }
        if self.text("PTEC").is_some_and(|period| period.starts_with("PM")) {
            return Some("A mobile peak runs now.".to_owned());
        }
        let minutes = self.number("PEJP")?;
        Some(format!("A mobile peak begins in {minutes} minutes."))
    }

    /// The phases of a house that feeds in.
    fn phases(&self, status: Option<Status>) -> Option<String> {
        let feeds_in = status.is_some_and(|status| status.is_producer() && status.energy_is_negative());
        let has_phases = self.number("SINSTS2").is_some();
        (feeds_in && has_phases).then(|| {
            "While you feed in, the phases do not add up to the total: a phase that feeds in says 0."
                .to_owned()
        })
    }

    /// Historic mode has one counter for all tariffs of newer contracts.
    fn one_counter(&self) -> Option<String> {
        (self.text("OPTARIF")? == "BASE").then(|| {
            "In historic mode the meter sends one counter, whatever tariffs you have. Standard mode sends each: ask your \
             supplier for it (service F185 of Enedis, free)."
                .to_owned()
        })
    }

    /// The time of day in a label.
    fn clock(&self, label: &str) -> Option<String> {
        let time = self.known(label)?.measurement.time?.to_string();
        time.get(11..16).map(str::to_owned)
    }

    /// A value in thousands, as it is written: 9 kVA, 6.1 kVA.
    fn kilo(&self, number: Number) -> Option<String> {
        let thousands = number.shifted(-3)?.to_string();
        let plain = match thousands.contains('.') {
            true => thousands.trim_end_matches('0').trim_end_matches('.'),
            false => &thousands,
        };
        Some(grouped(plain, self.decimal_mark))
    }
}

/// Why the breaker is open.
const fn breaker(breaker: Breaker) -> Option<&'static str> {
    Some(match breaker {
        Breaker::Closed => return None,
        Breaker::OpenOnOverload => "The breaker in the meter is open: more was taken than you pay for.",
        Breaker::OpenOnOvervoltage => {
            "The breaker in the meter is open: the voltage of the grid was too high."
        }
        Breaker::OpenOnShedding => "The breaker in the meter is open: the grid operator sheds loads.",
        Breaker::OpenByOrder => "The breaker in the meter is open: the grid operator has opened it.",
        Breaker::OpenOnHeatAboveSwitchingCurrent | Breaker::OpenOnHeatBelowSwitchingCurrent => {
            "The breaker in the meter is open: it became too hot."
        }
        Breaker::Unknown => "The breaker in the meter is open, for a reason that nobody knows.",
    })
}

const fn named(colour: Colour) -> &'static str {
    match colour {
        Colour::Blue => "blue",
        Colour::White => "white",
        Colour::Red => "red",
    }
}

/// Tomorrow's tariffs of the supplier, each with the time at which it begins.
fn tomorrow(switches: &[Switch]) -> Option<String> {
    let period = |switch: &Switch| {
        let index = switch.index?;
        Some(format!("tariff {index} from {:02}:{:02}", switch.hour, switch.minute))
    };
    let periods: Vec<String> = switches.iter().filter_map(period).collect();
    (!periods.is_empty()).then(|| format!("Tomorrow: {}.", periods.join(", ")))
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

    fn said(newest: &Newest) -> Vec<String> {
        sentences(newest, ',', None).into_iter().map(|sentence| sentence.text).collect()
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
        assert_eq!(
            said(&newest),
            ["You pay 9 kVA; the highest today was 3,21 at 08:12, the highest yesterday was 6,1."]
        );
        let historic = heard("tic-historic", &[("ISOUSC", "\"45\"", ",\"unit\":\"A\"")]);
        assert_eq!(said(&historic), ["You pay 45 A, which is 9 kVA."]);
        let with_year = sentences(&historic, '.', Some(6_100)).remove(0).text;
        assert_eq!(with_year, "You pay 45 A, which is 9 kVA; the highest heard this year was 6.1.");
    }

    /// Enedis-NOI-CPT_54E, 6.2.3.14; the example of a linkytic pull request: peak 2 is in progress, peak 1 is
    /// announced, tomorrow is white, today is red.
    #[test]
    fn the_status_becomes_words() {
        let newest = heard("tic-standard", &[("STGE", "\"9B3A9000\"", "")]);
        assert_eq!(said(&newest), ["Today is a red day, tomorrow a white one.", "A mobile peak runs now."]);
        let open = heard("tic-standard", &[("STGE", "\"003A0083\"", "")]);
        assert_eq!(
            said(&open),
            [
                "The breaker in the meter is open: more was taken than you pay for.",
                "More is taken now than you pay for: the breaker may open."
            ]
        );
    }

    #[test]
    fn tempo_and_ejp_in_historic_mode_become_words() {
        let tempo = heard("tic-historic", &[("PTEC", "\"HPJB\"", ""), ("DEMAIN", "\"----\"", "")]);
        assert_eq!(said(&tempo), ["Today is a blue day. Tomorrow's colour is not told yet."]);
        let tempo = heard("tic-historic", &[("PTEC", "\"HPJB\"", ""), ("DEMAIN", "\"ROUG\"", "")]);
        assert_eq!(said(&tempo), ["Today is a blue day, tomorrow a red one."]);
        let ejp = heard("tic-historic", &[("PEJP", "\"30\"", ",\"unit\":\"min\"")]);
        assert_eq!(said(&ejp), ["A mobile peak begins in 30 minutes."]);
    }

    #[test]
    fn tomorrows_tariffs_are_shown() {
        let unused = " NONUTILE".repeat(8);
        let text = format!("\"00004001 06004002 22004001{unused}\"");
        let newest = heard("tic-standard", &[("PJOURF+1", &text, "")]);
        assert_eq!(
            said(&newest),
            ["Tomorrow: tariff 1 from 00:00, tariff 2 from 06:00, tariff 1 from 22:00."]
        );
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
