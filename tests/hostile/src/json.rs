//! Changes JSON values. The result is still JSON, and mostly of the same type.

use metertap_native::Chance;
use serde_json::{Map, Value, json};

/// Changes this value or one inside it.
pub(crate) fn spoil(value: &mut Value, chance: &mut Chance) {
    let place = chance.place(count(value));
    change(value, place, chance);
}

/// The number of values: this one and all values inside it.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(all) => all.iter().map(count).sum(),
        Value::Object(all) => all.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Changes the value at an index: 0 is this value, and those inside it follow. Returns what is left of the index if
/// there are fewer values.
fn change(value: &mut Value, place: usize, chance: &mut Chance) -> usize {
    if place == 0 {
        *value = changed(value.take(), chance);
        return 0;
    }
    let mut left = place - 1;
    let inside: Vec<&mut Value> = match value {
        Value::Array(all) => all.iter_mut().collect(),
        Value::Object(all) => all.values_mut().collect(),
        _ => Vec::new(),
    };
    for inner in inside {
        let within = count(inner);
        if left < within {
            return change(inner, left, chance);
        }
        left -= within;
    }
    left
}

fn changed(value: Value, chance: &mut Chance) -> Value {
    if chance.is_one_in(8) {
        return of_another_type(chance);
    }
    match value {
        Value::Null => Value::String(string(String::new(), chance)),
        Value::Bool(is) => Value::Bool(!is),
        Value::Number(_) => number(chance),
        Value::String(text) => Value::String(string(text, chance)),
        Value::Array(all) => Value::Array(array(all, chance)),
        Value::Object(all) => Value::Object(object(all, chance)),
    }
}

fn number(chance: &mut Chance) -> Value {
    let numbers = [
        json!(0),
        json!(-1),
        json!(1),
        json!(255),
        json!(65_536),
        json!(i32::MIN),
        json!(u64::from(u32::MAX) + 1),
        json!(1_u64 << 40),
        json!((1_u64 << 53) + 1),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(0.1),
        json!(1e308),
    ];
    chance.one(&numbers).cloned().unwrap_or_default()
}

/// Another text: the old one repeated, extended or reversed, a long one, or one of [`TEXTS`], which have a meaning to
/// some reader of the file.
pub(crate) fn string(text: String, chance: &mut Chance) -> String {
    let replaced = chance.one(&TEXTS).copied().unwrap_or_default();
    match chance.below(6) {
        0 => text.repeat(2),
        1 => text + replaced,
        2 => "a".repeat(1 << chance.below(14)),
        3 => text.chars().rev().collect(),
        _ => replaced.to_owned(),
    }
}

fn array(mut all: Vec<Value>, chance: &mut Chance) -> Vec<Value> {
    let (one, other) = (chance.place(all.len()), chance.place(all.len()));
    match chance.below(4) {
        _ if all.is_empty() => all.push(number(chance)),
        0 => drop(all.remove(one)),
        1 => all.swap(one, other),
        2 => all.insert(other, all[one].clone()),
        _ => (0..chance.below(400)).for_each(|_| all.push(all[one].clone())),
    }
    all
}

fn object(mut all: Map<String, Value>, chance: &mut Chance) -> Map<String, Value> {
    let keys: Vec<String> = all.keys().cloned().collect();
    let (Some(one), Some(other)) = (chance.one(&keys), chance.one(&keys)) else { return all };
    match chance.below(4) {
        0 => drop(all.remove(one)),
        1 => {
            let value = all.get(one).cloned().unwrap_or_default();
            all.insert(other.clone(), value);
        }
        2 => drop(all.insert("__proto__".to_owned(), json!({ "on": true }))),
        _ => {
            let value = all.remove(one).unwrap_or_default();
            all.insert(string(one.clone(), chance), value);
        }
    }
    all
}

fn of_another_type(chance: &mut Chance) -> Value {
    let nested = |depth: u64| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    match chance.below(6) {
        0 => Value::Null,
        1 => json!({}),
        2 => json!([]),
        3 => json!(true),
        4 => nested(1 + chance.below(200)),
        _ => json!("12"),
    }
}

/// Addresses, names of the log's own records, keys, invalid times and numbers, and invisible letters.
pub(crate) const TEXTS: [&str; 28] = [
    "",
    "ws://evil.example/",
    "wss://evil.example:9001/mqtt",
    "ws://127.0.0.1:1/",
    "http://evil.example/",
    "javascript:alert(1)",
    "<img src=x onerror=alert(1)>",
    "unfinished",
    "imports",
    "broker",
    "keys.x",
    "certain-time",
    "x",
    "x+1",
    "+",
    "#/+",
    "../up",
    "\0",
    "\u{202e}evil",
    "\u{feff}",
    "Ünïcødé 🔌",
    "000102030405060708090A0B0C0D0E0F",
    "-9223372036854775808",
    "99999999999999999999999999999999999999999",
    "1e400",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "2026-10-25T02:30:00",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_changed_sometimes() {
        let first = json!({ "a": [1, "x", { "b": true }], "c": null });
        assert_eq!(count(&first), 7);
        let (mut chance, mut seen) = (Chance::new(1), Vec::new());
        for _ in 0..2000 {
            let mut value = first.clone();
            spoil(&mut value, &mut chance);
            seen.push(value);
        }
        assert!(seen.iter().any(|value| value["a"][2]["b"] == false));
        assert!(seen.iter().any(|value| value["c"] != first["c"] && value["a"] == first["a"]));
        assert!(seen.iter().any(|value| !value.is_object()));
    }
}
