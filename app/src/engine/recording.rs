//! [`Tape`]: what went over a meter's line, the last minute of it always, and more while it is being recorded.
//!
//! Recorded is into memory, up to [`LONGEST`] octets; what is saved is a capture in the form of
//! [`metertap_readings::files::capture`], by default without the numbers that the meter is known by.

use std::collections::VecDeque;

use metertap_decoder::cipher::Keys;
use metertap_decoder::identity::identifications;
use metertap_decoder::line::Line;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::capture::{self, Capture, Event as Happened, Head, Redaction, Timed, redacted};
use metertap_readings::store::{MeterKey, SourceRecord};
use wasm_bindgen::JsValue;

use super::desk::Desk;
use super::trouble::trouble;
use crate::browser::file_save::{FileSave, SaveError};
use crate::protocol::{Event, Recorded};

/// The newest of what happened on a line.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    happened: VecDeque<(Moment, Happened)>,
    /// Octets in it.
    octets: usize,
    /// How the line was set before the first of it.
    line: Option<Line>,
    /// Since when it is being recorded.
    since: Option<Moment>,
}

impl Tape {
    /// Takes what happens now; whether there was room for it.
    fn put(&mut self, at: Moment, event: Happened) -> bool {
        let count = count(&event);
        if self.since.is_some() && self.octets + count > LONGEST {
            return false;
        }
        self.octets += count;
        match (self.happened.back_mut(), event) {
            (Some((last, Happened::Heard(heard))), Happened::Heard(octets)) if *last == at => {
                heard.extend(octets);
            }
            (_, event) => self.happened.push_back((at, event)),
        }
        if self.since.is_none() {
            let is_old = |happened: &Moment| happened.0 < at.0 - MINUTE;
            while self.octets > IN_PASSING || self.happened.front().is_some_and(|(at, _)| is_old(at)) {
                self.let_go();
            }
        }
        true
    }

    fn let_go(&mut self) {
        let Some((_, event)) = self.happened.pop_front() else { return };
        self.octets -= count(&event);
        if let Happened::Line(line) = event {
            self.line = Some(line);
        }
    }

    /// Records from now on, or not any more.
    fn record(&mut self, since: Option<Moment>) {
        if since.is_some() {
            while !self.happened.is_empty() {
                self.let_go();
            }
        }
        self.since = since;
    }

    fn recorded(&self) -> Recorded {
        Recorded { since: self.since, octets: self.octets as u64, note: None }
    }

    /// As a file has it.
    fn captured(&self) -> Capture {
        let began = self.since.or(self.happened.front().map(|(at, _)| *at));
        let first = began.unwrap_or_default().0;
        let timed = |(at, event): &(Moment, Happened)| {
            // A clock that was set back must not make a line earlier than the one above.
            Timed { at: u64::try_from(at.0 - first).unwrap_or_default(), event: event.clone() }
        };
        let mut events: Vec<Timed> = self.happened.iter().map(timed).collect();
        let mut latest = 0;
        for timed in &mut events {
            latest = timed.at.max(latest);
            timed.at = latest;
        }
        Capture { head: Head { began, line: self.line, ..Head::default() }, events }
    }
}

impl Desk {
    /// Takes what happens on a meter's line.
    pub(crate) fn tape(&self, meter: &MeterKey, at: Moment, event: Happened) {
        self.change(meter, |meter| {
            let note = meter.state.recorded.note.take();
            let has_room = meter.tape.put(at, event);
            let full = (!has_room).then(|| Code::CaptureFull);
            meter.state.recorded = Recorded { note: full.or(note), ..meter.tape.recorded() };
        });
    }

    /// Starts or ends recording what goes over a meter's line.
    pub(crate) fn record(&self, meter: &MeterKey, since: Option<Moment>) {
        self.change(meter, |meter| {
            let note = meter.state.recorded.note.take().filter(|_| since.is_none());
            meter.tape.record(since);
            meter.state.recorded = Recorded { note, ..meter.tape.recorded() };
        });
        self.show(meter);
    }

    /// Answers [`Command::SaveCapture`](crate::protocol::Command::SaveCapture): a file beside an event.
    pub(crate) async fn save_capture(&self, meter: &MeterKey, whole: bool) {
        let Some((capture, note)) = self.captured(meter, whole) else { return };
        match file(&capture).await {
            Ok(Some(blob)) => {
                self.change(meter, |meter| meter.state.recorded.note = note);
                self.tell_with(&Event::Captured { meter: meter.clone() }, &blob);
            }
            Ok(None) => {}
            Err(error) => {
                let unsaved = trouble(Code::CaptureUnsaved, error.name);
                self.change(meter, |meter| meter.state.trouble = Some(unsaved));
            }
        }
        self.show(meter);
    }

    /// What was recorded of a meter, and what there is to know about it.
    fn captured(&self, meter: &MeterKey, whole: bool) -> Option<(Capture, Option<Code>)> {
        let zone = self.zone.get();
        let mut known = self.known_on_line(meter);
        self.change(meter, |meter| {
            let mut capture = meter.tape.captured();
            let keys = meter.keys_in_use();
            let stack = meter.stack();
            capture.head.protocol = stack.map(Stack::protocol);
            let setup = Setup { stack: stack.unwrap_or_default(), keys: keys.clone(), zone, ask: None };
            if whole {
                capture.head.keys = keys;
                return (capture, None);
            }
            let newest = meter.state.newest.iter().flat_map(|entry| identifications(&entry.reading));
            known.extend(newest);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let (capture, left_out) = redacted(&capture, &setup, &known);
            let note = match (capture.head.redaction, left_out) {
                (Redaction::Blind, _) => Some(Code::CaptureBlind),
                (_, 1..) => Some(Code::CaptureLeftOut),
                _ => None,
            };
            (capture, note)
        })
    }
}

impl super::meter::Meter {
    /// The protocol of its line, where that is known.
    fn stack(&self) -> Option<Stack> {
        let spoken = self.state.record.source.spoken().and_then(|spoken| spoken.protocol);
        let read = self.state.newest.last().map(|entry| entry.reading.protocol);
        read.or(spoken).and_then(Stack::of_protocol)
    }

    /// The keys that open its telegrams; those of a simulated meter are nobody's secret.
    fn keys_in_use(&self) -> Keys {
        let simulated = match &self.state.record.source {
            SourceRecord::Simulated { model, .. } => metertap_simulator::Model::named(model),
            _ => None,
        };
        match simulated.and_then(metertap_simulator::Model::keys) {
            Some(keys) => Keys { encryption: Some(keys.encryption), authentication: keys.authentication },
            None => self.keys.clone(),
        }
    }
}

/// The capture as a file, written a line at a time.
async fn file(capture: &Capture) -> Result<Option<JsValue>, SaveError> {
    let file = FileSave::in_memory();
    file.write(capture::head(&capture.head).as_bytes()).await?;
    for timed in &capture.events {
        file.write(capture::event(timed).as_bytes()).await?;
    }
    Ok(file.finish("text/plain").await?.map(JsValue::from))
}

fn count(event: &Happened) -> usize {
    match event {
        Happened::Heard(octets) | Happened::Said(octets) => octets.len(),
        Happened::Line(_) => 0,
    }
}

/// Octets of the longest recording: two hours of a Dutch meter, a day of a Norwegian one.
const LONGEST: usize = 8 * 1024 * 1024;
/// Octets that are held while nobody records.
const IN_PASSING: usize = 64 * 1024;
/// In milliseconds.
const MINUTE: i64 = 60_000;
