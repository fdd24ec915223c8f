//! [`Moment`]: power, voltage, current and energy in the simulator's households, and in others derived from them.

use metertap_simulator::{Meter, Model, TrueValue};

/// A household at one moment. Units are W, var, 0.01 V, mA and Wh.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) second: u32,
    pub(crate) power: [i64; 3],
    pub(crate) reactive: [i64; 3],
    pub(crate) voltage: [i64; 3],
    pub(crate) current: [i64; 3],
    pub(crate) import: i64,
    pub(crate) export: i64,
}

/// A day of a household, one moment every half minute.
pub(crate) fn day(seed: u64) -> Vec<Moment> {
    let start = 1_795_219_200;
    let telegrams = Meter::new(Model::SwedishP1, seed, start).take(8640).step_by(3);
    telegrams
        .map(|telegram| {
            let of = |code: &str, thousands: f64| whole(&telegram.truth.values, code, thousands);
            let phases = |[one, two, three]: [&str; 3], thousands| {
                [of(one, thousands), of(two, thousands), of(three, thousands)]
            };
            let net = |taken: [&str; 3], given: [&str; 3]| {
                let (taken, given) = (phases(taken, 1.0), phases(given, 1.0));
                std::array::from_fn(|at| taken[at] - given[at])
            };
            let mut moment = Moment {
                second: u32::try_from(telegram.due / 1000).unwrap(),
                power: net(["21.7", "41.7", "61.7"], ["22.7", "42.7", "62.7"]),
                reactive: net(["23.7", "43.7", "63.7"], ["24.7", "44.7", "64.7"]),
                voltage: phases(["32.7", "52.7", "72.7"], 100.0),
                current: [0; 3],
                import: of("1.8", 1000.0),
                export: of("2.8", 1000.0),
            };
            moment.current = currents(&moment);
            moment
        })
        .collect()
}

fn whole(values: &[TrueValue], code: &str, factor: f64) -> i64 {
    let value = values.iter().find(|value| value.register == format!("1-0:{code}.0"));
    let value = value.unwrap_or_else(|| panic!("no {code}"));
    (value.value.parse::<f64>().unwrap() * factor).round() as i64
}

/// The currents in the conductors, in mA.
pub(crate) fn currents(moment: &Moment) -> [i64; 3] {
    std::array::from_fn(|at| {
        let apparent = ((moment.power[at].pow(2) + moment.reactive[at].pow(2)) as f64).sqrt();
        if moment.voltage[at] == 0 { 0 } else { (apparent * 100_000.0 / moment.voltage[at] as f64) as i64 }
    })
}

/// Households that are hard cases for scalers, derived from a normal one.
pub(crate) fn others(day: &[Moment]) -> Vec<(&'static str, Vec<Moment>)> {
    let each = |of: fn(Moment) -> Moment| day.iter().copied().map(of).collect::<Vec<_>>();
    vec![
        ("as it is", day.to_vec()),
        ("one phase", each(one_phase)),
        ("the sun on one phase, a car on another", each(opposite)),
        ("low power factor", each(low_power_factor)),
        ("low power factor, one phase", each(|moment| low_power_factor(one_phase(moment)))),
        ("idle electronics", each(electronics)),
        ("an IT network", each(three_wires)),
        ("a transformer of 40", each(transformed)),
        ("a phase that is dead", counted(each(dead_phase))),
        ("nobody at home", each(nobody)),
    ]
}

fn one_phase(moment: Moment) -> Moment {
    let mut one = Moment {
        power: [moment.power.iter().sum(), 0, 0],
        reactive: [moment.reactive.iter().sum(), 0, 0],
        voltage: [moment.voltage[0], 0, 0],
        ..moment
    };
    one.current = currents(&one);
    one
}

fn opposite(moment: Moment) -> Moment {
    let [one, two, three] = moment.power;
    let mut opposite = Moment { power: [one - 4200, two + 3600, three + 600], ..moment };
    opposite.current = currents(&opposite);
    opposite
}

fn low_power_factor(moment: Moment) -> Moment {
    let live = |at: usize| i64::from(moment.voltage[at] > 0);
    let mut low =
        Moment { reactive: std::array::from_fn(|at| moment.reactive[at] + 1400 * live(at)), ..moment };
    low.current = currents(&low);
    low
}

/// Harmonics are in the current, but not in the power of the fundamental.
fn electronics(moment: Moment) -> Moment {
    Moment { current: moment.current.map(|current| current + 350), ..moment }
}

/// Three wires of 230 V: each load lies between two phases, and voltages are measured between phases.
fn three_wires(moment: Moment) -> Moment {
    let angle = |third: usize| third as f64 * 2.0 * std::f64::consts::PI / 3.0;
    // The current of the load between this phase and the next one.
    let load = |at: usize| {
        let volts = moment.voltage[at] as f64 / 100.0;
        let (p, q) = (moment.power[at] as f64, moment.reactive[at] as f64);
        let (re, im) = (p / volts, -q / volts);
        let turn = -angle(at);
        (re * turn.cos() - im * turn.sin(), re * turn.sin() + im * turn.cos())
    };
    let line = |at: usize| {
        let ((re, im), (before_re, before_im)) = (load(at), load((at + 2) % 3));
        ((re - before_re).hypot(im - before_im) * 1000.0) as i64
    };
    Moment {
        current: [line(0), line(1), line(2)],
        voltage: [moment.voltage[0], 0, moment.voltage[2]],
        ..moment
    }
}

fn transformed(moment: Moment) -> Moment {
    let times = |values: [i64; 3]| values.map(|value| value * 40);
    Moment {
        power: times(moment.power),
        reactive: times(moment.reactive),
        current: times(moment.current),
        import: moment.import * 40,
        export: moment.export * 40,
        ..moment
    }
}

fn dead_phase(moment: Moment) -> Moment {
    let keep = |values: [i64; 3]| [values[0], 0, values[2]];
    let mut dead = Moment {
        power: keep(moment.power),
        reactive: keep(moment.reactive),
        voltage: keep(moment.voltage),
        ..moment
    };
    dead.current = currents(&dead);
    dead
}

/// Counts the energy from one moment to the next, for a derived household.
fn counted(mut moments: Vec<Moment>) -> Vec<Moment> {
    let (mut import, mut export) = (5_000_000 * 3600, 0);
    let mut before = moments.first().map_or(0, |moment| moment.second);
    for moment in &mut moments {
        let seconds = i64::from(moment.second - before);
        let power: i64 = moment.power.iter().sum();
        import += power.max(0) * seconds;
        export += (-power).max(0) * seconds;
        (moment.import, moment.export, before) = (import / 3600, export / 3600, moment.second);
    }
    moments
}

fn nobody(moment: Moment) -> Moment {
    Moment {
        power: [3, 0, 1],
        reactive: [-20, 0, 0],
        current: [90, 0, 10],
        import: 7_000_000 + i64::from(moment.second) / 900,
        export: 0,
        ..moment
    }
}
