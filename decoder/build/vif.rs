//! `registers/vif.toml`: what M-Bus records mean, as tables of 128 codes each.

use std::path::Path;

use serde::Deserialize;

use crate::rust::{line, option, read, variant, word};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VifFile {
    primary: Vec<VifRow>,
    main_extension: Vec<VifRow>,
    alternate_extension: Vec<VifRow>,
    combinable: Vec<EffectRow>,
    combinable_extension: Vec<EffectRow>,
    device: Vec<DeviceRow>,
    fixed: Vec<FixedRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VifRow {
    code: String,
    means: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    scale: i8,
    form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectRow {
    code: String,
    effect: String,
    #[serde(default)]
    scale: i8,
    unit: Option<String>,
    phase: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceRow {
    r#type: u8,
    energy: Option<String>,
    volume: Option<String>,
    power: Option<String>,
    /// The quantity of an energy that flows backward, if it is not the export of `energy`.
    backward: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedRow {
    from: u8,
    count: u8,
    means: String,
    unit: String,
    scale: i8,
}

pub(crate) fn write(out: &mut String) {
    let file: VifFile = read(Path::new(FILE));
    let vif = |row: VifRow| {
        let form = row.form.map_or("IntegerForm::Number".into(), |form| variant("IntegerForm", &form));
        let (means, unit) = (means(row.means.as_deref()), option(row.unit.as_deref().map(unit)));
        codes(&row.code).map(move |(code, n)| {
            let scale = row.scale + n;
            (code, format!("Vif {{ means: {means}, unit: {unit}, scale: {scale}, form: {form} }}"))
        })
    };
    table(out, "PRIMARY: [Vif; 128]", "Vif::UNKNOWN", file.primary.into_iter().flat_map(vif));
    table(out, "MAIN_EXTENSION: [Vif; 128]", "Vif::UNKNOWN", file.main_extension.into_iter().flat_map(vif));
    let alternate = file.alternate_extension.into_iter().flat_map(vif);
    table(out, "ALTERNATE_EXTENSION: [Vif; 128]", "Vif::UNKNOWN", alternate);
    let effect = |row: EffectRow| {
        codes(&row.code).map(move |(code, n)| {
            let effect = variant("Effect", &row.effect);
            let argument = match row.effect.as_str() {
                "scale" => format!("({})", row.scale + n),
                "duration" => format!("({})", unit(row.unit.as_deref().expect("a duration has a unit"))),
                "phase" => {
                    format!("({})", word("Phase", row.phase.as_deref().expect("a phase has a name"), FILE))
                }
                _ => String::new(),
            };
            (code, effect + &argument)
        })
    };
    table(out, "COMBINABLE: [Effect; 128]", "Effect::Other", file.combinable.into_iter().flat_map(effect));
    let extension = file.combinable_extension.into_iter().flat_map(effect);
    table(out, "COMBINABLE_EXTENSION: [Effect; 128]", "Effect::Other", extension);

    line(out, "const fn device(code: u8) -> Option<Device> { match code {");
    for row in file.device {
        let [energy, volume, power, backward] = [row.energy, row.volume, row.power, row.backward]
            .map(|quantity| option(quantity.map(|quantity| word("Quantity", &quantity, FILE))));
        let device =
            format!("Device {{ energy: {energy}, volume: {volume}, power: {power}, backward: {backward} }}");
        line(out, &format!("{} => Some({device}),", row.r#type));
    }
    line(out, "_ => None } }");

    let fixed = |row: FixedRow| {
        let (means, unit) = (means(Some(&row.means)), unit(&row.unit));
        (0..row.count).map(move |n| {
            let scale = row.scale + n.cast_signed();
            let vif = format!(
                "Vif {{ means: {means}, unit: Some({unit}), scale: {scale}, form: IntegerForm::Number }}"
            );
            (usize::from(row.from + n), vif)
        })
    };
    table(out, "FIXED: [Vif; 128]", "Vif::UNKNOWN", file.fixed.into_iter().flat_map(fixed));
}

/// The codes that a pattern such as `0010nnn` stands for, each with its n.
fn codes(pattern: &str) -> impl Iterator<Item = (usize, i8)> + use<> {
    assert_eq!(pattern.len(), 7, "{FILE}: {pattern} does not have seven bits");
    let fixed = pattern.trim_end_matches('n');
    let bits = pattern.len() - fixed.len();
    let high = usize::from_str_radix(fixed, 2)
        .unwrap_or_else(|_| panic!("{FILE}: {pattern} is not a pattern of bits"));
    (0..1_i8 << bits).map(move |n| ((high << bits) + usize::from(n.cast_unsigned()), n))
}

fn table(out: &mut String, head: &str, default: &str, rows: impl Iterator<Item = (usize, String)>) {
    let mut table = vec![None; 128];
    for (code, row) in rows {
        assert!(table[code].is_none(), "{FILE}: {head}: {code:02X} occurs twice");
        table[code] = Some(row);
    }
    line(out, &format!("static {head} = ["));
    for row in table {
        line(out, &format!("{},", row.as_deref().unwrap_or(default)));
    }
    line(out, "];");
}

/// Energies, volumes and powers have words of their own, because only the device type or the direction makes them a
/// quantity. Any other word is a quantity.
fn means(name: Option<&str>) -> String {
    match name {
        None => "Means::Nothing".into(),
        Some(
            "energy" | "volume" | "power" | "reactive-energy" | "reactive-power" | "apparent-energy"
            | "apparent-power",
        ) => variant("Means", name.unwrap_or_default()),
        Some(quantity) => format!("Means::Quantity({})", word("Quantity", quantity, FILE)),
    }
}

fn unit(symbol: &str) -> String {
    word("Unit", symbol, FILE)
}

const FILE: &str = "registers/vif.toml";
