//! [`View`]: the meter, the time, the comparison and the curves that History shows; and their address.

use metertap_decoder::civil::DateTime;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::address;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::question::Curve;
use metertap_readings::store::MeterKey;

use crate::model::Screen;

/// The meter, the time, the comparison and the curves that History shows.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The meter.
    pub meter: MeterKey,
    /// The time.
    pub when: When,
    /// What the time is compared with.
    pub compare: Compare,
    /// The curves that were added.
    pub added: Vec<Series>,
    /// The curves that are switched off.
    pub off: Vec<Series>,
}

/// What an address says about a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The meter.
    pub meter: Option<MeterKey>,
    /// The time.
    pub when: Option<When>,
    /// What the time is compared with.
    pub compare: Compare,
    /// The curves that were added.
    pub added: Vec<Series>,
    /// The curves that are switched off.
    pub off: Vec<Series>,
}

/// A curve of a meter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Series {
    /// The meter.
    pub meter: MeterKey,
    /// The curve.
    pub curve: Curve,
}

/// The time in view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// This many milliseconds up to now; follows the clock.
    Following(i64),
    /// A fixed span.
    Fixed(Span),
    /// Everything that the log holds.
    All,
}

/// What the time is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compare {
    /// Nothing.
    Nothing,
    /// The span of the same kind right before the time in view.
    Before,
    /// The same span a year earlier.
    YearBefore,
    /// The period of the same kind that contains a day. For a span that is not a period, the span of the same length
    /// that begins with the day.
    Day(Moment),
}

impl View {
    /// Reads the parts of a view that an address contains: a meter, a time, a comparison, curves. Parts that this
    /// version does not understand are left out.
    pub fn read(address: &str, zone: Zone) -> Asked {
        let mut parts = address.split('/');
        let meter = parts.next().filter(|key| !key.is_empty()).map(|key| MeterKey(key.to_owned()));
        let when = parts.next().and_then(|text| When::read(text, zone));
        let (mut compare, mut added, mut off) = (Compare::Nothing, Vec::new(), Vec::new());
        for part in parts {
            match part.split_at_checked(1) {
                Some(("+", series)) => added.extend(Series::read(series)),
                Some(("-", series)) => off.extend(Series::read(series)),
                _ => compare = Compare::read(part, zone),
            }
        }
        for all in [&mut added, &mut off] {
            all.truncate(MOST_CURVES);
        }
        Asked { meter, when, compare, added, off }
    }

    /// The screen with this view, whose hash is the view's address.
    pub fn screen(&self, zone: Zone) -> Screen {
        let mut address = format!("{}/{}", self.meter.0, self.when.written(zone));
        match self.compare {
            Compare::Nothing => {}
            Compare::Before => address.push_str("/before"),
            Compare::YearBefore => address.push_str("/year-before"),
            Compare::Day(day) => {
                address.push('/');
                address.push_str(&date(day, zone));
            }
        }
        for (sign, all) in [('+', &self.added), ('-', &self.off)] {
            for series in all {
                address.extend(['/', sign]);
                address.push_str(&series.written());
            }
        }
        Screen::History(address)
    }
}

impl Series {
    fn read(text: &str) -> Option<Self> {
        let (meter, curve) = text.split_once(',')?;
        Some(Self { meter: MeterKey(meter.to_owned()), curve: address::read(curve)? })
    }

    fn written(&self) -> String {
        format!("{},{}", self.meter.0, address::written(self.curve))
    }
}

impl When {
    fn read(text: &str, zone: Zone) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        if let Some(seconds) = text.strip_prefix("last-") {
            let seconds: i64 = seconds.parse().ok().filter(|seconds| (1..=A_CENTURY).contains(seconds))?;
            return Some(Self::Following(seconds * 1000));
        }
        let period = |name: &str| {
            let period = match name {
                "day" => Period::Day,
                "week" => Period::Week,
                "month" => Period::Month,
                "year" => Period::Year,
                _ => return None,
            };
            Some(period)
        };
        if let Some((name, day)) = text.split_once('-')
            && let Some(period) = period(name)
        {
            return Some(Self::Fixed(period.around(moment(day, zone)?, zone)?));
        }
        let (from, to) = text.split_once('_')?;
        let second = |text: &str| {
            let seconds: i64 = text.parse().ok().filter(|seconds: &i64| seconds.abs() <= A_CENTURY * 10)?;
            Some(Moment(seconds * 1000))
        };
        let span = Span { from: second(from)?, to: second(to)? };
        (span.from < span.to).then_some(Self::Fixed(span))
    }

    fn written(self, zone: Zone) -> String {
        let span = match self {
            Self::All => return "all".to_owned(),
            Self::Following(milliseconds) => return format!("last-{}", milliseconds / 1000),
            Self::Fixed(span) => span,
        };
        let name = match span.period(zone) {
            Some(Period::Day) => "day",
            Some(Period::Week) => "week",
            Some(Period::Month) => "month",
            Some(Period::Year) => "year",
            Some(Period::Quarter | Period::Hour) | None => {
                return format!("{}_{}", span.from.0.div_euclid(1000), span.to.0.div_euclid(1000));
            }
        };
        format!("{name}-{}", date(span.from, zone))
    }
}

impl Compare {
    fn read(text: &str, zone: Zone) -> Self {
        match text {
            "before" => Self::Before,
            "year-before" => Self::YearBefore,
            day => moment(day, zone).map_or(Self::Nothing, Self::Day),
        }
    }

    /// The span that `span` is compared with; `None` without a comparison.
    pub fn span(self, span: Span, zone: Zone) -> Option<Span> {
        match self {
            Self::Nothing => None,
            Self::Before => Some(span.before(zone)),
            Self::YearBefore => Some(span.year_before(zone)),
            Self::Day(day) => {
                let alike = span.period(zone).and_then(|period| period.around(day, zone));
                Some(alike.unwrap_or(Span { from: day, to: Moment(day.0.saturating_add(span.length())) }))
            }
        }
    }
}

/// The first moment of a day such as `2026-11-24`.
pub fn moment(day: &str, zone: Zone) -> Option<Moment> {
    let midnight = DateTime::read(&format!("{day}T00:00:00"))?;
    Some(Moment(zone.unix(midnight).checked_mul(1000)?))
}

/// The day of a moment, such as `2026-11-24`.
pub fn date(moment: Moment, zone: Zone) -> String {
    zone.local(moment.0.div_euclid(1000)).unwrap_or_default().date().to_string()
}

/// The most curves in an address: more than anyone can distinguish in a chart.
const MOST_CURVES: usize = 32;
/// A little more than a century, in seconds.
const A_CENTURY: i64 = 3_200_000_000;
