//! Peaks and predictions, compared with the simulated meter and the simulated households.

use metertap_decoder::time::Zone;
use metertap_native::{Tab, World};
use metertap_protocol::{Command, Event, bytes};
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::outlook::prediction::errors::Errors;
use metertap_readings::outlook::prediction::hours::Days;
use metertap_readings::outlook::question::{Answer, Peaks, Question};
use metertap_readings::store::MeterKey;
use metertap_simulator::{House, Model};

use crate::house::*;
use crate::questions::read_for;

fn ask(world: &World, tab: &Tab, meter: &MeterKey, question: &Question) -> Answer {
    tab.send(Command::Ahead { id: 7, meter: meter.clone(), question: bytes::write(question) });
    world.run(SECOND);
    tab.last(|event| match event {
        Event::Answer { id: 7, answer } => bytes::read(answer),
        _ => None,
    })
    .expect("it is answered")
}

fn peaks(world: &World, tab: &Tab, meter: &MeterKey, rule: &str) -> Peaks {
    match ask(world, tab, meter, &Question::Peaks { rule: rule.to_owned() }) {
        Answer::Peaks(peaks) => peaks,
        other => panic!("{other:?}"),
    }
}

/// The same house behind two meters: the first sends its peaks, and the second does not.
#[test]
fn peaks_are_the_meters_own_or_computed() {
    let (world, tab, key, _adapter) = read_for(Model::Emucs17, 1);
    let said = peaks(&world, &tab, &key, "be-flanders");
    let own = said.own.and_then(|own| own.month).expect("a Belgian meter sends it");
    let month = said.months[0].last().expect("this month");
    assert!(month.own && month.highest[0].power.compare(own.power).is_eq());
    let (world, tab, key, _adapter) = read_for(Model::Dsmr4, 4);
    let worked_out = peaks(&world, &tab, &key, "be-flanders");
    assert_eq!(worked_out.own, None);
    let month = worked_out.months[0].last().expect("this month");
    // The month was not recorded from its beginning.
    let (all, unknown) = month.unknown;
    assert!(!month.own && unknown > 0 && all - unknown >= 15, "{month:?}");
    let power = month.highest[0].power.mantissa_at(-3).expect("watts");
    let truth = highest_quarter(month.highest[0].span);
    assert!((power - truth).abs() <= truth / 20, "{power} W, and the house took {truth}");
}

/// The mean imported power of the house with seed 3 in a quarter-hour, in watts.
fn highest_quarter(span: Span) -> i128 {
    let house = House::new(3);
    let seconds = span.from.0 / 1000..span.to.0 / 1000;
    let taken: i64 = seconds.map(|second| house.net_power(second).max(0)).sum();
    i128::from(taken / 900)
}

#[test]
fn a_watching_tab_also_shows_the_current_interval() {
    let (world, tab, key, _adapter) = read_for(Model::Dsmr4, 3);
    let other = Tab::open(&world);
    world.run(7 * MINUTE);
    for tab in [&tab, &other] {
        let question = Question::Running { rule: "no-three-days".to_owned() };
        let Answer::Running { running: Some(running), own: None } = ask(&world, tab, &key, &question) else {
            panic!("nothing is known");
        };
        assert!(running.span.contains(world.moment()));
        assert!(running.expected.compare(metertap_decoder::number::Number::whole(60)).is_lt());
    }
    let nobody = Question::Peaks { rule: "nobody".to_owned() };
    assert_eq!(ask(&world, &tab, &key, &nobody), Answer::Unreadable);
    assert_eq!(ask(&world, &tab, &key, &Question::Prediction), Answer::Prediction(None));
}

/// The hourly use of a household over 64 days, in kWh, with unpredictable noise: each hour is up to a tenth higher or
/// lower, and one hour in a hundred has guests, who use 1.5 kWh.
fn hours(seed: u64) -> (Vec<(Span, Option<f64>)>, Zone) {
    let (house, zone) = (House::new(seed), Zone::named("Europe/Oslo").expect("it is known"));
    // From Monday, 2026-05-04. No clock changes in this time.
    let from = Moment(1_777_845_600_000);
    let span = Span { from, to: Moment(from.0 + 64 * 86_400_000) };
    let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = move || {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut of = |hour: Span| {
        let minutes = (hour.from.0 / 1000..hour.to.0 / 1000).step_by(60);
        let taken: i64 = minutes.map(|second| house.net_power(second).max(0)).sum();
        let guests = if draw() < 0.01 { 1.5 } else { 0.0 };
        taken as f64 / 60_000.0 * (0.9 + 0.2 * draw()) + guests
    };
    (Period::Hour.within(span, zone).into_iter().map(|hour| (hour, Some(of(hour)))).collect(), zone)
}

#[test]
fn predictions_for_twenty_households_beat_last_weeks_values() {
    let (mut mase, mut wape) = (Vec::new(), Vec::new());
    let (mut hours_in, mut all_hours, mut days_in, mut all_days) = (0, 0, 0, 0);
    for seed in 1..=20 {
        let (hours, zone) = hours(seed);
        let days = Days::of(&hours, zone);
        let today = days.number(hours.last().expect("some").0.from).expect("a day");
        let errors = Errors::of(&days, today).expect("it can be tried");
        assert_eq!(errors.days, 28);
        mase.push(errors.mase);
        wape.push(errors.wape);
        for day in today - 28..today {
            let known = days.before(day);
            let of_day: Vec<f64> = hours
                .iter()
                .filter(|(hour, _)| days.number(hour.from) == Some(day))
                .filter_map(|(_, used)| *used)
                .collect();
            let band = known.rest_of_day(day, 0, 0.0);
            let sum: f64 = of_day.iter().sum();
            days_in += usize::from((band.low..=band.high).contains(&sum));
            all_days += 1;
            for (hour, used) in of_day.iter().enumerate() {
                let band = known.hour(day, hour).expect("it is predicted");
                hours_in += usize::from((band.low..=band.high).contains(used));
                all_hours += 1;
            }
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (of_hours, of_days) = (hours_in as f64 / all_hours as f64, days_in as f64 / all_days as f64);
    println!("MASE {:.3}, WAPE {:.3}, hours {of_hours:.3}, days {of_days:.3}", mean(&mase), mean(&wape));
    assert!(mase.iter().all(|mase| *mase <= 0.95), "{mase:?}");
    assert!((0.7..=0.9).contains(&of_hours) && (0.7..=0.9).contains(&of_days), "{of_hours} {of_days}");
}
