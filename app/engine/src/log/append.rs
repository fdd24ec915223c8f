//! Readings on their way to the disk. If the disk is full, the oldest readings make room. If the browser has closed the
//! database, readings wait until it is open again.

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
    /// Appends a reading. A [`LogNews`] reports the result.
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
            // Runs while the disk is at work.
            let telling = async {
                let told = archive.told(meter, *received, reading);
                (row::write(*received, &told), told)
            };
            let (appended, (bytes, told)) = join(appending, telling).await;
            let changed = if let Cow::Owned(told) = told { Some(told) } else { None };
            facts.tell(Fact::Log(match appended {
                Ok(seq) => {
                    // Windows and the broker get the reading with the user's corrections.
                    append.read.reading = changed.unwrap_or(append.read.reading);
                    LogNews::Appended(append, Row::written(seq, bytes))
                }
                Err(error) => LogNews::Refused(append, error),
            }));
        }));
    }

    /// The disk did not take a reading: tries again, or informs the reader. `takes_in` says whether a job such as an
    /// import or a restore is running. If so, no readings are deleted to make room: a file that does not fit fills the
    /// disk only for a moment.
    pub(crate) fn refused(&mut self, mut append: Append, error: &LogError, takes_in: bool) {
        match error {
            LogError::Disk(DiskError::Full) if append.tries < TRIES => {
                let make_room = !takes_in && self.space.is_room_to_be_made(self.platform.now());
                // Certain time decides which readings are the oldest.
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

    /// The disk is open again: appends the readings that waited for it.
    pub(crate) fn go_on(&mut self) {
        for append in std::mem::take(&mut self.waiting) {
            self.append(append);
        }
    }

    /// The log is no longer ours to write: refuses the readings that wait for the disk.
    pub(crate) fn give_up(&mut self) {
        for append in std::mem::take(&mut self.waiting) {
            self.give_up_on(append.read, &DiskError::Closed.into());
        }
    }

    /// Tells the reader that its reading is not kept.
    pub(crate) fn give_up_on(&self, read: Read, error: &LogError) {
        // A reader that has ended needs no answer.
        let _ = read.done.send(Taken::Refused(not_kept(error, self.platform.moment())));
    }

    fn try_again(&self, append: Append, certain: Option<Moment>, pause: bool) {
        let (platform, archive, facts) = (self.platform.clone(), self.archive.clone(), self.facts.clone());
        self.platform.spawn(Box::pin(async move {
            if let Some(certain) = certain {
                // If the disk fails here too, the refused reading reports that.
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

/// How many times a reading that finds no room is tried again. All tries last about as long as the browser can buffer
/// what a meter sends meanwhile.
const TRIES: u32 = 10;
/// Milliseconds between tries.
const PAUSE: u64 = 1000;

/// How many times a reading waits for the log to be opened again. The log may be closed again before the reading is
/// written.
const RENEWALS: u32 = 5;
