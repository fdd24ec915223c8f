//! [`MeterLoop`]: the only place where a session meets the world.
//!
//! Octets from a source go through the session into the log, and only what is in the log is told. The drain rule of
//! [`metertap_decoder::session`] is kept by [`MeterLoop::drain`]: each output is carried out before the next is asked for.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use metertap_decoder::detection::{Detection, Hints};
use metertap_decoder::line::Line;
use metertap_decoder::reading::{Reading, TimeSource};
use metertap_decoder::session::{Notice, Output, Session, Setup, Span};
use metertap_decoder::time::Instant;
use metertap_protocol::{Event, KeptOctets, SourceState, Trouble};
use metertap_readings::entry::Entry;
use metertap_readings::fault::Code;
use metertap_readings::files::capture::Event as Happened;
use metertap_readings::log::identities::Identities;
use metertap_readings::store::MeterKey;

use super::desk::Desk;
use super::kept::Heard as HeardOctets;
use super::source::{Heard, NotOpen, Source};
use super::task::Stop;
use super::trouble::{crowded, disturbed, is_of_opening, is_passing, not_kept, refused};
use super::watch::Watch;
use crate::clock::earlier;
use crate::platform::Platform;

/// Reads one meter until it is asked to stop.
pub(crate) struct MeterLoop<P: Platform, S> {
    pub(super) desk: Rc<Desk<P>>,
    pub(super) key: MeterKey,
    pub(super) source: S,
    /// How a session begins.
    pub(super) setup: Setup,
    pub(super) session: Session,
    /// Set while nobody knows what is plugged in.
    hints: Option<Hints>,
    pub(super) heard: HeardOctets,
    /// Whose readings the line has carried.
    identities: Identities,
    pub(super) watch: Watch,
    /// When the octets of a fault were written to the store last.
    kept: Instant,
    /// When the counts were told last, and whether they have changed since.
    pub(super) told: Instant,
    pub(super) untold: bool,
    pub(super) stop: Stop,
}

/// Why a source is no longer listened to.
pub(super) enum End {
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

impl<P: Platform, S: Source> MeterLoop<P, S> {
    /// A loop that has heard nothing yet; with hints it finds out first what is plugged in.
    pub(crate) fn new(
        desk: Rc<Desk<P>>,
        key: MeterKey,
        source: S,
        setup: Setup,
        hints: Option<Hints>,
        stop: Stop,
    ) -> Self {
        let began = desk.platform.now();
        Self {
            desk,
            key,
            source,
            session: Session::new(setup.clone(), began),
            setup,
            hints,
            heard: HeardOctets::default(),
            identities: Identities::default(),
            watch: Watch::new(began),
            kept: Instant::default(),
            told: began,
            untold: false,
            stop,
        }
    }

    /// Opens, listens, and opens again what was lost, until the end.
    pub(crate) async fn run(mut self) {
        let mut tries = 0;
        loop {
            let telegrams = self.telegrams();
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
            if self.telegrams() > telegrams {
                tries = 0;
            }
            match end {
                End::Stopped => return self.show(SourceState::Off, None),
                End::Finished => return self.show(SourceState::Done, None),
                // There may be room again, or a log, in a while; a file would come again from its beginning.
                End::Failed(trouble) if is_passing(&trouble.code) && self.is_wanted() => {
                    self.show(SourceState::Blocked, Some(trouble));
                }
                // Reading on would lose readings and not say so.
                End::Failed(trouble) => return self.show(SourceState::Off, Some(trouble)),
                End::NotOpen(why) => self.show_not_open(&why),
                End::Gone => self.show_not_open(&NotOpen::Absent),
                End::Swapped => self.show(SourceState::Opening, None),
                End::Searched => return self.search_is_over(),
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
        self.watch = Watch::new(self.source.now());
        // What kept the source from opening is over. Other troubles stand until a reading ends them.
        let over = |trouble: &mut Option<Trouble>| drop(trouble.take_if(|t| is_of_opening(&t.code)));
        self.desk.change(&self.key, |meter| {
            over(&mut meter.state.trouble);
            meter.state.source = SourceState::Listening;
        });
        self.tell();
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
                Heard::Octets(octets) => self.hear(&octets),
                Heard::Nothing if deadline.is_some_and(|deadline| deadline <= self.source.now()) => {
                    if let Err(end) = self.take_floor().await {
                        return end;
                    }
                    self.session.handle_timeout(self.source.now());
                }
                Heard::Nothing => {}
                Heard::Disturbed(error) => {
                    self.count(|counts| counts.line_errors += 1);
                    if self.watch.disturbed() {
                        self.trouble(disturbed(error, self.desk.platform.moment()));
                    }
                }
                Heard::Gone => return End::Gone,
                Heard::End => return self.finish(deadline).await,
            }
        }
    }

    /// Begins a conversation on the line that was opened. What was half heard on an earlier one will not go on, and a meter
    /// that must be asked is asked at once, since somebody has just plugged it in.
    async fn begin(&mut self) -> Result<(), End> {
        if let Some(hints) = self.hints {
            let detection = Detection::new(hints, self.setup.clone(), self.source.now());
            self.find_out(detection).await?;
            self.hints = None;
            self.watch = Watch::new(self.source.now());
        } else {
            self.take_floor().await?;
            self.session = Session::new(self.setup.clone(), self.source.now());
            self.heard = HeardOctets::default();
        }
        Ok(())
    }

    /// Waits until nobody else speaks on the line, or until the wish to stop.
    async fn turn(&mut self) -> Result<(), End> {
        let asked = pin!(self.stop.asked());
        let turn = pin!(self.source.wait_turn());
        match select(asked, turn).await {
            Either::Left(_) => Err(End::Stopped),
            Either::Right(_) => Ok(()),
        }
    }

    async fn take_floor(&mut self) -> Result<(), End> {
        self.turn().await?;
        self.source.take_floor().await.map_err(|_| End::Gone)
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

    pub(super) async fn carry_out(&mut self, output: Output) -> Result<(), End> {
        match output {
            Output::Wait(_) => {}
            Output::Reading(reading, span) => self.keep(reading, span).await?,
            Output::Notice(notice) => self.take_note(notice).await,
            Output::Transmit(octets) => self.say(octets).await?,
            Output::Line(line) => self.set_line(line).await?,
        }
        Ok(())
    }

    pub(super) async fn say(&mut self, octets: Vec<u8>) -> Result<(), End> {
        self.source.write(&octets).await.map_err(|_| End::Gone)?;
        self.tape(Happened::Said(octets));
        Ok(())
    }

    pub(super) async fn set_line(&mut self, line: Line) -> Result<(), End> {
        self.source.set_line(line).await.map_err(|_| End::Gone)?;
        self.tape(Happened::Line(line));
        Ok(())
    }

    /// What happens on the line is for whoever records it.
    pub(super) fn tape(&self, happened: Happened) {
        self.desk.tape(&self.key, self.source.moment(), happened);
    }

    /// Log first: nobody hears of a reading that is not kept.
    async fn keep(&mut self, mut reading: Reading, span: Span) -> Result<(), End> {
        let received = self.source.moment();
        let owner = self.desk.owner(&self.key, &reading, &mut self.identities).await;
        let shares = owner != self.key && self.desk.shares_line(&owner, &self.key);
        if shares && self.desk.change(&owner, |meter| meter.state.record.reading) != Some(true) {
            // Nobody wants to read it, and its line is another's.
            return Ok(());
        }
        self.desk.hear_clock(&owner, &reading);
        if reading.time.is_none() {
            reading.time = self.desk.platform.local(received);
            reading.time_source = TimeSource::Received;
        }
        let appended = self.desk.append(&owner, received, &reading).await;
        let seq = appended.map_err(|error| End::Failed(not_kept(&error, self.desk.platform.moment())))?;
        self.watch.read(self.source.now());
        let values = Some(reading.values.len());
        let kept = KeptOctets { at: received, code: None, values, octets: self.heard.cut(span) };
        let entry = Entry { reading, received, seq };
        let news = self.desk.change(&owner, |meter| meter.take(&entry, kept)).unwrap_or_default();
        self.desk.tell(&Event::Reading { meter: owner.clone(), entry: entry.clone() });
        self.desk.forwarding.borrow_mut().appended(&owner, seq);
        self.desk.identify(&owner, &entry).await;
        self.desk.tidy(&owner, received).await;
        if shares {
            if news {
                self.desk.show(&owner);
            }
            self.untold = true;
            return Ok(());
        }
        if entry.reading.meter.is_some() {
            self.source.is_of(&owner);
        }
        if owner != self.key {
            return Err(End::Swapped);
        }
        if news {
            self.tell()
        } else {
            self.untold = true
        }
        Ok(())
    }

    async fn take_note(&mut self, notice: Notice) {
        match notice {
            // Answers that fall on top of each other are how a search tells that there are several.
            Notice::Fault(..) | Notice::Noise(_) if self.searches() => {}
            Notice::Fault(error, span) => {
                let trouble = refused(&error, span, self.desk.platform.moment());
                self.count(|counts| match trouble.code {
                    Code::FrameChecksum => counts.checksum_failures += 1,
                    _ => counts.other_faults += 1,
                });
                let octets = self.heard.cut(span);
                let code = Some(trouble.code.clone());
                let kept = KeptOctets { at: trouble.at, code, values: None, octets };
                if self.source.now() >= self.kept.after(FAULTS_APART) {
                    self.kept = self.source.now();
                    // The fault is told in any case; a store without room refuses the next reading, and that is told.
                    let _ = self.desk.log.keep_octets(&self.key, &kept).await;
                }
                self.desk.change(&self.key, |meter| meter.kept.push(kept));
                self.trouble(trouble);
            }
            Notice::Noise(span) => {
                self.count(|counts| counts.noise += span.length);
                if let Some(trouble) = self.watch.noise(span, self.desk.platform.moment()) {
                    self.trouble(trouble);
                }
            }
            // What is said between questions and answers is for nobody's eyes.
            Notice::Talk(_) => {}
            Notice::Found(address, who) => self.desk.found_on_bus(&self.key, address, who).await,
            Notice::Crowded(address) => self.trouble(crowded(address, self.desk.platform.moment())),
            Notice::Searched { done, of } => self.show_search(done, of),
        }
    }

    fn hear(&mut self, octets: &[u8]) {
        let now = self.source.now();
        self.heard.push(octets);
        self.tape(Happened::Heard(octets.to_vec()));
        self.watch.heard(now);
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
    async fn wait_to_try_again(&self, tries: usize) {
        let pause = BACK_OFF.get(tries).copied().unwrap_or(LONGEST_PAUSE);
        let over = pin!(self.desk.platform.sleep(pause));
        let changed = pin!(self.source.changed());
        let asked = pin!(self.stop.asked());
        select(asked, select(over, changed)).await;
    }

    /// Whether the meter is to be read on, after a restart too.
    fn is_wanted(&self) -> bool {
        self.desk.change(&self.key, |meter| meter.state.record.reading).unwrap_or_default()
    }

    fn telegrams(&self) -> u64 {
        self.desk.change(&self.key, |meter| meter.state.counts.telegrams).unwrap_or_default()
    }

    pub(super) fn interval(&self) -> Option<u32> {
        self.desk.change(&self.key, |meter| meter.state.interval).flatten()
    }
}

/// Milliseconds between tries to open a source.
const BACK_OFF: &[u64] = &[300, 1000, 2000, 5000];
const LONGEST_PAUSE: u64 = 10_000;

/// Milliseconds between two faults whose octets survive a restart: a line at the wrong speed has hundreds a second.
const FAULTS_APART: u64 = 1000;
