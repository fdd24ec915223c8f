//! Changes backups: frames with their lengths, and a SHA-256 at the end (`files/backup.rs` describes the format).

use metertap_native::Chance;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{bytes, json, row};

/// A frame without its length.
#[derive(Clone, Debug, PartialEq)]
struct Frame {
    kind: u8,
    body: Vec<u8>,
}

/// One of these backups with some of its frames changed, and the SHA-256 computed again.
pub(crate) fn spoilt(backups: &[Vec<u8>], address: &str, chance: &mut Chance) -> Vec<u8> {
    let frames = |chance: &mut Chance| chance.one(backups).map(|backup| frames(backup)).unwrap_or_default();
    let (mut all, others) = (frames(chance), frames(chance));
    for _ in 0..=chance.below(3) {
        change(&mut all, &others, address, chance);
    }
    sealed(&all)
}

/// The frames of a backup, without its end.
fn frames(backup: &[u8]) -> Vec<Frame> {
    let (mut rest, mut frames) = (backup.get(HEAD.len()..).unwrap_or_default(), Vec::new());
    while let Some(([kind, length @ ..], behind)) = rest.split_first_chunk::<5>()
        && *kind != END
    {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let Some((body, behind)) = behind.split_at_checked(length) else { break };
        frames.push(Frame { kind: *kind, body: body.to_vec() });
        rest = behind;
    }
    frames
}

fn sealed(frames: &[Frame]) -> Vec<u8> {
    let mut bytes = HEAD.to_vec();
    let frame = |kind: u8, body: &[u8], bytes: &mut Vec<u8>| {
        bytes.push(kind);
        bytes.extend(u32::try_from(body.len()).unwrap_or_default().to_le_bytes());
        bytes.extend_from_slice(body);
    };
    frames.iter().for_each(|one| frame(one.kind, &one.body, &mut bytes));
    let digest = Sha256::digest(&bytes);
    frame(END, &digest, &mut bytes);
    bytes
}

fn change(all: &mut Vec<Frame>, others: &[Frame], address: &str, chance: &mut Chance) {
    // A backup without a manifest is refused at once, so the manifest is changed less often.
    let place = chance.place(all.len()).max(chance.place(all.len()));
    let other = 1 + chance.place(all.len());
    match chance.below(12) {
        0 if place > 0 => drop(all.remove(place)),
        1 if place > 0 && other < all.len() => all.swap(place, other),
        2 if other < all.len() => all.insert(other, all[place].clone()),
        3 => all.extend(chance.one(others).cloned()),
        4 => all.splice(1..1, others.iter().skip(1).cloned()).for_each(drop),
        5 | 6 => {
            let at = other.min(all.len());
            all.insert(at, invented(all, address, chance));
        }
        7 => {
            let kinds = [1, 2, 3, 4, 5, 6, 7, 8, 255];
            all[place].kind = kinds[chance.place(kinds.len())];
        }
        // Records are few among many rows, but changes of records have more effect.
        8 | 9 => {
            let is_record = |frame: &&mut Frame| !matches!(frame.kind, LOG | ROW);
            let mut records: Vec<&mut Frame> = all.iter_mut().filter(is_record).collect();
            let place = chance.place(records.len());
            if let Some(record) = records.get_mut(place) {
                spoil(record, chance);
            }
        }
        _ => spoil(&mut all[place], chance),
    }
}

/// Changes the content of a frame, but not its kind.
fn spoil(frame: &mut Frame, chance: &mut Chance) {
    match frame.kind {
        LOG => {
            let name = String::from_utf8_lossy(&frame.body).into_owned();
            frame.body = match chance.below(3) {
                0 => name + "+1",
                1 => name.replace("+1", ""),
                _ => json::string(name, chance),
            }
            .into_bytes();
        }
        ROW => spoil_row(&mut frame.body, chance),
        SETTING => spoil_setting(&mut frame.body, chance),
        _ => match serde_json::from_slice::<Value>(&frame.body) {
            Ok(mut value) => {
                json::spoil(&mut value, chance);
                frame.body = value.to_string().into_bytes();
            }
            Err(_) => bytes::damage(&mut frame.body, chance),
        },
    }
}

/// The frame of a row has the shelf and the number before the row.
fn spoil_row(body: &mut Vec<u8>, chance: &mut Chance) {
    let mut row = body.split_off(PLACE.min(body.len()));
    match (chance.below(6), body.as_mut_slice()) {
        (0, [shelf, ..]) => *shelf = u8::try_from(chance.below(6)).unwrap_or_default(),
        (1, [_, number @ ..]) => {
            let numbers = [i64::MIN, -1, 0, 1, 2, 1 << 40, 1 << 53, i64::MAX];
            number.copy_from_slice(&numbers[chance.place(numbers.len())].to_le_bytes());
        }
        _ => row::spoil(&mut row, chance),
    }
    body.extend(row);
}

/// A setting's value is JSON as text.
fn spoil_setting(body: &mut Vec<u8>, chance: &mut Chance) {
    let Ok(mut setting) = serde_json::from_slice::<Value>(body) else { return };
    let inner = setting["value"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    match inner.filter(|_| !chance.is_one_in(4)) {
        Some(mut value) => {
            json::spoil(&mut value, chance);
            setting["value"] = json!(value.to_string());
        }
        None => json::spoil(&mut setting, chance),
    }
    *body = setting.to_string().into_bytes();
}

/// A frame that no house wrote, such as a broker with this address, one of the log's own records as a setting, or a
/// meter that claims to be another meter.
fn invented(all: &[Frame], address: &str, chance: &mut Chance) -> Frame {
    let of_meters = all.iter().filter(|frame| frame.kind == METER);
    let meters = of_meters.filter_map(|frame| serde_json::from_slice::<Value>(&frame.body).ok());
    let meters: Vec<Value> = meters.filter(Value::is_object).collect();
    let mut meter = chance.one(&meters).cloned().unwrap_or_default();
    let key = meter["key"].as_str().unwrap_or("x").to_owned();
    let setting = |name: &str, value: Value| Frame {
        kind: SETTING,
        body: json!({ "name": name, "value": value.to_string() }).to_string().into_bytes(),
    };
    match chance.below(6) {
        0 => setting(
            "broker",
            json!({ "url": address, "user": "u", "password": "p", "base": "meters", "on": true, "from": null }),
        ),
        1 => {
            let names =
                ["unfinished", "imports", "installation", "days-zone", "trials", "writer", "certain-time"];
            setting(names[chance.place(names.len())], json!([key]))
        }
        2 => {
            setting(&format!("keys.{key}"), json!({ "encryption": "FF".repeat(16), "authentication": null }))
        }
        3 => {
            meter["source"] = json!({ "from": "bridge", "url": address, "line": null, "protocol": "p1" });
            (meter["reading"], meter["key"]) = (json!(true), json!(format!("{key}-{}", chance.below(9))));
            Frame { kind: METER, body: meter.to_string().into_bytes() }
        }
        4 => {
            (meter["retention"], meter["key"]) = (json!({ "days": 1 }), json!("x"));
            (meter["origin"], meter["reading"]) = (json!(key), json!(true));
            Frame { kind: METER, body: meter.to_string().into_bytes() }
        }
        _ => {
            let cursor = json!({ "meter": key, "reader": format!("mqtt {address}"), "seq": u64::MAX });
            Frame { kind: CURSOR, body: cursor.to_string().into_bytes() }
        }
    }
}

/// The beginning of a backup of version 1.
const HEAD: &[u8] = b"MTBACKUP\x01";
const END: u8 = 0;
const LOG: u8 = 2;
const ROW: u8 = 3;
const METER: u8 = 4;
const CURSOR: u8 = 5;
const SETTING: u8 = 6;
/// The number of bytes of a row's shelf and number.
const PLACE: usize = 9;

#[cfg(test)]
mod tests {
    use metertap_readings::files::backup::{Reader, Refusal};

    use super::*;
    use crate::House;

    #[test]
    fn a_backup_rebuilt_from_its_frames_is_the_same() {
        for backup in House::begin().written.backups {
            assert_eq!(sealed(&frames(&backup)), backup);
        }
    }

    #[test]
    fn a_changed_backup_has_a_valid_checksum() {
        let backups = House::begin().written.backups;
        let mut chance = Chance::new(1);
        for _ in 0..300 {
            let mut reader = Reader::default();
            reader.push(&spoilt(&backups, "ws://evil.example/", &mut chance));
            let refused = std::iter::from_fn(|| reader.next()).find_map(Result::err);
            assert!(matches!(refused, None | Some(Refusal::Malformed)), "{refused:?}");
        }
    }
}
