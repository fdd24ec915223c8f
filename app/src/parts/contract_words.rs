//! What a French meter sends about its contract, in sentences.

use metertap_decoder::tic::calendar::Colour;
use metertap_decoder::tic::status::Breaker;
use metertap_readings::view::tic::{Highest, Paid, Statement};

use crate::texts::tic;

/// A statement in sentences.
#[must_use]
pub fn contract_words(statement: &Statement) -> String {
    let plain = match statement {
        Statement::Breaker(reason) => breaker(*reason),
        Statement::OverLimit => tic::over_limit(),
        Statement::Overvoltage => tic::overvoltage(),
        Statement::PeakRunning(None) => tic::peak_now(),
        Statement::PeakAnnounced(None) => tic::peak_announced(),
        Statement::Phases => tic::phases(),
        Statement::OneCounter => tic::one_counter(),
        Statement::Clock => tic::clock(),
        Statement::Days { today, tomorrow } => {
            return format!("{} {}", of_today(*today), of_tomorrow(*tomorrow));
        }
        Statement::PeakRunning(Some(clock)) => return tic::peak_until(clock),
        Statement::PeakAnnounced(Some(clock)) => return tic::peak_from(clock),
        Statement::PeakIn(minutes) => return tic::peak_in(minutes),
        Statement::Limit { paid, highest } => return limit(paid, highest),
        Statement::Tomorrow(periods) => {
            let periods = periods.iter().map(|(index, clock)| tic::tariff_from(index, clock));
            return tic::tomorrow(&periods.collect::<Vec<_>>().join(", "));
        }
    };
    plain.to_owned()
}

fn limit(paid: &Paid, highest: &[Highest]) -> String {
    let paid = match paid {
        Paid::Power(power) => tic::paid_power(power),
        Paid::Current(amperes, power) => tic::paid_current(amperes, power),
    };
    let highest = highest.iter().map(|highest| match highest {
        Highest::Today(power, None) => tic::most_today(power),
        Highest::Today(power, Some(clock)) => tic::most_today_at(power, clock),
        Highest::Yesterday(power, None) => tic::most_yesterday(power),
        Highest::Yesterday(power, Some(clock)) => tic::most_yesterday_at(power, clock),
        Highest::Year(power) => tic::most_year(power),
    });
    std::iter::once(paid).chain(highest).collect::<Vec<_>>().join(" ")
}

fn breaker(reason: Breaker) -> &'static str {
    match reason {
        Breaker::OpenOnOverload => tic::open_overload(),
        Breaker::OpenOnOvervoltage => tic::open_overvoltage(),
        Breaker::OpenOnShedding => tic::open_shedding(),
        Breaker::OpenByOrder => tic::open_order(),
        Breaker::OpenOnHeatAboveSwitchingCurrent | Breaker::OpenOnHeatBelowSwitchingCurrent => {
            tic::open_heat()
        }
        Breaker::Closed | Breaker::Unknown => tic::open_unknown(),
    }
}

fn of_today(colour: Colour) -> &'static str {
    match colour {
        Colour::Blue => tic::today_blue(),
        Colour::White => tic::today_white(),
        Colour::Red => tic::today_red(),
    }
}

fn of_tomorrow(colour: Option<Colour>) -> &'static str {
    match colour {
        Some(Colour::Blue) => tic::tomorrow_blue(),
        Some(Colour::White) => tic::tomorrow_white(),
        Some(Colour::Red) => tic::tomorrow_red(),
        None => tic::tomorrow_open(),
    }
}
