//! Reads and writes the text that keeps [`Certain`] until the page is next opened.

use std::fmt::Write;

use super::{Certain, Clock, Fallen, Step};
use crate::store::MeterKey;

impl Certain {
    /// Returns the text to keep until the page is next opened. Each line begins with a word, which numbers and a
    /// meter's key may follow.
    #[must_use]
    pub fn kept(&self) -> String {
        let mut kept = format!("wall {} {}\n", self.wall, self.creep);
        if let Some(Fallen { high, open }) = self.fallen {
            let _ = writeln!(kept, "fallen {high} {open}");
        }
        for Step { from, lead, open, agreed, against } in &self.steps {
            let against = against.as_ref().map_or("", |meter| meter.0.as_str());
            let _ = writeln!(kept, "step {from} {lead} {open} {agreed} {against}");
        }
        if self.unproved {
            kept.push_str("unproved\n");
        }
        for Clock { meter, known, .. } in &self.meters {
            if let Some(known) = known {
                let _ = writeln!(kept, "meter {known} {}", meter.0);
            }
        }
        kept
    }

    /// Reads a line of the kept text. A number that does not parse counts as zero. A line with an unknown word, a step
    /// without a lead and a meter without a key are ignored.
    pub(super) fn read(&mut self, line: &str) {
        let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
        // The meter's key comes last, because it may look like a number.
        let count = match what {
            "wall" | "fallen" => 2,
            "step" => 4,
            "meter" => 1,
            _ => 0,
        };
        let mut words = rest.splitn(count + 1, ' ');
        let mut numbers = [0; 4];
        for number in numbers.iter_mut().take(count) {
            *number = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        }
        let name = words.next().filter(|name| !name.is_empty()).map(|name| MeterKey(name.to_owned()));
        match (what, numbers, name) {
            ("wall", [wall, creep, ..], _) => (self.wall, self.creep) = (wall, creep),
            ("fallen", [high, open, ..], _) => self.fallen = Some(Fallen { high, open }),
            ("step", [from, lead, open, agreed], against) if lead > 0 => {
                self.steps.push(Step { from, lead, open, agreed, against });
            }
            ("meter", [known, ..], Some(meter)) => {
                self.meters.push(Clock { meter, known: Some(known), heard: None });
            }
            ("unproved", ..) => self.unproved = true,
            _ => {}
        }
    }
}
