//! [`Reader`]: the only place where a session meets the world.
//!
//! Octets from a source go through the session into the log, and only what is in the log is told. The drain rule of
//! [`metertap_decoder::session`] is kept by [`Reader::drain`]: each output is carried out before the next is asked for.

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

/// Reads one meter until it is asked to stop.
pub(super) struct Reader<P: Platform> {
    platform: P,
    facts: Facts<P>,
    protocols: Protocols,
    source: AnySource,
    hearing: Hearing,
    session: Session,
    buffer: LineBuffer,
    watchdog: Watchdog,
    /// When the octets of a fault were written to the store last.
    stored: Instant,
    /// How many readings of this meter's own were kept.
    readings: u64,
    /// What was counted since it was told last, when that was, and whether there is anything to tell.
    counts: Counts,
    told: Instant,
    untold: bool,
    slices: Slices,
    stop: Stop,
}

/// Who is heard, and how.
pub(super) struct Hearing {
    pub(super) key: MeterKey,
    /// How a session begins.
    pub(super) setup: Setup,
    /// Whether it is known what is plugged in.
    pub(super) known: Knowledge,
    /// Whether it is to be read on after the log has failed.
    pub(super) wanted: bool,
    /// How often the meter speaks, in milliseconds, where that is known.
    pub(super) interval: Option<u32>,
}

/// Whether it is known what is plugged in.
#[derive(Clone, Copy)]
pub(super) enum Knowledge {
    /// It is, or it is not ours to find out.
    Surely,
    /// It was found out, and is doubted where nothing but noise comes of it.
    Probably(Hints),
    /// Not yet.
    Not(Hints),
}

/// Why a source is no longer listened to.
enum End {
    /// As asked.
    Stopped,
    /// It said all.
    Finished,
    /// It did not open.
    NotOpen(NotOpen),
    /// It was open and is gone.
    Gone,
    /// The log took no more.
    Failed(Trouble),
    /// It turned out to be another meter's.
    Swapped,
    /// All meters on the bus were looked for.
    Searched,
}

impl<P: Platform> Reader<P> {
    /// One that has heard nothing yet; with hints it finds out first what is plugged in.
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
            // Until the line is open.
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

    /// Opens, listens, and opens again what was lost, until the end.
    pub(super) async fn run(mut self) {
        let mut tries = 0;
        loop {
            let readings = self.readings;
            let end = match self.turn().await {
                Err(end) => end,
                Ok(()) => match self.source.open().await {
                    Ok(()) => self.listen().await,
                    Err(why) => End::NotOpen(why),
                },
            };
            if matches!(end, End::Gone) {
                self.source.is_lost();
            }
            self.source.close().await;
            if self.readings > readings {
                tries = 0;
            }
            match end {
                End::Stopped => return self.show(SourceState::Off, None),
                End::Finished => return self.show(SourceState::Done, None),
                // There may be room again, or a log, in a while; a file would come again from its beginning.
                End::Failed(trouble) if is_passing(&trouble.code) && self.hearing.wanted => {
                    self.show(SourceState::Blocked, Some(trouble));
                }
                // Reading on would lose readings and not say so.
                End::Failed(trouble) => return self.show(SourceState::Off, Some(trouble)),
                End::NotOpen(why) => self.show_not_open(&why),
                End::Gone => self.show_not_open(&NotOpen::Absent),
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

    /// Listens to an open source.
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
                SourceNews::Octets(octets) => {
                    self.hear(&octets);
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

    /// Begins a conversation on the line that was opened. What was half heard on an earlier one will not go on, and a meter
    /// that must be asked is asked at once, since somebody has just plugged it in.
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

    /// Carries out what the session wants, until it wants nothing but octets or its deadline.
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
            Output::Transmit(octets) => self.say(octets).await?,
            Output::Line(line) => self.set_line(line).await?,
        }
        Ok(())
    }

    /// Log first: nobody hears of a reading that is not kept, and nothing is heard on before it is.
    async fn hand_over(&mut self, reading: Reading, span: Span) -> Result<(), End> {
        let (received, octets) = (self.source.moment(), self.buffer.cut(span));
        let (line, named) = (self.hearing.key.clone(), reading.meter.is_some());
        let (done, taken) = oneshot::channel();
        self.facts.tell(Fact::Read(Read { line, reading, received, octets, done }));
        let taken = match taken.await {
            Ok(Taken::Unwanted) => return Ok(()),
            Ok(Taken::Refused(trouble)) => return Err(End::Failed(trouble)),
            Ok(taken) => taken,
            // There is nobody to read for any more.
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
            // Answers that fall on top of each other are how a search tells that there are several.
            Notice::Fault(error, _) if self.searches() && !is_told_of_a_search(&error) => {}
            Notice::Noise(_) if self.searches() => {}
            Notice::Fault(error, span) => {
                let trouble = refused(&error, span, self.platform.moment());
                self.count(|counts| match trouble.code {
                    Code::FrameChecksum => counts.checksum_failures += 1,
                    _ => counts.other_faults += 1,
                });
                if trouble.code.is_of_cipher() {
                    // Nothing but a key is missing.
                    self.watchdog.recognised();
                }
                let (code, octets) = (Some(trouble.code.clone()), self.buffer.cut(span));
                let octets = KeptOctets { at: trouble.at, code, values: None, octets };
                let on_disk = self.source.now() >= self.stored.after(FAULTS_APART);
                if on_disk {
                    self.stored = self.source.now();
                }
                self.send(ReaderChange::Fault { octets, trouble, on_disk });
                self.untold = true;
            }
            Notice::Noise(span) => {
                self.count(|counts| counts.noise += span.length);
                if let Some(trouble) = self.watchdog.noise(span, self.platform.moment()) {
                    self.trouble(trouble);
                }
            }
            // What is said between questions and answers is for nobody's eyes.
            Notice::Talk(_) => {}
            Notice::Fetched { done, of } => self.send(ReaderChange::Fetched { done, of }),
            Notice::Found(address, who) => self.send(ReaderChange::Answered(address, who)),
            Notice::Recognised { chosen, address, line } => self.recognised(chosen, address, line),
            Notice::Unrecognised { like, address, line } => self.unrecognised(like, address, line),
            Notice::Crowded(address) => self.trouble(crowded(address, self.platform.moment())),
            Notice::Searched { done, of } => self.send(ReaderChange::Searched { done, of }),
        }
    }

    /// Whether all meters on a bus are looked for.
    fn searches(&self) -> bool {
        self.hearing
            .setup
            .ask
            .as_ref()
            .is_some_and(|ask| matches!(ask.question, Question::Search(..) | Question::Scan(_)))
    }

    fn hear(&mut self, octets: &[u8]) {
        let now = self.source.now();
        self.buffer.push(octets);
        self.record(Happened::Heard(octets.to_vec()));
        self.watchdog.heard(now);
        self.count(|counts| counts.octets += octets.len() as u64);
        self.session.handle_octets(now, octets);
    }

    /// The source has said all: what the session still waits for will not come.
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

    /// Waits for the back-off, a change of the source, or the wish to stop, whichever is first.
    async fn wait_to_try_again(&mut self, tries: usize) {
        let pause = BACK_OFF.get(tries).copied().unwrap_or(LONGEST_PAUSE);
        let over = pin!(self.platform.sleep(pause));
        let changed = pin!(self.source.changed());
        let asked = pin!(self.stop.asked());
        select(asked, select(over, changed)).await;
    }
}

/// Only one may ask on a bus.
const fn is_told_of_a_search(error: &Error) -> bool {
    matches!(error, Error::Dialogue(DialogueError::AnotherMaster))
}

/// Milliseconds between tries to open a source.
const BACK_OFF: &[u64] = &[300, 1000, 2000, 5000];
const LONGEST_PAUSE: u64 = 10_000;

/// Milliseconds between two faults whose octets survive a restart: a line at the wrong speed has hundreds a second.
const FAULTS_APART: u64 = 1000;
