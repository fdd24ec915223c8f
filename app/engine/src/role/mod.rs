//! [`Role`]: our place among the tabs of this site. One tab writes the log and reads the meters; the others watch.
//!
//! While any tab watches, the writer sends every event that concerns all windows, and each watcher passes it on to its
//! own window. Commands that only the writer can carry out go the other way. For charts and exports, a watcher reads
//! the same disk.

mod beginning;

use std::collections::BTreeMap;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use metertap_decoder::time::Instant;
use metertap_protocol::{Command, VERSION};

use crate::fact::{Fact, Facts};
use crate::platform::{Claims, Outgoing, Platform, Say};
use crate::task::Task;
use crate::turn::{Hold, Waiting, Witness};

pub(crate) struct Role<P: Platform> {
    platform: P,
    facts: Facts<P>,
    say: Say<P::Handle>,
    /// Our number among the tabs that watch.
    number: u32,
    /// Our turn to write, or our place in the queue. `None` while we could not use a turn.
    turn: Option<Turn<P>>,
    /// The number that was given to the newest turn.
    turns: u32,
    /// Turns that the browser has forgotten. The tabs that were open at that time still respect these turns, until they
    /// have joined the queue again.
    forgotten: Vec<Turn<P>>,
    /// Whether the log is ours to write.
    writes: bool,
    /// Whether we are asking the browser about our turn, because another tab writes too.
    finds_out: bool,
    /// Whether the browser may have forgotten our place in the queue: it has cleared data, and we have not asked it
    /// since.
    may_be_forgotten: bool,
    /// Whether a window has said hello.
    greeted: bool,
    /// Whether the window has said goodbye. What the browser clears after that is not restored.
    left: bool,
    /// The task that sends a fact each minute.
    minutes: Option<Task>,
    /// Until when each watching tab counts as watching, by its number.
    watchers: BTreeMap<u32, Instant>,
    /// When we last said that we watch.
    presence_reported: Option<Instant>,
    /// The senders for [`Role::changes`]. They are dropped at the next change.
    waiting: Vec<oneshot::Sender<()>>,
}

/// A turn to write, or a place in the queue for one. Lasts until this value is dropped, or this worker ends.
pub(crate) struct Turn<P: Platform> {
    number: u32,
    witness: Witness,
    /// Set once the turn has come.
    hold: Option<Hold<P>>,
    /// Whether [`Role::turn_to_take`] has returned it.
    told: bool,
    _waits: Option<Task>,
}

/// What shows whether our turn, or our place in the queue, is still valid.
pub(crate) enum Seen {
    /// A claim holds it. `true` if the claim is lost.
    Claim(bool),
    /// It is valid as long as the browser knows the lock of this name.
    Lock(String),
}

impl<P: Platform> Role<P> {
    pub(crate) fn new(platform: P, facts: Facts<P>, say: Say<P::Handle>) -> Self {
        let number = (platform.random() as u32).max(1);
        let mut role = Self {
            platform,
            facts,
            say,
            number,
            turn: None,
            turns: 0,
            forgotten: Vec::new(),
            writes: false,
            finds_out: false,
            may_be_forgotten: false,
            greeted: false,
            left: false,
            minutes: None,
            watchers: BTreeMap::new(),
            presence_reported: None,
            waiting: Vec::new(),
        };
        role.queue_up();
        role
    }

    pub(crate) fn queue_up(&mut self) {
        let waiting = Waiting::queue(&self.platform);
        drop(self.queue(waiting));
    }

    /// Takes a place in the queue. Returns the place or turn that we had before.
    pub(crate) fn queue(&mut self, Waiting { witness, comes }: Waiting<P>) -> Option<Turn<P>> {
        self.turns += 1;
        let (number, facts) = (self.turns, self.facts.clone());
        let waits = self.platform.begin(|stop| async move {
            let asked = Box::pin(stop.asked());
            if let Either::Right((hold, _)) = select(asked, comes).await {
                facts.tell(Fact::Turn(number, hold));
            }
        });
        self.turn.replace(Turn { number, witness, hold: None, told: false, _waits: Some(waits) })
    }

    /// Continues our turn under a new lock, in place of the one that the browser has forgotten.
    pub(crate) fn go_on(&mut self, witness: Witness, hold: Hold<P>) {
        self.turns += 1;
        let turn = Turn { number: self.turns, witness, hold: Some(hold), told: true, _waits: None };
        self.forgotten.extend(self.turn.replace(turn));
    }

    /// Leaves the queue. A turn that we have is given up when the returned value is dropped.
    pub(crate) const fn leave_queue(&mut self) -> Option<Turn<P>> {
        self.turn.take()
    }

    /// A turn has come. Returns whether it is ours.
    pub(crate) fn has_come(&mut self, number: u32, hold: Hold<P>) -> bool {
        match self.turn.as_mut().filter(|turn| turn.number == number) {
            Some(turn) => turn.hold = Some(hold),
            None => return false,
        }
        true
    }

    /// The turn to take now, if one has come. Returns each turn once.
    pub(crate) fn turn_to_take(&mut self) -> Option<u32> {
        let turn = self.turn.as_mut().filter(|turn| turn.hold.is_some() && !turn.told && !self.writes)?;
        turn.told = true;
        Some(turn.number)
    }

    /// Whether this turn is ours.
    pub(crate) fn is_ours(&self, number: u32) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.number == number)
    }

    pub(crate) const fn has_place(&self) -> bool {
        self.turn.is_some()
    }

    /// What shows whether our turn, or our place in the queue, is still valid.
    pub(crate) fn seen(&self) -> Option<Seen> {
        let turn = self.turn.as_ref()?;
        Some(match &turn.hold {
            Some(Hold::Claim(claim)) => Seen::Claim(claim.is_lost()),
            _ => Seen::Lock(turn.witness.name.clone()),
        })
    }

    /// The number of the claim that holds our turn. `None` if the browser's locks decide whose turn it is.
    pub(crate) fn claim(&self) -> Option<u32> {
        match &self.turn.as_ref()?.hold {
            Some(Hold::Claim(claim)) => Some(claim.number),
            _ => None,
        }
    }

    /// Whether the log is ours to write.
    pub(crate) const fn writes(&self) -> bool {
        self.writes
    }

    pub(crate) const fn begin_to_write(&mut self) {
        self.writes = true;
    }

    /// The log is no longer ours to write. Returns whether it was.
    pub(crate) fn stop_writing(&mut self) -> bool {
        self.watchers.clear();
        std::mem::take(&mut self.writes)
    }

    pub(crate) fn drop_forgotten(&mut self) {
        self.forgotten.clear();
    }

    pub(crate) const fn may_be_forgotten(&self) -> bool {
        self.may_be_forgotten
    }

    pub(crate) const fn set_may_be_forgotten(&mut self, may_be: bool) {
        self.may_be_forgotten = may_be;
    }

    /// Sets whether we are asking the browser about our turn. Returns whether we were asking before.
    pub(crate) const fn finds_out(&mut self, finds_out: bool) -> bool {
        std::mem::replace(&mut self.finds_out, finds_out)
    }

    /// Whether a window has said hello.
    pub(crate) const fn is_greeted(&self) -> bool {
        self.greeted
    }

    /// A window says hello. Returns whether it is the first.
    pub(crate) const fn greet(&mut self) -> bool {
        !std::mem::replace(&mut self.greeted, true)
    }

    pub(crate) const fn has_left(&self) -> bool {
        self.left
    }

    pub(crate) fn leave(&mut self) {
        self.left = true;
        self.minutes = None;
    }

    pub(crate) fn tell_minutes(&mut self) {
        let (platform, facts) = (self.platform.clone(), self.facts.clone());
        self.minutes = Some(self.platform.begin(|stop| async move {
            while !stop.comes_before(platform.sleep(MINUTE)).await {
                facts.tell(Fact::Minute);
            }
        }));
    }

    /// Asks the writer to carry out a command.
    pub(crate) fn send_command(&self, command: &Command, beside: Option<&P::Handle>) {
        (self.say)(Outgoing::Command(command, beside));
    }

    /// Asks the writer for all that it knows.
    pub(crate) fn ask_writer(&self) {
        self.send_command(&who_writes(), None);
    }

    /// Tells the writer that we watch. If this tab was frozen for so long that the writer has forgotten it, asks for
    /// everything again.
    pub(crate) fn report_presence(&mut self) {
        let now = self.platform.now();
        if self.presence_reported.replace(now).is_some_and(|said| now >= said.after(WATCHES)) {
            self.ask_writer();
        }
        (self.say)(Outgoing::Claims(Claims::Wants(self.number)));
    }

    /// A tab watches. `None` if the tab has not sent its number yet.
    pub(crate) fn handle_watcher(&mut self, number: Option<u32>) {
        self.watchers.insert(number.unwrap_or_default(), self.platform.now().after(WATCHES));
    }

    /// Whether any tab watches us.
    pub(crate) fn is_watched(&self) -> bool {
        let now = self.platform.now();
        self.writes && self.watchers.values().any(|until| now < *until)
    }

    /// A receiver that ends at the next [`Role::has_changed`].
    pub(crate) fn changes(&mut self) -> oneshot::Receiver<()> {
        let (change, changes) = oneshot::channel();
        self.waiting.push(change);
        changes
    }

    /// Ends all receivers of [`Role::changes`].
    pub(crate) fn has_changed(&mut self) {
        self.waiting.clear();
    }
}

/// The command that the writer answers with all that it knows.
pub(crate) fn who_writes() -> Command {
    Command::Hello { version: VERSION, looks_back: false }
}

const MINUTE: u64 = 60_000;
/// Milliseconds for which a tab counts as watching after it has said so.
const WATCHES: u64 = 3 * MINUTE;
