//! [`Reader`]: the only place where a session meets ports, clocks and the log.
//!
//! Bytes from a source go through the session into the log, and only readings that are in the log are reported.
//! [`Reader::drain`] keeps the rule of [`metertap_decoder::session`]: it carries out each output before it asks for the
//! next.

mod finding;
mod floor;
mod line_buffer;
mod reporting;
mod watchdog;

use std::pin::pin;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use metertap_decoder::detection::Hints;
use metertap_decoder::error::{DialogueError, Error};
use metertap_decoder::question::Question;
use metertap_decoder::reading::Reading;
use metertap_decoder::session::{Notice, Output, Session, Setup, Span, Stacks};
use metertap_decoder::time::Instant;
use metertap_protocol::{Counts, KeptOctets, SourceState, Trouble};
use metertap_readings::fault::Code;
use metertap_readings::files::capture::Event as Happened;
use metertap_readings::store::MeterKey;

use self::line_buffer::LineBuffer;
use self::watchdog::Watchdog;
use super::source::any::AnySource;
use super::source::{NotOpen, Source, SourceNews};
use crate::clock::{Slices, earlier};
use crate::fact::{Fact, Facts, Read, ReaderChange, Taken};
use crate::platform::Platform;
use crate::protocols::Protocols;
use crate::task::Stop;
use crate::trouble::{crowded, disturbed, is_passing, refused};

pub(super) struct Reader<P: Platform> {
    platform: P,
    facts: Facts<P>,
    protocols: Protocols,
    source: AnySource,
    hearing: Hearing,
    session: Session,
    buffer: LineBuffer,
    watchdog: Watchdog,
    /// When the bytes of a fault were last written to the disk.
    stored: Instant,
    /// How many readings of this meter were stored, without those of other meters on its line.
    readings: u64,
    /// What was counted since the last report.
    counts: Counts,
    /// When the last report was sent.
    told: Instant,
    /// Whether there is something to report.
    untold: bool,
    slices: Slices,
    stop: Stop,
}

pub(super) struct Hearing {
    pub(super) key: MeterKey,
    pub(super) setup: Setup,
    /// How certain it is which meter is plugged in.
    pub(super) known: Knowledge,
    /// Whether to keep trying after the log has failed.
    pub(super) wanted: bool,
    /// Milliseconds between the meter's telegrams, if known.
    pub(super) interval: Option<u32>,
}

/// How certain it is which meter is plugged in.
#[derive(Clone, Copy)]
pub(super) enum Knowledge {
    /// It is known, or must not be detected.
    Surely,
    /// It was detected. We doubt it if only noise arrives.
    Probably(Hints),
    /// It is not known yet.
    Not(Hints),
}

/// Why reading from a source has ended.
enum End {
    Stopped,
    Finished,
    NotOpen(NotOpen),
    /// The source was open and is gone.
    Gone,
    /// The log took no more readings.
    Failed(Trouble),
    /// The port turned out to be another meter's.
    Swapped,
    /// The search of the bus is over.
    Searched,
}

impl<P: Platform> Reader<P> {
    pub(super) fn new(
        platform: P,
        facts: Facts<P>,
        protocols: Protocols,
        source: AnySource,
        hearing: Hearing,
        stop: Stop,
    ) -> Self {
        let began = platform.now();
        Self {
            platform,
            facts,
            protocols,
            source,
            // A placeholder until the line is open.
            session: Session::of(Stacks::P1, Setup::default(), began),
            hearing,
            buffer: LineBuffer::default(),
            watchdog: Watchdog::new(began),
            stored: Instant::default(),
            readings: 0,
            counts: Counts::default(),
            told: began,
            untold: false,
            slices: Slices::default(),
            stop,
        }
    }

    /// Opens the source, reads, and opens the source again after it was lost.
    pub(super) async fn run(mut self) {
        let mut tries = 0;
        loop {
            let readings = self.readings;
            let end = match self.turn().await {
                Err(end) => end,
                Ok(()) => match self.open().await {
                    Ok(()) => self.listen().await,
                    Err(end) => end,
                },
            };
            let lost = matches!(end, End::Gone).then(|| self.source.is_lost());
            self.source.close().await;
            if self.readings > readings {
                tries = 0;
            }
            match end {
                End::Stopped => return self.show(SourceState::Off, None),
                End::Finished => return self.show(SourceState::Done, None),
                // The log may take readings again after a while. A file is not tried again: it would start from its
                // beginning.
                End::Failed(trouble) if is_passing(&trouble.code) && self.hearing.wanted => {
                    self.show(SourceState::Blocked, Some(trouble));
                }
                // Continuing to read would lose readings silently.
                End::Failed(trouble) => return self.show(SourceState::Off, Some(trouble)),
                End::NotOpen(why) => self.show_not_open(&why),
                End::Gone => self.show_not_open(&lost.unwrap_or(NotOpen::Absent)),
                End::Swapped => self.show(SourceState::Opening, None),
                End::Searched => return self.send(ReaderChange::SearchOver),
            }
            self.wait_to_try_again(tries).await;
            if self.stop.is_asked() {
                return self.show(SourceState::Off, None);
            }
            tries += 1;
        }
    }

    async fn listen(&mut self) -> End {
        self.watchdog = Watchdog::new(self.source.now());
        self.send(ReaderChange::Listening);
        if let Err(end) = self.begin().await {
            return end;
        }
        loop {
            let deadline = match self.drain().await {
                Ok(deadline) => deadline,
                Err(end) => return end,
            };
            if self.session.rests() {
                if self.searches() && deadline.is_none() {
                    return End::Searched;
                }
                self.source.leave_floor();
            }
            self.look_around();
            if let Err(end) = self.doubt().await {
                return end;
            }
            let heard = {
                let until = earlier(deadline, self.next_look());
                let asked = pin!(self.stop.asked());
                let heard = pin!(self.source.read_until(until));
                match select(asked, heard).await {
                    Either::Left(_) => return End::Stopped,
                    Either::Right((heard, _)) => heard,
                }
            };
            match heard {
                SourceNews::Octets(bytes) => {
                    self.hear(&bytes);
                    self.slices.piece_is_done(&self.platform).await;
                }
                SourceNews::Nothing if deadline.is_some_and(|deadline| deadline <= self.source.now()) => {
                    if let Err(end) = self.take_floor().await {
                        return end;
                    }
                    self.session.handle_timeout(self.source.now());
                }
                SourceNews::Nothing => {}
                SourceNews::Disturbed(error) => {
                    self.count(|counts| counts.line_errors += 1);
                    if self.watchdog.disturbed(self.source.now()) {
                        self.trouble(disturbed(error, self.platform.moment()));
                    }
                }
                SourceNews::Gone => return End::Gone,
                SourceNews::End => return self.finish(deadline).await,
            }
        }
    }

    /// Begins a session on the line that was just opened. A telegram that was cut off earlier is not continued. A meter
    /// that must be polled is polled at once, since the user may have just plugged it in.
    async fn begin(&mut self) -> Result<(), End> {
        if let Knowledge::Not(hints) = self.hearing.known {
            self.find_out_with(hints).await?;
        } else {
            let setup = self.hearing.setup.clone();
            let stacks = self.protocols.with(setup.stack).await;
            let stacks = stacks.map_err(|_| End::NotOpen(NotOpen::NotFetched))?;
            self.take_floor().await?;
            self.session = Session::of(stacks, setup, self.source.now());
            self.buffer = LineBuffer::default();
        }
        Ok(())
    }

    /// Carries out the session's outputs until it waits for bytes or a deadline. Returns the deadline.
    async fn drain(&mut self) -> Result<Option<Instant>, End> {
        loop {
            match self.session.poll() {
                Output::Wait(deadline) => return Ok(deadline),
                output => self.carry_out(output).await?,
            }
        }
    }

    async fn carry_out(&mut self, output: Output) -> Result<(), End> {
        match output {
            Output::Wait(_) => {}
            Output::Remembered(reading, _) => self.send(ReaderChange::Remembered(reading)),
            Output::Reading(reading, span) => self.hand_over(reading, span).await?,
            Output::Notice(notice) => self.take_note(notice),
            Output::Transmit(bytes) => self.say(bytes).await?,
            Output::Line(line) => self.set_line(line).await?,
        }
        Ok(())
    }

    /// Hands a reading over to the log, and waits until it is stored. A reading that is not stored is not reported.
    async fn hand_over(&mut self, reading: Reading, span: Span) -> Result<(), End> {
        let (received, bytes) = (self.source.moment(), self.buffer.cut(span));
        let (line, named) = (self.hearing.key.clone(), reading.meter.is_some());
        let (done, taken) = oneshot::channel();
        self.facts.tell(Fact::Read(Read { line, reading, received, bytes, done }));
        let taken = match taken.await {
            Ok(Taken::Unwanted) => return Ok(()),
            Ok(Taken::Refused(trouble)) => return Err(End::Failed(trouble)),
            Ok(taken) => taken,
            // The router is gone.
            Err(_) => return Err(End::Stopped),
        };
        self.watchdog.read(self.source.now());
        self.untold = true;
        match taken {
            Taken::Another(owner) => {
                if named {
                    self.source.is_of(&owner);
                }
                return Err(End::Swapped);
            }
            Taken::Own { interval } => {
                self.readings += 1;
                self.hearing.interval = interval;
                if named {
                    self.source.is_of(&self.hearing.key);
                }
            }
            Taken::Guest | Taken::Unwanted | Taken::Refused(_) => {}
        }
        Ok(())
    }

    fn take_note(&mut self, notice: Notice) {
        match notice {
            // In a search, answers that collide are how we learn that there are several meters.
            Notice::Fault(error, _) if self.searches() && !is_reported_by_a_search(&error) => {}
            Notice::Noise(_) if self.searches() => {}
            Notice::Fault(error, span) => {
                let trouble = refused(&error, span, self.platform.moment());
                self.count(|counts| match trouble.code {
                    Code::FrameChecksum => counts.checksum_failures += 1,
                    _ => counts.other_faults += 1,
                });
                if trouble.code.is_of_cipher() {
                    // The line is right, and only the key is missing.
                    self.watchdog.recognised();
                }
                let (code, bytes) = (Some(trouble.code.clone()), self.buffer.cut(span));
                let kept = KeptOctets { at: trouble.at, code, values: None, octets: bytes };
                let on_disk = self.source.now() >= self.stored.after(FAULTS_APART);
                if on_disk {
                    self.stored = self.source.now();
                }
                self.send(ReaderChange::Fault { kept, trouble, on_disk });
                self.untold = true;
            }
            Notice::Noise(span) => {
                self.count(|counts| counts.noise += span.length);
                if let Some(trouble) = self.watchdog.noise(span, self.platform.moment()) {
                    self.trouble(trouble);
                }
            }
            // Users do not need to know about the session's dialogue with the meter.
            Notice::Talk(_) => {}
            Notice::Fetched { done, of } => self.send(ReaderChange::Fetched { done, of }),
            Notice::Found(address, who) => self.send(ReaderChange::Answered(address, who)),
            Notice::Recognised { chosen, address, line } => self.recognised(chosen, address, line),
            Notice::Unrecognised { like, address, line } => self.unrecognised(like, address, line),
            Notice::Crowded(address) => self.trouble(crowded(address, self.platform.moment())),
            Notice::Searched { done, of } => self.send(ReaderChange::Searched { done, of }),
            _ => {}
        }
    }

    /// Whether this reader searches a bus for all its meters.
    fn searches(&self) -> bool {
        self.hearing
            .setup
            .ask
            .as_ref()
            .is_some_and(|ask| matches!(ask.question, Question::Search(..) | Question::Scan(_)))
    }

    fn hear(&mut self, bytes: &[u8]) {
        let now = self.source.now();
        self.buffer.push(bytes);
        self.record(Happened::Heard(bytes.to_vec()));
        self.watchdog.heard(now);
        self.count(|counts| counts.octets += bytes.len() as u64);
        self.session.handle_bytes(now, bytes);
    }

    /// The source is at its end. Lets the session's deadlines pass, since nothing more will arrive.
    async fn finish(&mut self, mut deadline: Option<Instant>) -> End {
        while let Some(over) = deadline {
            self.session.handle_timeout(over);
            deadline = match self.drain().await {
                Ok(next) => next.filter(|next| *next > over),
                Err(end) => return end,
            };
        }
        End::Finished
    }

    /// Waits for the back-off, a change of the source, or the request to stop, whichever comes first.
    async fn wait_to_try_again(&mut self, tries: usize) {
        let pause = BACK_OFF.get(tries).copied().unwrap_or(LONGEST_PAUSE);
        let over = pin!(self.platform.sleep(pause));
        let changed = pin!(self.source.changed());
        let asked = pin!(self.stop.asked());
        select(asked, select(over, changed)).await;
    }
}

/// Whether a search must report this error. Only one master may poll a bus.
const fn is_reported_by_a_search(error: &Error) -> bool {
    matches!(error, Error::Dialogue(DialogueError::AnotherMaster))
}

/// Milliseconds between attempts to open a source.
const BACK_OFF: &[u64] = &[300, 1000, 2000, 5000];
const LONGEST_PAUSE: u64 = 10_000;

/// Milliseconds between two faults whose bytes are written to the disk. A line at the wrong speed has hundreds of
/// faults a second.
const FAULTS_APART: u64 = 1000;
