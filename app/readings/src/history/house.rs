//! [`House`]: the combined totals of several meters, by what each measures in the house.

use metertap_decoder::number::Number;
use metertap_decoder::reading::Quantity;

use super::flow::Flow;
use super::totals::Total;
use crate::power::{difference, sum};
use crate::store::{MeterKey, Role};

/// A meter with what it measures in the house, and its total for a span of time.
#[derive(Clone, Copy, Debug)]
pub struct HouseMeter<'a> {
    /// The meter.
    pub key: &'a MeterKey,
    /// What it measures.
    pub role: &'a Role,
    /// Its total; `None` if it was silent.
    pub total: Option<&'a Total>,
}

/// The electricity of a house in kilowatt hours. Unknown values are `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct House {
    /// Taken from the grid.
    pub imported: Option<Number>,
    /// Fed into the grid.
    pub exported: Option<Number>,
    /// Produced here, if that is metered.
    pub produced: Option<Number>,
    /// What the house used: the import, plus production that was not fed in.
    pub used: Option<Number>,
    /// The share of the production that the house used itself, in percent.
    pub self_consumption: Option<u8>,
    /// The share of the use that the house produced itself, in percent.
    pub self_sufficiency: Option<u8>,
    /// What remains of the use after subtracting all meters of single consumers.
    pub rest: Option<Number>,
    /// How many of the electricity meters sent readings.
    pub heard: usize,
    /// How many electricity meters there are.
    pub of: usize,
}

impl House {
    /// Combines the totals of the electricity meters among these.
    #[must_use]
    pub fn of(meters: &[HouseMeter<'_>]) -> Self {
        let electric: Vec<_> = meters.iter().filter(|meter| is_electric(meter.role)).collect();
        let heard = electric.iter().filter(|meter| is_heard(meter)).count();
        let all = |is: fn(&Role) -> bool, of: fn(&Total) -> Option<Number>| {
            let mut numbers = electric.iter().filter(|meter| is(meter.role) && is_heard(meter));
            numbers.try_fold(None, |all: Option<Number>, meter| {
                let Some(number) = meter.total.and_then(of) else { return Some(all) };
                Some(Some(sum(all.unwrap_or(NOTHING), number)?))
            })?
        };
        let is_grid = |role: &Role| *role == Role::Grid;
        let imported = all(is_grid, |total| counted(total, Quantity::ActiveEnergyImport));
        let exported = all(is_grid, |total| counted(total, Quantity::ActiveEnergyExport));
        let produced = all(|role| *role == Role::Production, production);
        let consumed = all(
            |role| matches!(role, Role::Consumer | Role::Part { .. }),
            |total| counted(total, Quantity::ActiveEnergyImport),
        );
        let out = exported.unwrap_or(NOTHING);
        let own = produced.and_then(|produced| difference(produced, out)).filter(|own| own.mantissa >= 0);
        let used = imported.and_then(|imported| match own {
            Some(own) => sum(imported, own),
            // If a house feeds in but its production is not metered, its use is unknown.
            None => (out.mantissa == 0 && produced.is_none()).then_some(imported),
        });
        let all_are_heard = heard == electric.len();
        Self {
            imported,
            exported,
            produced,
            used,
            self_consumption: own.zip(produced).and_then(|(own, produced)| hundredths(own, produced)),
            self_sufficiency: own.zip(used).and_then(|(own, used)| hundredths(own, used)),
            rest: used
                .zip(consumed)
                .filter(|_| all_are_heard)
                .and_then(|(used, consumed)| difference(used, consumed))
                .filter(|rest| rest.mantissa >= 0),
            heard,
            of: electric.len(),
        }
    }
}

/// What a meter may measure in the house, guessed from the quantities that it sends. Only the user knows for certain.
#[must_use]
pub fn guessed(quantities: &[Quantity]) -> Role {
    let sends = |quantity: Quantity| quantities.contains(&quantity);
    let of_electricity = [
        Quantity::ActiveEnergyImport,
        Quantity::ActiveEnergyExport,
        Quantity::ActivePower,
        Quantity::ActivePowerImport,
    ];
    if of_electricity.into_iter().any(sends) {
        let only_export = sends(Quantity::ActiveEnergyExport) && !sends(Quantity::ActiveEnergyImport);
        return if only_export { Role::Production } else { Role::Grid };
    }
    // Heat meters also send volumes of heating water, and some of them cooling.
    [
        (Quantity::HeatEnergy, Role::Heat),
        (Quantity::CoolingEnergy, Role::Cooling),
        (Quantity::GasVolume, Role::Gas),
        (Quantity::GasVolumeCorrected, Role::Gas),
        (Quantity::WaterVolume, Role::Water),
    ]
    .into_iter()
    .find(|(quantity, _)| sends(*quantity))
    .map_or(Role::Grid, |(_, role)| role)
}

fn is_heard(meter: &HouseMeter<'_>) -> bool {
    meter.total.is_some_and(|total| total.readings > 0)
}

const fn is_electric(role: &Role) -> bool {
    matches!(role, Role::Grid | Role::Production | Role::Consumer | Role::Part { .. })
}

fn counted(total: &Total, quantity: Quantity) -> Option<Number> {
    total.amount(Flow::of_meter(quantity)).map(|amount| amount.total)
}

/// Some meters count production as export. Others, wired the other way round, count it as import.
fn production(total: &Total) -> Option<Number> {
    let import = counted(total, Quantity::ActiveEnergyImport);
    let export = counted(total, Quantity::ActiveEnergyExport);
    match (import, export) {
        (Some(import), Some(export)) => Some(if export.compare(import).is_ge() { export } else { import }),
        (import, export) => import.or(export),
    }
}

/// A part of a whole in percent, rounded; `None` if the whole is zero, or the part is larger than the whole.
fn hundredths(part: Number, whole: Number) -> Option<u8> {
    let scaler = part.scaler.min(whole.scaler);
    let (part, whole) = (part.mantissa_at(scaler)?, whole.mantissa_at(scaler)?);
    let rounded = part.checked_mul(200)?.checked_add(whole)?.checked_div(whole.checked_mul(2)?)?;
    u8::try_from(rounded).ok().filter(|hundredths| *hundredths <= 100)
}

const NOTHING: Number = Number::whole(0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Moment;
    use crate::history::calendar::Span;
    use crate::history::counting::Amount;

    fn total(import: Option<&str>, export: Option<&str>) -> Total {
        let amount = |quantity, text: &str| Amount {
            flow: Flow::of_meter(quantity),
            total: text.parse().unwrap(),
            tariffs: Vec::new(),
        };
        let amounts = import
            .map(|text| amount(Quantity::ActiveEnergyImport, text))
            .into_iter()
            .chain(export.map(|text| amount(Quantity::ActiveEnergyExport, text)))
            .collect();
        Total { amounts, readings: 1, ..Total::of(Span { from: Moment(0), to: Moment(1) }) }
    }

    fn house(meters: &[(Role, Option<Total>)]) -> House {
        let key = MeterKey("m".to_owned());
        let meters: Vec<_> = meters
            .iter()
            .map(|(role, total)| HouseMeter { key: &key, role, total: total.as_ref() })
            .collect();
        House::of(&meters)
    }

    fn text(number: Option<Number>) -> Option<String> {
        number.map(|number| number.to_string())
    }

    /// 12.5 in, 9.5 out, 25 produced: 15.5 of it stayed, so 28 were used. 15.5 is 62 % of 25, and 55.4 % of 28.
    #[test]
    fn consumption_is_import_plus_unexported_production() {
        let consumer = (Role::Consumer, Some(total(Some("10.25"), None)));
        let all = [
            (Role::Grid, Some(total(Some("12.5"), Some("9.5")))),
            (Role::Production, Some(total(Some("0.1"), Some("25")))),
            consumer,
            (Role::Gas, None),
        ];
        let house = house(&all);
        assert_eq!((text(house.used).as_deref(), text(house.rest).as_deref()), (Some("28.0"), Some("17.75")));
        assert_eq!((house.self_consumption, house.self_sufficiency), (Some(62), Some(55)));
        assert_eq!((house.heard, house.of), (3, 3));
    }

    #[test]
    fn unknowable_values_are_not_shown() {
        let feeds_in = house(&[(Role::Grid, Some(total(Some("12.5"), Some("9.5"))))]);
        assert_eq!((feeds_in.used, feeds_in.self_consumption), (None, None));
        let plain = house(&[(Role::Grid, Some(total(Some("12.5"), Some("0"))))]);
        assert_eq!((text(plain.used).as_deref(), plain.self_sufficiency), (Some("12.5"), None));
        let silent = house(&[
            (Role::Grid, Some(total(Some("12.5"), None))),
            (Role::Consumer, Some(total(Some("2"), None))),
            (Role::Part { of: MeterKey("m".to_owned()) }, None),
        ]);
        assert_eq!((silent.heard, silent.of, silent.rest), (2, 3, None));
        // More was fed in than produced: a meter has the wrong role.
        let wrong = house(&[
            (Role::Grid, Some(total(Some("1"), Some("9")))),
            (Role::Production, Some(total(None, Some("5")))),
        ]);
        assert_eq!((wrong.used, wrong.self_consumption), (None, None));
        assert_eq!(house(&[]), House::default());
    }

    #[test]
    fn a_role_is_guessed_from_the_registers() {
        use Quantity as Q;
        for (sent, role) in [
            (vec![Q::ActiveEnergyImport, Q::ActiveEnergyExport, Q::GasVolume], Role::Grid),
            (vec![Q::ActiveEnergyExport], Role::Production),
            (vec![Q::HeatEnergy, Q::CoolingEnergy, Q::HeatVolume], Role::Heat),
            (vec![Q::CoolingEnergy], Role::Cooling),
            (vec![Q::WaterVolume, Q::Temperature], Role::Water),
            (vec![Q::GasVolumeCorrected], Role::Gas),
            (vec![], Role::Grid),
        ] {
            assert_eq!(guessed(&sent), role, "{sent:?}");
        }
    }
}
