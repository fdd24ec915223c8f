//! Properties that must hold for telegrams of printed text.

use alloc::vec::Vec;

use super::read;
use crate::harmonise::Known;
use crate::iec62056::readout;
use crate::p1::codes::Codes;
use crate::p1::telegram;
use crate::reading::Protocol;
use crate::tic;
use crate::tic::telegram::Habits;
use crate::time::Zone;

/// Runs stages 4 and 5 of P1.
pub fn p1_telegram(bytes: &[u8]) {
    let mut registers = Vec::new();
    let telegram = telegram::parse(bytes, Zone::default(), &mut Codes::default(), &mut registers);
    let mut known = Known::default();
    known.introduce(telegram.identification);
    read(known, Protocol::P1, None, registers);
}

/// Runs stages 4 and 5 of IEC 62056-21; the first byte states whether the beginning was received.
pub fn iec62056_readout(bytes: &[u8]) {
    let Some((headless, bytes)) = bytes.split_first() else { return };
    let mut registers = Vec::new();
    let readout = readout::parse(bytes, headless & 1 == 1, Zone::default(), &mut registers);
    read(Known::default(), Protocol::Iec62056, readout.time, registers);
}

/// Runs stages 4 and 5 of TIC; the first byte chooses the mode.
pub fn tic_telegram(bytes: &[u8]) {
    let Some((mode, bytes)) = bytes.split_first() else { return };
    let mut registers = Vec::new();
    tic::telegram::parse(bytes, &mut Habits::default(), Zone::default(), &mut registers);
    let protocol = if mode & 1 == 0 { Protocol::TicHistoric } else { Protocol::TicStandard };
    read(Known::default(), protocol, None, registers);
}
