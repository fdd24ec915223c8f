use super::*;
use crate::entry::Moment;
use crate::history::calendar::Period;

fn rule(name: &str) -> &'static PeakRule {
    PeakRule::named(name).unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn month(at: &str, zone: Zone) -> Span {
    Period::Month.around(at.parse().unwrap(), zone).unwrap()
}

/// All intervals of a month, each with the power that `kilowatts` gives for its local time.
fn intervals(
    rule: &PeakRule,
    month: Span,
    zone: Zone,
    kilowatts: impl Fn(&str) -> Option<&'static str>,
) -> Vec<Interval> {
    let spans = rule.interval.within(month, zone);
    let energy = |span: Span| {
        let local = zone.local(span.from.0 / 1000).unwrap().to_string();
        let power: Number = kilowatts(&local)?.parse().unwrap();
        let quarters = rule.minutes() / 15;
        // The energy of a quarter of an hour in kilowatt hours is exactly a fourth of its power.
        Some(Number::new(power.mantissa * 25 * i128::from(quarters), power.scaler - 2))
    };
    spans.into_iter().map(|span| Interval { span, energy: energy(span) }).collect()
}

fn text(number: Option<Number>) -> String {
    number.map(|number| format!("{number}")).unwrap_or_default()
}

fn highest(peak: &MonthPeak, zone: Zone) -> Vec<(String, String)> {
    let at = |span: Span| zone.local(span.from.0 / 1000).unwrap().to_string();
    peak.highest.iter().map(|highest| (at(highest.span), highest.power.to_string())).collect()
}

fn is_same(number: Option<Number>, expected: &str) -> bool {
    number.is_some_and(|number| number.compare(expected.parse().unwrap()).is_eq())
}

/// nl.wikibooks, "Energietransitie/Capaciteitstarief": twelve month peaks, each raised to at least 2.5; their
/// sum is 53.472, and their mean 4.456.
#[test]
fn flanders_raises_each_month_before_the_mean_of_twelve() {
    let rule = rule("be-flanders");
    let peaks = ["0.632", "4.600", "0", "1.028", "3.444", "4.164", "4.564", "6", "9.2", "5", "4.12", "4.88"];
    let of = |power: &str| {
        let span = Span { from: Moment(0), to: Moment(900_000) };
        MonthPeak {
            month: span,
            highest: vec![Highest { span, power: power.parse().unwrap() }],
            unknown: (0, 0),
            own: false,
        }
    };
    let months: Vec<MonthPeak> = peaks.iter().map(|power| of(power)).collect();
    assert!(is_same(billed(rule, &months), "4.456"), "{}", text(billed(rule, &months)));
    // A thirteenth month before them does not count.
    let longer: Vec<MonthPeak> = [of("90")].into_iter().chain(months).collect();
    assert!(is_same(billed(rule, &longer), "4.456"));
    assert_eq!(billed(rule, &[]), None);
}

/// emhass#540: 1.5 kWh in a quarter of an hour are 6 kW.
#[test]
fn the_energy_of_a_quarter_hour_counts_four_times_as_power() {
    let (rule, zone) = (rule("be-flanders"), zone("Europe/Brussels"));
    let month = month("2026-03-10T12:00:00Z", zone);
    let mut all = intervals(rule, month, zone, |_| Some("1.2"));
    all[700].energy = Some("1.5".parse().unwrap());
    let peak = MonthPeak::of(rule, &rule.peaks[0], month, &all, zone);
    assert!(is_same(peak.mean(), "6") && peak.highest[0].span == all[700].span);
    assert_eq!(peak.unknown, (31 * 96 - 4, 0), "summer time begins");
}

/// amsreader-firmware#1035: 5.1, 5.6 and 3.5 kW have a mean of 4.73 kW.
#[test]
fn norway_takes_the_highest_hour_of_three_days() {
    let (rule, zone) = (rule("no-three-days"), zone("Europe/Oslo"));
    let month = month("2026-02-10T12:00:00Z", zone);
    let all = intervals(rule, month, zone, |at| match at {
        "2026-02-03T17:00:00" => Some("5.1"),
        // Two high hours of one day count as one.
        "2026-02-11T18:00:00" => Some("5.6"),
        "2026-02-11T19:00:00" => Some("5.5"),
        "2026-02-20T07:00:00" => Some("3.5"),
        _ => Some("1"),
    });
    let peak = MonthPeak::of(rule, &rule.peaks[0], month, &all, zone);
    let of = |at: &str, power: &str| (at.to_owned(), power.to_owned());
    assert_eq!(
        highest(&peak, zone),
        [
            of("2026-02-11T18:00:00", "5.600"),
            of("2026-02-03T17:00:00", "5.100"),
            of("2026-02-20T07:00:00", "3.500")
        ]
    );
    assert!(text(peak.mean()).starts_with("4.73333"), "{}", text(peak.mean()));
}

#[test]
fn of_equal_days_the_first_three_count_and_of_equal_hours_the_first() {
    let (rule, zone) = (rule("no-three-days"), zone("Europe/Oslo"));
    let month = month("2026-02-10T12:00:00Z", zone);
    let all = intervals(rule, month, zone, |at| match at {
        "2026-02-04T08:00:00"
        | "2026-02-04T20:00:00"
        | "2026-02-09T20:00:00"
        | "2026-02-15T20:00:00"
        | "2026-02-27T20:00:00" => Some("6"),
        _ => Some("2"),
    });
    let peak = MonthPeak::of(rule, &rule.peaks[0], month, &all, zone);
    let days: Vec<String> = highest(&peak, zone).into_iter().map(|(at, _)| at).collect();
    assert_eq!(days, ["2026-02-04T08:00:00", "2026-02-09T20:00:00", "2026-02-15T20:00:00"]);
    assert!(is_same(peak.mean(), "6"));
}

#[test]
fn a_missing_hour_makes_the_result_a_lower_bound() {
    let (rule, zone) = (rule("no-three-days"), zone("Europe/Oslo"));
    let month = month("2026-02-10T12:00:00Z", zone);
    let all = intervals(rule, month, zone, |at| (at != "2026-02-11T18:00:00").then_some("2"));
    let peak = MonthPeak::of(rule, &rule.peaks[0], month, &all, zone);
    assert_eq!((peak.unknown, is_same(peak.mean(), "2")), ((28 * 24, 1), true));
}

/// Directive 2000/84/EC: 25 October 2026 has 25 hours, and the hour from two to three occurs twice.
#[test]
fn both_repeated_autumn_hours_count_and_belong_to_one_day() {
    let (rule, zone) = (rule("no-three-days"), zone("Europe/Oslo"));
    let month = month("2026-10-10T12:00:00Z", zone);
    let all = intervals(rule, month, zone, |at| match at {
        "2026-10-25T02:00:00" => Some("7"),
        "2026-10-12T09:00:00" => Some("4"),
        _ => Some("1"),
    });
    assert_eq!(all.len(), 31 * 24 + 1);
    let peak = MonthPeak::of(rule, &rule.peaks[0], month, &all, zone);
    let powers: Vec<String> = highest(&peak, zone).into_iter().map(|(_, power)| power).collect();
    assert_eq!(powers, ["7.00", "4.00", "1.00"]);
    // In spring, the hours before and after midnight belong to different days, so both count.
    let spring = self::month("2026-03-10T12:00:00Z", zone);
    let all = intervals(rule, spring, zone, |at| match at {
        "2026-03-28T23:00:00" => Some("8"),
        "2026-03-29T00:00:00" => Some("9"),
        _ => Some("1"),
    });
    let peak = MonthPeak::of(rule, &rule.peaks[0], spring, &all, zone);
    assert_eq!((all.len(), peak.highest.len(), peak.highest[1].power.to_string()), (743, 3, "8.00".into()));
}

/// Two peaks at once: an hour may count for both. In the example of grid-tariffs (Falbygden, January), the peak is 5 kW
/// at high load and 7 kW at other times; here, each peak is the mean of two days.
#[test]
fn sweden_has_two_peaks_at_once() {
    let (rule, zone) = (rule("se-jonkoping"), zone("Europe/Stockholm"));
    let january = month("2026-01-10T12:00:00Z", zone);
    let all = intervals(rule, january, zone, |at| match at {
        // A Sunday; a Tuesday and a Wednesday at high load; and the Wednesday after high load.
        "2026-01-11T15:00:00" => Some("9"),
        "2026-01-13T15:00:00" => Some("5"),
        "2026-01-14T07:00:00" => Some("4"),
        "2026-01-14T20:00:00" => Some("6"),
        _ => Some("1"),
    });
    let peaks: Vec<_> =
        rule.peaks.iter().map(|peak| MonthPeak::of(rule, peak, january, &all, zone)).collect();
    assert!(is_same(peaks[0].mean(), "7.5") && is_same(peaks[1].mean(), "4.5"));
    let june = month("2026-06-10T12:00:00Z", zone);
    let all = intervals(rule, june, zone, |_| Some("1"));
    let high = MonthPeak::of(rule, &rule.peaks[1], june, &all, zone);
    assert_eq!((high.mean(), high.unknown), (None, (0, 0)));
}

/// grid-tariffs, Ellevio: 10 kW between 22 and 6 o'clock count as 5.
#[test]
fn nights_count_half() {
    let (rule, zone) = (rule("se-ellevio"), zone("Europe/Stockholm"));
    let january = month("2026-01-10T12:00:00Z", zone);
    let all = intervals(rule, january, zone, |at| match at {
        "2026-01-08T23:00:00" => Some("10"),
        "2026-01-08T12:00:00" => Some("4.9"),
        "2026-01-09T12:00:00" => Some("4"),
        "2026-01-10T12:00:00" => Some("3"),
        _ => Some("0.1"),
    });
    let peak = MonthPeak::of(rule, &rule.peaks[0], january, &all, zone);
    assert!(is_same(peak.mean(), "4"), "{}", text(peak.mean()));
    assert_eq!(highest(&peak, zone)[0].0, "2026-01-08T23:00:00");
}

#[test]
fn slovenia_has_a_peak_per_block() {
    let (rule, zone) = (rule("si-blocks"), zone("Europe/Ljubljana"));
    let january = month("2025-01-10T12:00:00Z", zone);
    let all = intervals(rule, january, zone, |at| match at {
        // Tuesday at high, middle and low load; Sunday at high load is block 2.
        "2025-01-14T10:15:00" => Some("5"),
        "2025-01-14T14:00:00" => Some("3"),
        "2025-01-14T03:00:00" => Some("8"),
        "2025-01-12T10:15:00" => Some("6"),
        _ => Some("1"),
    });
    let of = |block: usize| MonthPeak::of(rule, &rule.peaks[block - 1], january, &all, zone);
    assert!(is_same(of(1).mean(), "5") && is_same(of(2).mean(), "6") && is_same(of(3).mean(), "8"));
    assert!(is_same(of(4).mean(), "1"), "low load on a free day");
    assert_eq!(of(5).mean(), None, "not in winter");
    let all: u32 = (1..=5).map(|block| of(block).unknown.0).sum();
    assert_eq!(all, 31 * 96, "each quarter of an hour belongs to one block");
}
