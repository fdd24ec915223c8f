//! An SML meter that sends its list only on request, as EasyMeter's Q3C does.

use metertap_decoder::crc::crc16_x25;
use metertap_decoder::line::Line;

use super::Said;
use crate::household::Household;
use crate::truth::Truth;

/// Builds the list that a household's meter sends at a moment, given in milliseconds since 1970-01-01T00:00:00Z.
type List = fn(&Household, i64) -> (Vec<u8>, Truth);

#[derive(Clone, Debug)]
pub(super) struct Server {
    list: List,
    household: Household,
    heard: Vec<u8>,
}

impl Server {
    pub(super) fn new(list: List, household: Household) -> Self {
        Self { list, household, heard: Vec::new() }
    }

    pub(super) fn hear(&mut self, now: u64, moment: i64, bytes: &[u8]) -> Option<Said> {
        self.heard.extend_from_slice(bytes);
        let end = position(&self.heard, &END)? + END.len() + 3;
        if self.heard.len() < end {
            return None;
        }
        let heard: Vec<u8> = self.heard.drain(..end).collect();
        let file = heard.get(position(&heard, &START)?..)?;
        let (file, check) = file.split_last_chunk::<2>()?;
        if crc16_x25(file).to_le_bytes() != *check || position(file, &GET_LIST).is_none() {
            return None;
        }
        let (bytes, truth) = (self.list)(&self.household, moment);
        Some(Said { at: now + REACTION, line: Line::INFRARED, bytes, truth: Some(truth) })
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

const START: [u8; 8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1];
const END: [u8; 5] = [0x1B, 0x1B, 0x1B, 0x1B, 0x1A];
/// The body of an SML_GetList.Req (SML 1.04, clause 5.1.15).
const GET_LIST: [u8; 6] = [0x72, 0x65, 0, 0, 7, 0];
/// Milliseconds that the meter takes to answer.
const REACTION: u64 = 200;
