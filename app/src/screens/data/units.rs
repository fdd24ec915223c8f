//! The units that the values of a table may have.

use leptos::prelude::*;
use metertap_readings::files::import::{Planned, Register};

use crate::texts;

/// The units that a register's values may have in a table: powers of ten of the register's unit. For kWh, also the mean
/// power over the interval that a line covers.
pub fn units(planned: &Planned, scale: i8) -> Option<impl IntoView + use<>> {
    let unit = Register::named(&planned.register)?.unit()?.to_string();
    let of = |name: &str, power: i8, is_power: bool| Unit { name: name.to_owned(), power, is_power };
    let mut all: Vec<Unit> = match unit.as_str() {
        "kWh" => vec![
            of("kWh", 0, false),
            of("Wh", -3, false),
            of("MWh", 3, false),
            of(&texts::importing::mean_of_line(&"kW"), 3, true),
            of(&texts::importing::mean_of_line(&"W"), 0, true),
        ],
        "W" => vec![of("W", 0, false), of("kW", 3, false), of("MW", 6, false)],
        "m3" => vec![
            of("m³", 0, false),
            of("hl", -1, false),
            of("l", -3, false),
            of("dl", -4, false),
            of("ml", -6, false),
        ],
        other => vec![of(other, 0, false)],
    };
    if !all.iter().any(|unit| (unit.power, unit.is_power) == (scale, planned.power)) {
        all.push(of(&format!("10^{scale} {unit}"), scale, planned.power));
    }
    let is_power = planned.power;
    let option = move |unit: Unit| {
        let selected = (unit.power, unit.is_power) == (scale, is_power);
        let value = format!("{} {}", if unit.is_power { POWER } else { AMOUNT }, unit.power);
        view! { <option value=value selected=selected>{unit.name}</option> }
    };
    Some(all.into_iter().map(option).collect_view())
}

struct Unit {
    name: String,
    power: i8,
    is_power: bool,
}

/// The first word of an option's value if the table gives a power.
pub const POWER: &str = "power";
const AMOUNT: &str = "amount";
