//! Stage 4 of TIC: the groups of a frame → registers.

use alloc::vec::Vec;
use core::ops::Range;

use smol_str::SmolStr;

use super::frame::groups;
use super::group::{Group, Rule};
use super::moment::{date, moment};
use crate::error::{Flaw, FrameError};
use crate::label::{self, Form, Label};
use crate::number::Number;
use crate::register::{Printed, RawUnit, Register, RegisterId, Value};
use crate::time::Zone;

/// What earlier frames on the line have shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Habits {
    rule: Option<Rule>,
    pub(crate) address: Option<SmolStr>,
}

/// The content of a frame, besides its registers.
#[derive(Debug, PartialEq)]
pub(crate) struct Telegram {
    pub(crate) rule: Rule,
    /// Invalid groups, and their positions.
    pub(crate) damaged: Vec<(FrameError, Range<usize>)>,
}

/// Parses a frame: one register for each valid group, in order. If a group occurs a second time, it replaces the first
/// group: the end of one frame and the beginning of the next were lost between the two.
pub(crate) fn parse(
    characters: &[u8],
    habits: &mut Habits,
    zone: Zone,
    registers: &mut Vec<Register>,
) -> Telegram {
    let rule = habits.rule(characters);
    let mut telegram = Telegram { rule, damaged: Vec::new() };
    for (at, text) in groups(characters) {
        match rule.read(text).and_then(|group| habits.register(rule, group, zone)) {
            Ok(register) => {
                registers.retain(|earlier| earlier.id != register.id);
                registers.push(register);
            }
            Err(error) => telegram.damaged.push((error, at..at + text.len())),
        }
    }
    telegram
}

impl Habits {
    /// The rule of a frame is the rule of the earlier frames. It changes only if no group is valid by it, and at least
    /// two groups, or all groups, are valid by another rule. One of 64 invalid groups is valid by chance.
    fn rule(&mut self, characters: &[u8]) -> Rule {
        let holds = |rule: Rule| groups(characters).any(|(_, text)| rule.read(text).is_ok());
        if let Some(rule) = self.rule.filter(|rule| holds(*rule)) {
            return rule;
        }
        let held = |rule: Rule| groups(characters).filter(|(_, text)| rule.read(text).is_ok()).count();
        let most = Rule::ALL.into_iter().rev().max_by_key(|rule| held(*rule)).unwrap_or(Rule::First);
        let count = held(most);
        let convinces = count >= 2 || count > 0 && count == groups(characters).count();
        if convinces {
            self.rule = Some(most);
        }
        self.rule.unwrap_or(most)
    }

    fn register(&mut self, rule: Rule, group: Group<'_>, zone: Zone) -> Result<Register, FrameError> {
        let malformed = FrameError::Malformed(Flaw::Group);
        let name = Printed::new(group.label).ok_or(malformed)?;
        let Some(label) = rule.mode().label(group.label) else {
            // A label of the other mode has other separators; a label that is nearly a known one was damaged.
            let mode = rule.mode();
            let is_wrong = mode.other().label(group.label).is_some() || mode.nearly_has(group.label);
            return unknown(rule, name, group.data, zone).filter(|_| !is_wrong).ok_or(malformed);
        };
        let (time, data) = match group.data.iter().position(|byte| *byte == rule.separator()) {
            Some(end) if label.has_moment => {
                let (stamp, behind) = group.data.split_at_checked(end).ok_or(malformed)?;
                (moment(stamp, zone).ok_or(malformed)?, behind.get(1..).unwrap_or_default())
            }
            _ if label.has_moment => return Err(malformed),
            _ => (None, group.data),
        };
        if !label.fits(data) {
            return Err(malformed);
        }
        let text = text(data).ok_or(malformed)?;
        let (value, time) = match label.form() {
            Form::Digits if label.unit.is_some() || label.by_type => {
                (Value::Number(Number::from_ascii(data).ok_or(malformed)?), time)
            }
            Form::Digits | Form::Hex | Form::Code | Form::Text => (Value::Text(text), time),
            Form::Date => (Value::Text(text), date(data, zone).ok_or(malformed)?),
            Form::Moment => (Value::Text(self::text(group.data).ok_or(malformed)?.trim_end().into()), time),
        };
        if label.is_address() {
            self.address = str::from_utf8(data).ok().map(SmolStr::new);
        }
        Ok(Register { id: RegisterId::Tic(name), value, unit: self.unit(label), time })
    }

    /// The unit of a label, if the type of the meter decides it; all other units are in the table.
    fn unit(&self, label: &Label) -> RawUnit {
        let peak = || label::type_of(self.address.as_deref()?)?.peak;
        if label.by_type { peak().map_or(RawUnit::None, RawUnit::printed) } else { RawUnit::None }
    }
}

/// Reads a group whose label is in no table. Meters above 36 kVA print the unit after the number.
fn unknown(rule: Rule, name: Printed, data: &[u8], zone: Zone) -> Option<Register> {
    let stamped = data.iter().position(|byte| *byte == rule.separator()).and_then(|end| {
        let (stamp, behind) = data.split_at_checked(end)?;
        Some((moment(stamp, zone)?, behind.get(1..)?))
    });
    let (time, data) = stamped.unwrap_or((None, data));
    let id = RegisterId::Tic(name);
    let measured = Number::at_start(data).and_then(|(number, length)| {
        let unit = str::from_utf8(data.get(length..)?).ok().filter(|unit| UNITS.contains(unit))?;
        Some(Register { id, value: Value::Number(number), unit: RawUnit::printed(unit), time })
    });
    let text = || Some(Register { id, value: Value::Text(text(data)?), unit: RawUnit::None, time });
    measured.or_else(text)
}

fn text(data: &[u8]) -> Option<SmolStr> {
    str::from_utf8(data).ok().map(SmolStr::new)
}

/// The units that meters above 36 kVA print (Enedis-NOI-CPT_02E).
const UNITS: [&str; 11] = ["Wh", "kWh", "varh", "kvarh", "VAh", "kVAh", "W", "kW", "kVA", "kvar", "V"];
