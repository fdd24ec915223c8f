//! Changes readings as JSON Lines.

use metertap_native::Chance;
use serde_json::Value;

use crate::json;

/// The file with some of its lines changed.
pub(crate) fn spoilt(text: &str, chance: &mut Chance) -> Vec<u8> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=chance.below(4) {
        // The first line decides whether a file is accepted, so it is changed less often.
        let place = chance.place(lines.len()).max(chance.place(lines.len()));
        let other = chance.place(lines.len());
        let Some(line) = lines.get_mut(place) else { break };
        match chance.below(10) {
            0 => drop(lines.remove(place)),
            1 => lines.swap(place, other),
            2 => lines.insert(other, lines[place].clone()),
            3 => *line = json::string(line.clone(), chance),
            4 => line.truncate(line.char_indices().nth(chance.place(line.len())).map_or(0, |(at, _)| at)),
            _ => {
                if let Ok(mut value) = serde_json::from_str::<Value>(line) {
                    json::spoil(&mut value, chance);
                    *line = value.to_string();
                }
            }
        }
    }
    let end = ["\n", "\r\n", "\n\n"][chance.place(3)];
    lines.join(end).into_bytes()
}
