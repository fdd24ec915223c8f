//! A port about which nothing is known: the [`Reader`] runs a [`Detection`] before its session begins.

use std::pin::pin;

use futures_util::future::{Either, select};
use metertap_decoder::address::Address;
use metertap_decoder::detection::{Attempt, Clue, Detection, Evidence, Found, Hints};
use metertap_decoder::line::Line;
use metertap_decoder::question::Question;
use metertap_decoder::rail::{Choice, Chosen, Profile};
use metertap_decoder::reading::Protocol;
use metertap_decoder::session::Setup;
use metertap_decoder::time::Instant;
use metertap_protocol::{Trying, Unrecognised};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::Event as Happened;
use metertap_readings::store::LineSettings;

use super::line_buffer::LineBuffer;
use super::watchdog::Watchdog;
use super::{End, Knowledge, Reader};
use crate::clock::earlier;
use crate::fact::ReaderChange;
use crate::platform::{LineError, Platform};
use crate::readers::setup::asked_every;
use crate::readers::source::{NotOpen, Source, SourceNews};
use crate::trouble::{not_found, trouble};

impl<P: Platform> Reader<P> {
    pub(super) async fn find_out_with(&mut self, hints: Hints) -> Result<(), End> {
        let setup = Setup { ask: None, ..self.hearing.setup.clone() };
        let stacks = self.protocols.all().await.map_err(|_| End::NotOpen(NotOpen::NotFetched))?;
        self.find_out(Detection::among(stacks, hints, setup, self.source.now())).await?;
        self.hearing.known = Knowledge::Probably(hints);
        self.watchdog = Watchdog::new(self.source.now());
        Ok(())
    }

    /// Detects the meter again if only noise has arrived for a long time: another meter was plugged in, or the
    /// detection was wrong. The settings of the port stay until something else is found.
    pub(super) async fn doubt(&mut self) -> Result<(), End> {
        let Knowledge::Probably(hints) = self.hearing.known else { return Ok(()) };
        if self.doubted_at().is_none_or(|doubted| self.source.now() < doubted) {
            return Ok(());
        }
        self.trouble(trouble(Code::PortDoubted, "", self.platform.moment()));
        self.find_out_with(hints).await
    }

    pub(super) fn doubted_at(&self) -> Option<Instant> {
        let may_be = matches!(self.hearing.known, Knowledge::Probably(_));
        self.watchdog.doubt(self.hearing.interval, self.hearing.setup.stack.is_switched()).filter(|_| may_be)
    }

    /// Runs the detection until one of its sessions makes a reading. The reader then continues with that session.
    async fn find_out(&mut self, mut detection: Detection) -> Result<(), End> {
        let mut answered = false;
        loop {
            let deadline = match self.follow(&mut detection, &mut answered).await? {
                Next::Wait(deadline) => deadline,
                Next::Found(found) => return self.go_on_with(*found).await,
            };
            self.report_what_is_due();
            let heard = {
                let asked = pin!(self.stop.asked());
                let heard = pin!(self.source.read_until(earlier(deadline, self.next_report())));
                match select(asked, heard).await {
                    Either::Left(_) => return Err(End::Stopped),
                    Either::Right((heard, _)) => heard,
                }
            };
            match heard {
                SourceNews::Octets(bytes) => {
                    self.buffer.push(&bytes);
                    self.record(Happened::Heard(bytes.clone()));
                    self.count(|counts| counts.octets += bytes.len() as u64);
                    detection.handle_bytes(self.platform.now(), &bytes);
                    self.slices.piece_is_done(&self.platform).await;
                }
                SourceNews::Nothing => detection.handle_timeout(self.platform.now()),
                SourceNews::Disturbed(error) => {
                    self.count(|counts| counts.line_errors += 1);
                    if matches!(error, LineError::Framing | LineError::Parity) {
                        detection.handle_disturbance(self.platform.now());
                    }
                }
                SourceNews::Gone => return Err(End::Gone),
                SourceNews::End => return Err(End::Finished),
            }
        }
    }

    /// Carries out the outputs of the detection. `answered` notes that a meter has answered that the user must
    /// identify. The end of such a round is not reported as an error.
    async fn follow(&mut self, detection: &mut Detection, answered: &mut bool) -> Result<Next, End> {
        loop {
            match detection.poll() {
                Clue::Wait(deadline) => return Ok(Next::Wait(deadline)),
                Clue::Found(found) => return Ok(Next::Found(found)),
                Clue::Trying(attempt) => {
                    // Spans are counted from the first byte of a session.
                    self.buffer = LineBuffer::default();
                    self.show_trying(Some(attempt));
                }
                Clue::Unrecognised { like, address, line } => {
                    *answered = true;
                    self.unrecognised(like, address, line);
                }
                Clue::Nothing(_) if std::mem::take(answered) => {}
                Clue::Nothing(evidence) => self.tell_nothing(&evidence),
                Clue::Line(line) => self.set_line(line).await?,
                Clue::Transmit(bytes) => self.say(bytes).await?,
            }
        }
    }

    /// Continues with the session that was found, and reports its settings, which are kept with the meter.
    async fn go_on_with(&mut self, found: Found) -> Result<(), End> {
        let Found { setup, line, session, first } = found;
        self.session = session;
        self.show_trying(None);
        let (protocol, asked) = (Some(setup.stack.protocol()), setup.ask.as_ref());
        let every = asked.map(asked_every);
        let spoken =
            LineSettings { line: Some(line), protocol, asked: asked.is_some(), ..LineSettings::default() };
        let spoken = match (&setup.profile, asked.map(|ask| &ask.question)) {
            (Some(chosen), Some(Question::Rail(rail))) => on_a_rail(chosen, rail.address, line),
            _ => spoken,
        };
        self.hearing.interval = every.or(self.hearing.interval);
        self.send(ReaderChange::Found(spoken, every));
        self.hearing.setup = setup;
        self.carry_out(first).await
    }

    fn show_trying(&mut self, attempt: Option<Attempt>) {
        let trying = attempt.map(|attempt| match attempt {
            Attempt::Listen(line) => Trying::Listen { line },
            Attempt::Ask(stack) => Trying::Ask { protocol: stack.protocol() },
        });
        self.send(ReaderChange::Trying(trying));
    }

    /// A Modbus meter was recognised on a bus: reports its profile, which is kept with the meter.
    pub(super) fn recognised(&mut self, chosen: Chosen, address: u8, line: Line) {
        self.hearing.setup.profile = Some(chosen.into());
        self.send(ReaderChange::Found(on_a_rail(&chosen.into(), address, line), self.hearing.interval));
    }

    /// A Modbus meter answers, and the user must say which model it is.
    pub(super) fn unrecognised(&mut self, like: Option<&'static Profile>, address: u8, line: Line) {
        let like = like.map(|profile| (profile.name.to_owned(), profile.title.to_owned()));
        self.send(ReaderChange::Unrecognised(Unrecognised { like, address, line }));
    }

    fn tell_nothing(&mut self, evidence: &Evidence) {
        self.trouble(not_found(evidence, self.platform.moment()));
    }
}

fn on_a_rail(chosen: &Choice, address: u8, line: Line) -> LineSettings {
    LineSettings {
        line: Some(line),
        protocol: Some(Protocol::Modbus),
        asked: true,
        address: Some(Address::Primary(address)),
        profile: chosen.name.to_string(),
        profile_by: chosen.by,
        ..LineSettings::default()
    }
}

/// The deadline that the detection waits for, or what it has found.
enum Next {
    Wait(Option<Instant>),
    Found(Box<Found>),
}
