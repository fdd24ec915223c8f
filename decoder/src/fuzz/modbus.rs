//! Properties that must hold for the answers of Modbus meters.

use alloc::vec::Vec;

use super::read_from;
use crate::cursor::Cursor;
use crate::dlms::apdu::date_time;
use crate::harmonise::{Known, Origin};
use crate::modbus::{emi, rail};
use crate::rail::{By, Chosen, Profile};
use crate::reading::{Integrity, Protocol};
use crate::time::Zone;

/// Runs stages 4 and 5 of Modbus. The first byte chooses the profile, or Portugal's registers. The address of the first
/// register follows, and one more byte: the number of Portugal's registers, or the function for a profile.
pub fn modbus_answer(bytes: &[u8]) {
    let mut cursor = Cursor::new(bytes);
    let Some([choice, high, low, count]) = cursor.array() else { return };
    let (first, data) = (u16::from_be_bytes([high, low]), cursor.rest());
    let (mut known, mut registers) = (Known::default(), Vec::new());
    let profiles = Profile::all();
    let protocol = match profiles.get(usize::from(choice) % (profiles.len() + 1)) {
        Some(profile) => {
            known.is_on_a_rail(1, Chosen { profile, by: By::Physics });
            rail::registers(profile, (3 + (count & 1), first), data, &mut registers);
            Protocol::Modbus
        }
        None => {
            emi::registers((first, count.into()), data, Zone::default(), date_time, &mut registers);
            Protocol::ModbusEmi
        }
    };
    let (integrity, zone) = (Integrity::Checked, Zone::default());
    read_from(known, Origin { protocol, integrity, announced: None, time: None, zone }, registers);
}
