//! Readings on their way to the disk. On a full one the oldest readings make room; one that was taken away is waited for.

use std::borrow::Cow;

use futures_util::future::join;
use metertap_protocol::Row;
use metertap_readings::entry::Moment;
use metertap_readings::log::format::row;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

use super::Log;
use crate::fact::{Append, Fact, LogNews, Read, Taken};
use crate::platform::Platform;
use crate::trouble::not_kept;

impl<P: Platform> Log<P> {
    /// Appends a reading: [`LogNews`] tell what comes of it.
    pub(crate) fn append(&self, mut append: Append) {
        let (archive, facts) = (self.archive.clone(), self.facts.clone());
        self.platform.spawn(Box::pin(async move {
            if let Some(record) = &append.new {
                let begun = archive.keep_meter(record).await;
                return facts.tell(Fact::Log(LogNews::Begun(append, begun)));
            }
            let Append { read: Read { reading, received, .. }, meter, renewals, .. } = &append;
            let appending = async {
                match renewals {
                    0 => archive.append(meter, *received, reading).await,
                    _ => archive.append_once(meter, *received, reading).await,
                }
            };
            // While the disk is at work.
            let telling = async {
                let told = archive.told(meter, *received, reading);
                (row::write(*received, &told), told)
            };
            let (appended, (octets, told)) = join(appending, telling).await;
            let changed = if let Cow::Owned(told) = told { Some(told) } else { None };
            facts.tell(Fact::Log(match appended {
                Ok(seq) => {
                    // All that hear of it hear it as it is told.
                    append.read.reading = changed.unwrap_or(append.read.reading);
                    LogNews::Appended(append, Row::written(seq, octets))
                }
                Err(error) => LogNews::Refused(append, error),
            }));
        }));
    }

    /// The disk did not take a reading. It is tried again, or whoever heard it is told. No readings make room while a file
    /// is taken in: that fills the disk for a moment, if it does not fit.
    pub(crate) fn refused(&mut self, mut append: Append, error: &LogError, takes_in: bool) {
        match error {
            LogError::Disk(DiskError::Full) if append.tries < TRIES => {
                let make_room = !takes_in && self.space.is_room_to_be_made(self.platform.now());
                // What is the oldest goes by certain time.
                let certain = make_room.then(|| self.certainty.now().moment());
                let pause = append.tries > 0;
                append.tries += 1;
                self.try_again(append, certain, pause);
            }
            LogError::Disk(DiskError::Closed) if append.renewals < RENEWALS => {
                self.archive.close();
                append.renewals += 1;
                self.waiting.push(append);
            }
            error => self.give_up_on(append.read, error),
        }
    }

    /// The disk is there again: what waited for it goes on.
    pub(crate) fn go_on(&mut self) {
        for append in std::mem::take(&mut self.waiting) {
            self.append(append);
        }
    }

    /// The log is not ours to write any more: what waited for the disk need not.
    pub(crate) fn give_up(&mut self) {
        for append in std::mem::take(&mut self.waiting) {
            self.give_up_on(append.read, &DiskError::Closed.into());
        }
    }

    /// Whoever heard a reading is told that it is not kept.
    pub(crate) fn give_up_on(&self, read: Read, error: &LogError) {
        // A reader that has ended need not know.
        let _ = read.done.send(Taken::Refused(not_kept(error, self.platform.moment())));
    }

    fn try_again(&self, append: Append, certain: Option<Moment>, pause: bool) {
        let (platform, archive, facts) = (self.platform.clone(), self.archive.clone(), self.facts.clone());
        self.platform.spawn(Box::pin(async move {
            if let Some(certain) = certain {
                // A disk that takes not even this is told of by the reading that is refused.
                if let Ok(gone) = archive.make_room(certain).await
                    && !gone.is_empty()
                {
                    facts.tell(Fact::Log(LogNews::MadeRoom(gone)));
                }
            }
            if pause {
                platform.sleep(PAUSE).await;
            }
            facts.tell(Fact::Log(LogNews::Again(append)));
        }));
    }
}

/// How often a reading is tried that finds no room, milliseconds apart: about as long as the browser's buffer holds what
/// a meter says meanwhile.
const TRIES: u32 = 10;
const PAUSE: u64 = 1000;

/// How often a reading waits for the log, which may be taken away again before it is there.
const RENEWALS: u32 = 5;
