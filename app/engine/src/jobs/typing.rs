//! Keeps positions that the user has read off a meter, and removes them again.

use futures_channel::oneshot;
use metertap_decoder::time::Zone;
use metertap_protocol::{Event, bytes};
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{DiskError, MeterKey, MeterRecord, SourceRecord};
use metertap_readings::typed::{
    MOST_POSITIONS, Neighbours, NoPosition, TYPED_BY_HAND, TypedPosition, Typing,
};

use super::Job;
use crate::fact::JobNews;
use crate::platform::Platform;

/// The meter that the positions belong to.
pub(super) enum TypedOf {
    Meter(MeterKey),
    /// A new meter with this name.
    New(String),
}

/// Why nothing was kept.
enum Unkept {
    No(NoPosition),
    Log(LogError),
}

impl From<LogError> for Unkept {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<DiskError> for Unkept {
    fn from(error: DiskError) -> Self {
        Self::Log(error.into())
    }
}

impl<P: Platform> Job<P> {
    /// Answers [`Command::Type`](metertap_protocol::Command::Type).
    pub(super) async fn keep_position(self, id: u32, of: TypedOf, typing: Vec<u8>, zone: Zone) {
        let kept = match bytes::read::<Typing>(&typing) {
            // The job ends if the browser closes the log: otherwise, the rest of the work would go to a new, empty log.
            Some(typing) => {
                let connection = self.archive.connection();
                connection.unbroken(self.keep_or_take_back(of, typing, zone)).await
            }
            None => Err(Unkept::No(NoPosition::Size)),
        };
        let answer: Result<MeterKey, NoPosition> = match kept {
            Ok(meter) => Ok(meter),
            Err(Unkept::No(why)) => Err(why),
            Err(Unkept::Log(error)) => {
                // If this fails, the unfinished log is removed at the next start, or before the next restore or import.
                let removed = self.archive.remove_unfinished().await;
                if removed.is_ok() && error == LogError::Disk(DiskError::Full) {
                    self.news(JobNews::Full);
                }
                Err(NoPosition::Unkept)
            }
        };
        self.tell(Event::Typed { id, answer: bytes::write(&answer) });
    }

    async fn keep_or_take_back(&self, of: TypedOf, typing: Typing, zone: Zone) -> Result<MeterKey, Unkept> {
        let known = self.meters().await;
        let (meter, new) = match of {
            TypedOf::Meter(meter) if known.iter().any(|record| record.key == meter) => (meter, None),
            TypedOf::Meter(_) => return Err(Unkept::No(NoPosition::Nobody)),
            TypedOf::New(name) => {
                let record = self.typed_meter(name).await.ok_or(Unkept::No(NoPosition::Unkept))?;
                (record.key.clone(), Some(record))
            }
        };
        match typing {
            Typing::Keep(position) => self.keep(&meter, new, position, zone).await?,
            Typing::TakeBack(position) => self.take_position_back(&meter, position).await?,
        }
        Ok(meter)
    }

    async fn keep(
        &self,
        meter: &MeterKey,
        new: Option<MeterRecord>,
        position: TypedPosition,
        zone: Zone,
    ) -> Result<(), Unkept> {
        let (mut positions, neighbours) = match new {
            None => {
                let typed = self.archive.typed(meter).await?;
                let neighbours = self.archive.neighbours(meter, &position, &typed, zone).await?;
                (typed, neighbours)
            }
            Some(_) => (Vec::new(), Neighbours::default()),
        };
        let told = self.archive.as_corrected(meter, &position);
        told.check(self.at(), &neighbours).map_err(Unkept::No)?;
        if positions.len() >= MOST_POSITIONS {
            return Err(Unkept::No(NoPosition::Many));
        }
        let place = positions.partition_point(|known| known.at <= position.at);
        positions.insert(place, position);
        let is_new = new.is_some();
        self.archive.keep_typed(meter, new, &positions, self.at()).await?;
        if self.archive.typed_log(meter).is_none() {
            return Err(Unkept::No(NoPosition::Nobody));
        }
        if is_new {
            let (done, made) = oneshot::channel();
            self.news(JobNews::Made(done));
            made.await.unwrap_or_else(|_| Err(DiskError::Closed.into()))?;
        }
        self.news(JobNews::Imports);
        Ok(())
    }

    async fn take_position_back(&self, meter: &MeterKey, position: TypedPosition) -> Result<(), Unkept> {
        let mut positions = self.archive.typed(meter).await?;
        positions.retain(|known| *known != position);
        if !positions.is_empty() {
            self.archive.keep_typed(meter, None, &positions, self.at()).await?;
        } else if let Some(import) = self.archive.typed_log(meter) {
            self.news(JobNews::Undo(import.log));
        }
        self.news(JobNews::Imports);
        Ok(())
    }

    /// Asks the router for the record of a new meter that is known only from typed positions.
    async fn typed_meter(&self, name: String) -> Option<MeterRecord> {
        let (answer, record) = oneshot::channel();
        let source = SourceRecord::File { name: TYPED_BY_HAND.to_owned(), kept: true };
        self.news(JobNews::NewRecord(source, answer));
        let name = name.trim().chars().filter(|letter| !letter.is_control()).take(MOST_LETTERS).collect();
        Some(MeterRecord { name, ..record.await.ok()? })
    }
}

/// How many characters the field for a meter's name takes.
const MOST_LETTERS: usize = 60;
