//! A stack whose meter must be asked: runs the dialogue's steps against the clock, and decodes the answers with the
//! same stages as when listening.
//!
//! There is one deadline at a time. While an answer arrives, the deadline moves, as long as the begun frame may
//! continue. After a damaged answer, the line must be quiet before anything is sent again. Comparison with the bytes
//! sent separates the optical head's echo from answers.

use alloc::vec::Vec;

use super::{Common, Pipe, Stages};
use crate::dialogue::{Dialogue, Step, Verdict, Word};
use crate::error::{DialogueError, Error, FrameError};
use crate::frame::{Deframe, Heard};
use crate::line::Line;
use crate::notice::Notice;
use crate::output::Output;
use crate::question::Ask;
use crate::schedule::Schedule;
use crate::span::Span;
use crate::time::{Instant, Zone};

#[derive(Debug)]
pub(super) struct Asked<S: Stages, D> {
    deframer: S::Deframer,
    stages: S,
    dialogue: D,
    rounds: Rounds,
    waiting: Waiting,
    /// The line setting that was last output.
    line: Option<Line>,
    /// When everything sent has left the port.
    left: Instant,
    echo: Echo,
    account: Account,
}

/// The purpose of the deadline.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Waiting {
    /// An answer, until this instant.
    Answer(Instant),
    /// Quiet after a damaged answer: until the first instant, but no longer than until the second.
    Quiet(Instant, Instant),
    /// The end of a pause at this instant.
    Pause(Instant),
    /// The next round at this instant; before it, the silence that ends an unfinished frame.
    Round(Instant, Option<Instant>),
    /// No further round; only the silence that ends an unfinished frame.
    End(Option<Instant>),
}

impl<S, D> Asked<S, D>
where
    S: Stages,
    D: Dialogue<Deframer = S::Deframer>,
{
    pub(super) fn new(dialogue: D, ask: &Ask, zone: Zone, now: Instant, common: &mut Common) -> Self {
        let mut asked = Self {
            deframer: S::Deframer::default(),
            stages: S::default(),
            dialogue,
            rounds: Rounds { schedule: ask.schedule, epoch: ask.epoch, zone },
            waiting: Waiting::End(None),
            line: None,
            left: now,
            echo: Echo::default(),
            account: Account::default(),
        };
        asked.dialogue.begin();
        asked.go_on(now, common);
        asked
    }

    /// Carries out steps until one of them waits.
    fn go_on(&mut self, now: Instant, common: &mut Common) {
        loop {
            self.waiting = match self.dialogue.next() {
                Step::Line(line) => {
                    if self.line.replace(line) != Some(line) {
                        common.out.push_back(Output::Line(line));
                    }
                    continue;
                }
                Step::Say(bytes) => {
                    let line = self.line.unwrap_or(Line::SIGN_ON);
                    self.left = self.left.max(now).after(line.milliseconds(bytes.len()));
                    self.echo.expect(&bytes);
                    self.stages.said(&bytes);
                    common.out.push_back(Output::Transmit(bytes));
                    continue;
                }
                Step::Tell(notice) => {
                    self.account.flush(common);
                    self.stages.found_out(notice);
                    common.out.push_back(Output::Notice(notice));
                    continue;
                }
                Step::Warn(error) => {
                    self.account.flush(common);
                    common.fault(error, self.account.end());
                    continue;
                }
                Step::Close => {
                    if let Some(span) = self.account.gathered.take() {
                        self.stages.close(span, common);
                    }
                    continue;
                }
                Step::Hear(patience) => Waiting::Answer(self.left.max(now).after(patience)),
                Step::Pause(length) => Waiting::Pause(self.left.max(now).after(length)),
                Step::Rest => {
                    self.account.flush(common);
                    Waiting::Round(self.rounds.next(now), None)
                }
                Step::Fail(error) => {
                    self.fail(error, common);
                    Waiting::Round(self.rounds.next_try(now), None)
                }
                Step::End => Waiting::End(None),
            };
            return;
        }
    }

    /// Reports the error of a failed round, and drops its incomplete reading.
    fn fail(&mut self, error: DialogueError, common: &mut Common) {
        self.account.flush(common);
        self.stages.forget(common);
        common.fault(error, self.account.end());
    }

    /// Passes everything found to the dialogue, and goes on to its next step if the answer has arrived.
    fn drain(&mut self, now: Instant, common: &mut Common) {
        while let Some(heard) = self.deframer.next() {
            let (Heard::Frame(_, span) | Heard::Fault(_, span) | Heard::Noise(span)) = heard;
            self.account.told = span.at + span.length;
            let verdict = match heard {
                Heard::Noise(span) => {
                    let (echo, rest) = self.echo.split(self.deframer.backlog().judged(span), span);
                    self.account.talk(echo, common);
                    if rest.length == 0 {
                        continue;
                    }
                    let verdict = self.dialogue.hear(Word::Noise(self.deframer.backlog().judged(rest)));
                    match verdict {
                        Verdict::Understood => self.account.talk(rest, common),
                        _ => self.account.other(Notice::Noise(rest), common),
                    }
                    verdict
                }
                Heard::Fault(error, span) => {
                    let verdict = self.dialogue.hear(Word::Damaged);
                    self.account.other(Notice::Fault(error.into(), span), common);
                    verdict
                }
                Heard::Frame(frame, span) => {
                    let verdict = self.dialogue.hear(Word::Frame(&frame));
                    match verdict {
                        Verdict::Understood | Verdict::Echo => self.account.talk(span, common),
                        Verdict::Part => {
                            self.account.part(span);
                            self.stages.gather(frame, common);
                        }
                        Verdict::Reading => {
                            let whole = self.account.whole(span);
                            self.stages.hear(Heard::Frame(frame, whole), common);
                            self.dialogue.read(self.stages.more_follows());
                        }
                        Verdict::Damaged => {
                            let error = Error::Frame(FrameError::ChecksumMissing);
                            self.account.other(Notice::Fault(error, span), common);
                        }
                        Verdict::Aside | Verdict::Begun | Verdict::OutOfTurn => {
                            let error = Error::Dialogue(DialogueError::OutOfTurn);
                            self.account.other(Notice::Fault(error, span), common);
                        }
                    }
                    verdict
                }
            };
            self.judge(verdict, now, common);
        }
        let begun = self.deframer.backlog().bytes();
        if !begun.is_empty() {
            let verdict = self.dialogue.hear(Word::Begun(begun));
            self.judge(verdict, now, common);
        }
    }

    fn judge(&mut self, verdict: Verdict, now: Instant, common: &mut Common) {
        match (verdict, self.waiting) {
            (Verdict::Understood | Verdict::Part | Verdict::Reading, _) => self.go_on(now, common),
            (Verdict::Damaged, Waiting::Answer(_)) => {
                self.waiting = Waiting::Quiet(now.after(QUIET), now.after(LONGEST_DISTURBANCE));
            }
            (Verdict::Begun, Waiting::Answer(deadline)) => {
                let patience = self.deframer.patience().unwrap_or_default();
                self.waiting = Waiting::Answer(deadline.max(now.after(patience)));
            }
            _ => {}
        }
    }

    /// Postpones the deadline, because bytes were received.
    fn put_off(&mut self, now: Instant) {
        let unfinished = self.deframer.patience().map(|patience| now.after(patience));
        self.waiting = match self.waiting {
            Waiting::Quiet(_, latest) => Waiting::Quiet(now.after(QUIET).min(latest), latest),
            Waiting::Round(round, _) => Waiting::Round(round, unfinished),
            Waiting::End(_) => Waiting::End(unfinished),
            same @ (Waiting::Answer(_) | Waiting::Pause(_)) => same,
        };
    }

    /// Ends unfinished input, because the line is silent.
    fn cut(&mut self, now: Instant, common: &mut Common) {
        self.deframer.silence();
        self.drain(now, common);
        self.stages.silence(common);
    }
}

impl<S, D> Pipe for Asked<S, D>
where
    S: Stages + Send,
    S::Deframer: Send,
    D: Dialogue<Deframer = S::Deframer> + Send,
{
    fn push(&mut self, now: Instant, bytes: &[u8], common: &mut Common) {
        // Bytes that never stop must not delay a step that is due.
        if matches!(self.waiting, Waiting::Pause(due) | Waiting::Round(due, _) if now >= due) {
            self.timeout(now, common);
        }
        self.deframer.push(bytes);
        self.drain(now, common);
        self.put_off(now);
    }

    fn timeout(&mut self, now: Instant, common: &mut Common) {
        match self.waiting {
            Waiting::Pause(_) => self.go_on(now, common),
            Waiting::Round(round, _) if now >= round => {
                self.cut(now, common);
                self.dialogue.begin();
                self.go_on(now, common);
            }
            Waiting::Round(round, _) => {
                self.waiting = Waiting::Round(round, None);
                self.cut(now, common);
            }
            Waiting::End(_) => {
                self.waiting = Waiting::End(None);
                self.cut(now, common);
            }
            before @ (Waiting::Answer(_) | Waiting::Quiet(..)) => {
                self.cut(now, common);
                // The silence may have ended an answer, or cut one short.
                let damaged = match self.waiting {
                    same if same == before => matches!(before, Waiting::Quiet(..)),
                    Waiting::Quiet(..) => true,
                    _ => return,
                };
                self.dialogue.late(damaged);
                self.go_on(now, common);
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.waiting {
            Waiting::Answer(deadline) | Waiting::Quiet(deadline, _) | Waiting::Pause(deadline) => {
                Some(deadline)
            }
            Waiting::Round(round, cut) => Some(cut.map_or(round, |cut| cut.min(round))),
            Waiting::End(cut) => cut,
        }
    }

    fn rests(&self) -> bool {
        matches!(self.waiting, Waiting::Round(_, None) | Waiting::End(None))
    }

    fn held(&self) -> usize {
        self.deframer.held() + self.stages.held() + self.echo.bytes.capacity()
    }
}

/// The times of rounds, on the caller's clock.
#[derive(Clone, Copy, Debug)]
struct Rounds {
    schedule: Schedule,
    epoch: i64,
    zone: Zone,
}

impl Rounds {
    fn next(&self, now: Instant) -> Instant {
        self.of(self.schedule, now)
    }

    /// The time to try again after a failed round: soon, even if rounds are rare, because the user may be adjusting the
    /// optical head.
    fn next_try(&self, now: Instant) -> Instant {
        if self.schedule.every <= NEXT_TRY {
            return self.next(now);
        }
        let again = Schedule { every: NEXT_TRY, aligned: false, ..self.schedule };
        self.of(again, now).min(self.next(now))
    }

    fn of(&self, schedule: Schedule, now: Instant) -> Instant {
        let unix = self.epoch.saturating_add(i64::try_from(now.0).unwrap_or(i64::MAX));
        let ahead = schedule.next(unix, self.zone).saturating_sub(unix);
        now.after(u64::try_from(ahead).unwrap_or(1).max(1))
    }
}

/// The bytes that an optical head with an echo will return.
#[derive(Debug, Default)]
struct Echo {
    bytes: Vec<u8>,
    returned: usize,
}

impl Echo {
    fn expect(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.returned = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Splits the span into the echo of the bytes sent, and the rest.
    fn split(&mut self, heard: &[u8], span: Span) -> (Span, Span) {
        let said = self.bytes.get(self.returned..).unwrap_or_default();
        let same = said.iter().zip(heard).take_while(|(said, heard)| said == heard).count();
        self.returned += same;
        let echo = Span { at: span.at, length: (same as u64).min(span.length) };
        (echo, Span { at: span.at + echo.length, length: span.length - echo.length })
    }
}

/// Ensures that each byte is reported once, in order.
#[derive(Debug, Default)]
struct Account {
    /// The number of bytes that were reported or gathered.
    told: u64,
    /// Parts of an incomplete reading, and the talk between them.
    gathered: Option<Span>,
}

impl Account {
    fn part(&mut self, span: Span) {
        self.gathered = Some(self.whole(span));
    }

    /// The span of a reading that ends with `span`.
    fn whole(&mut self, span: Span) -> Span {
        self.gathered.take().map_or(span, |first| first.until(span))
    }

    /// Reports bytes of the conversation itself, or adds them to the incomplete reading.
    fn talk(&mut self, span: Span, common: &mut Common) {
        match self.gathered {
            _ if span.length == 0 => {}
            Some(first) => self.gathered = Some(first.until(span)),
            None => common.out.push_back(Output::Notice(Notice::Talk(span))),
        }
    }

    /// Reports any other notice, after the parts of an incomplete reading.
    fn other(&mut self, notice: Notice, common: &mut Common) {
        self.flush(common);
        common.out.push_back(Output::Notice(notice));
    }

    /// The empty span after the last byte reported, for an answer that is missing.
    fn end(&self) -> Span {
        Span { at: self.told, length: 0 }
    }

    fn flush(&mut self, common: &mut Common) {
        if let Some(span) = self.gathered.take() {
            common.out.push_back(Output::Notice(Notice::Talk(span)));
        }
    }
}

/// The most bytes of memory for the bytes sent. A `Vec` grows to up to twice what it needs, and 66 NULs wake a meter.
/// Only the request of SML is longer. All SML requests have 96 bytes, so their `Vec` grows to just that.
pub(super) const ECHO: usize = 2 * 66;

/// Milliseconds of silence after a damaged answer before anything is sent again; browsers deliver bytes in pieces with
/// shorter gaps.
const QUIET: u64 = 250;
/// The most milliseconds to wait for silence after a damaged answer.
const LONGEST_DISTURBANCE: u64 = 20_000;
/// Seconds until a failed round is repeated, unless the next round comes sooner.
const NEXT_TRY: u32 = 60;
