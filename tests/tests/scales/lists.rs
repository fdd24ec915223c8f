//! [`LISTS`]: the lists whose rows state scalers, as a meter in the test's households sends them.

use metertap_tests::push::{Datum, date_time};

use super::household::Moment;

/// Values that share one scaler.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ScaleGroup {
    Voltage,
    Current,
    Power,
    Energy,
}

/// The scalers: the last digit of a value counts this power of ten of V, A, W or kWh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalers {
    voltage: i8,
    current: i8,
    power: i8,
    energy: i8,
}

impl Scalers {
    pub(crate) fn of(&mut self, kind: ScaleGroup) -> &mut i8 {
        match kind {
            ScaleGroup::Voltage => &mut self.voltage,
            ScaleGroup::Current => &mut self.current,
            ScaleGroup::Power => &mut self.power,
            ScaleGroup::Energy => &mut self.energy,
        }
    }
}

/// A meter's list: how it is encoded, and the scalers in the maker's documentation.
pub(crate) struct ScaledList {
    pub(crate) name: &'static str,
    pub(crate) write: fn(&Moment, &Scalers) -> Option<Vec<Datum>>,
    pub(crate) scalers: Scalers,
    /// Quantities that cannot be compared with anything in the list, with the reason.
    pub(crate) without_relation: &'static [(ScaleGroup, &'static str)],
}

pub(crate) const LISTS: &[ScaledList] = &[
    ScaledList {
        name: "Kamstrup 6841131…243",
        write: |moment, scalers| kamstrup("6841131BN243101090", moment, scalers),
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -2 },
        without_relation: &[],
    },
    ScaledList {
        name: "Kamstrup 6841131…245",
        write: |moment, scalers| kamstrup("6841131BN245101090", moment, scalers),
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "Kamstrup 6851131…243",
        write: |moment, scalers| kamstrup("6851131BN243101090", moment, scalers),
        scalers: Scalers { voltage: 0, current: -3, power: 0, energy: -2 },
        without_relation: &[],
    },
    ScaledList {
        name: "Landis+Gyr E450",
        write: landis_gyr,
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "Kaifa",
        write: kaifa,
        scalers: Scalers { voltage: -1, current: -3, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "AM550, 12 places",
        write: am550,
        scalers: Scalers { voltage: -1, current: -2, power: 0, energy: -3 },
        without_relation: &[(ScaleGroup::Energy, "the list has no counter")],
    },
    ScaledList {
        name: "AM550, 9 places",
        write: am550_of_nine,
        scalers: Scalers { voltage: 0, current: 0, power: 0, energy: -3 },
        without_relation: &[
            (ScaleGroup::Voltage, "not in the list"),
            (ScaleGroup::Current, "not in the list"),
        ],
    },
    ScaledList {
        name: "Wiener Netze",
        write: wien,
        scalers: Scalers { voltage: 0, current: 0, power: 0, energy: -3 },
        without_relation: &[
            (ScaleGroup::Voltage, "not in the list"),
            (ScaleGroup::Current, "not in the list"),
        ],
    },
    ScaledList {
        name: "Netz Burgenland",
        write: burgenland,
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "Netz Burgenland, 14 places",
        write: burgenland_of_fourteen,
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "IE.5, 33 places",
        write: hep,
        scalers: Scalers { voltage: -1, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "AM550, 8 places",
        write: am550_of_one_phase,
        scalers: Scalers { voltage: -1, current: -2, power: 0, energy: -3 },
        without_relation: &[(ScaleGroup::Energy, "the list has no counter")],
    },
    ScaledList {
        name: "AM550, 10 places",
        write: am550_of_ten,
        scalers: Scalers { voltage: -1, current: -2, power: 0, energy: -3 },
        without_relation: &[(ScaleGroup::Energy, "the list has no counter")],
    },
    ScaledList {
        name: "AM550, 9 places, power and voltage",
        write: am550_without_current,
        scalers: Scalers { voltage: -1, current: 0, power: 0, energy: -3 },
        without_relation: &[
            (ScaleGroup::Current, "the list has no current"),
            (ScaleGroup::Power, "the list has neither a current nor a counter"),
            (ScaleGroup::Energy, "the list has no counter"),
        ],
    },
];

/// A number with that scaler. Finer digits are cut off. `None` if it does not fit.
pub(crate) fn digits(amount: i64, finest: i8, scaler: i8) -> Option<i64> {
    let coarser = scaler - finest;
    let factor = 10_i64.checked_pow(coarser.unsigned_abs().into())?;
    if coarser >= 0 { Some(amount / factor) } else { amount.checked_mul(factor) }
}

fn wide(amount: i64, finest: i8, scaler: i8) -> Option<Datum> {
    u32::try_from(digits(amount, finest, scaler)?).ok().map(Datum::U32)
}

fn narrow(amount: i64, finest: i8, scaler: i8) -> Option<Datum> {
    u16::try_from(digits(amount, finest, scaler)?).ok().map(Datum::U16)
}

impl Moment {
    fn powers(&self, scalers: &Scalers) -> Option<Vec<Datum>> {
        let (active, reactive): (i64, i64) = (self.power.iter().sum(), self.reactive.iter().sum());
        let all = [active.max(0), (-active).max(0), reactive.max(0), (-reactive).max(0)];
        all.into_iter().map(|amount| wide(amount, 0, scalers.power)).collect()
    }

    fn voltages(&self, write: fn(i64, i8, i8) -> Option<Datum>, scalers: &Scalers) -> Option<Vec<Datum>> {
        self.voltage.into_iter().map(|amount| write(amount, -2, scalers.voltage)).collect()
    }

    fn currents(&self, write: fn(i64, i8, i8) -> Option<Datum>, scalers: &Scalers) -> Option<Vec<Datum>> {
        self.current.into_iter().map(|amount| write(amount, -3, scalers.current)).collect()
    }

    fn energies(&self, scalers: &Scalers) -> Option<Vec<Datum>> {
        let all = [self.import, self.export, 0, 0];
        all.into_iter().map(|amount| wide(amount, -3, scalers.energy)).collect()
    }
}

/// Register names and values in turn.
fn named(b: u8, codes: &[[u8; 3]], values: Vec<Datum>) -> Vec<Datum> {
    codes.iter().zip(values).flat_map(|([c, d, e], value)| [Datum::obis([1, b, *c, *d, *e]), value]).collect()
}

const POWERS: [[u8; 3]; 4] = [[1, 7, 0], [2, 7, 0], [3, 7, 0], [4, 7, 0]];
const ENERGIES: [[u8; 3]; 4] = [[1, 8, 0], [2, 8, 0], [3, 8, 0], [4, 8, 0]];
const VOLTAGES: [[u8; 3]; 3] = [[32, 7, 0], [52, 7, 0], [72, 7, 0]];
const CURRENTS: [[u8; 3]; 3] = [[31, 7, 0], [51, 7, 0], [71, 7, 0]];

fn kamstrup(model: &str, moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::Visible("Kamstrup_V0001".into()), Datum::obis([1, 1, 0, 0, 5])];
    list.extend([Datum::Visible("5700000000000001".into()), Datum::obis([1, 1, 96, 1, 1])]);
    list.push(Datum::Visible(model.into()));
    list.extend(named(1, &POWERS, moment.powers(scalers)?));
    list.extend(named(1, &CURRENTS, moment.currents(wide, scalers)?));
    list.extend(named(1, &VOLTAGES, moment.voltages(narrow, scalers)?));
    list.extend(named(1, &ENERGIES, moment.energies(scalers)?));
    Some(list)
}

fn landis_gyr(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::obis([0, 0, 42, 0, 0]), Datum::text("LGZ1030650000001")];
    list.extend(named(0, &POWERS, moment.powers(scalers)?));
    list.extend(named(1, &ENERGIES[..2], moment.energies(scalers)?));
    list.extend(named(0, &CURRENTS, moment.currents(narrow, scalers)?));
    list.extend(named(0, &VOLTAGES, moment.voltages(narrow, scalers)?));
    Some(list)
}

fn kaifa(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = ["KFM_001", "6970000000000001", "MA304H4"].map(Datum::text).to_vec();
    list.extend(moment.powers(scalers)?);
    list.extend(moment.currents(wide, scalers)?);
    list.extend(moment.voltages(wide, scalers)?);
    list.push(Datum::Octets(date_time(moment.second)));
    list.extend(moment.energies(scalers)?);
    Some(list)
}

fn am550(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = ["ISK1030700000001", "UP_3f"].map(Datum::text).to_vec();
    list.extend(moment.voltages(narrow, scalers)?);
    list.extend(moment.currents(narrow, scalers)?);
    list.extend(moment.powers(scalers)?);
    Some(list)
}

fn am550_of_nine(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::text("ISK1030700000001")];
    list.extend(moment.powers(scalers)?.into_iter().take(2));
    for total in [moment.import, moment.export] {
        let all = digits(total, -3, scalers.energy)?;
        list.extend(
            [all, all / 3, all - all / 3].map(|part| Datum::U32(u32::try_from(part).unwrap_or(u32::MAX))),
        );
    }
    Some(list)
}

fn wien(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::Octets(date_time(moment.second))];
    list.extend(moment.energies(scalers)?);
    list.extend(moment.powers(scalers)?);
    Some(list)
}

fn burgenland(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = moment.voltages(narrow, scalers)?;
    list.extend(moment.currents(narrow, scalers)?);
    list.extend(moment.powers(scalers)?.into_iter().take(2));
    list.extend(moment.energies(scalers)?.into_iter().take(2));
    list.push(Datum::text("30000000"));
    Some(list)
}

fn burgenland_of_fourteen(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = burgenland(moment, scalers)?;
    let number = list.pop()?;
    list.extend([0, 0, 0].map(Datum::U16));
    list.push(number);
    Some(list)
}

/// The place of exported power in this list is unknown, so only households that do not export can be checked.
fn hep(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    if moment.power.iter().any(|power| *power < 0) {
        return None;
    }
    let moment_of = date_time(moment.second);
    let mut list = vec![Datum::text("30000000"), Datum::Octets(moment_of[5..9].to_vec())];
    list.push(Datum::Octets(moment_of[..5].to_vec()));
    for total in [moment.import, moment.export] {
        let all = digits(total, -3, scalers.energy)?;
        let parts = [all, all / 3, all - all / 3];
        list.extend(parts.map(|part| Datum::U32(u32::try_from(part).unwrap_or(u32::MAX))));
    }
    list.extend([0; 4].map(Datum::U32));
    list.push(moment.powers(scalers)?.into_iter().next()?);
    list.extend([Datum::U32(0), Datum::U16(0)]);
    for power in moment.power {
        list.push(wide(power, 0, scalers.power)?);
    }
    list.extend([0; 3].map(Datum::U32));
    list.extend(moment.voltages(narrow, scalers)?);
    list.extend(moment.currents(narrow, scalers)?);
    list.push(Datum::U32(0));
    list.extend([0; 3].map(|zero| Datum::Array(vec![Datum::U16(zero)])));
    list.push(Datum::Boolean(true));
    Some(list)
}

/// Whether the household has only one phase.
fn has_one_phase(moment: &Moment) -> Option<()> {
    (moment.voltage[1..] == [0, 0]).then_some(())
}

fn am550_of_one_phase(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    has_one_phase(moment)?;
    let mut list = ["ISK1030700000001", "UP_1f"].map(Datum::text).to_vec();
    list.extend(moment.voltages(narrow, scalers)?.into_iter().take(1));
    list.extend(moment.currents(narrow, scalers)?.into_iter().take(1));
    list.extend(moment.powers(scalers)?);
    Some(list)
}

fn am550_of_ten(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    has_one_phase(moment)?;
    let powers = moment.powers(scalers)?;
    let mut list = ["ISK1030700000001", "ISK00000001"].map(Datum::text).to_vec();
    list.extend(powers.iter().cloned());
    list.extend(moment.voltages(narrow, scalers)?.into_iter().take(1));
    list.extend(moment.currents(narrow, scalers)?.into_iter().take(1));
    list.extend(powers.into_iter().take(2));
    Some(list)
}

fn am550_without_current(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    has_one_phase(moment)?;
    let mut list = ["ISK1030700000001", "ISK00000001"].map(Datum::text).to_vec();
    list.extend(moment.powers(scalers)?.into_iter().take(1));
    list.extend([0; 3].map(Datum::U32));
    list.extend(moment.voltages(narrow, scalers)?.into_iter().take(1));
    list.extend([0; 2].map(Datum::U32));
    Some(list)
}
