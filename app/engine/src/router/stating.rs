//! A user's statements about a meter. They are kept in the meter's record, and the log applies them at once. The
//! windows are then told what has changed.

use futures_util::FutureExt;
use metertap_protocol::{Event, Row};
use metertap_readings::history::timeline::may_replace;
use metertap_readings::log::journal::LogError;
use metertap_readings::stated::{Correction, CorrectionKind, restate};
use metertap_readings::store::{MeterKey, Role};

use super::finding::newest_of;
use super::{Hand, Rest, Router};
use crate::platform::Platform;
use crate::trouble::{not_kept, too_many_corrections};

impl<P: Platform> Router<P> {
    /// Keeps a statement, in place of an earlier one about the same thing. An impossible statement is ignored, because
    /// windows offer none.
    fn state(&mut self, key: MeterKey, statement: &Correction) -> Option<Rest> {
        let statement = statement.clone().possible()?;
        if let CorrectionKind::Replaced { meter } = &statement.what {
            let records: Vec<_> = self.meters.iter().map(|meter| &meter.state.record).collect();
            records.iter().find(|record| record.key == *meter)?;
            let stated = records.iter().map(|record| (&record.key, record.stated.as_slice()));
            may_replace(&key, meter, stated).ok()?;
        }
        self.meters.get(&key)?;
        let is_of_clock = matches!(statement.what, CorrectionKind::Clock { .. });
        let mut is_kept = false;
        self.change(&key, |record| {
            is_kept = restate(&mut record.stated, statement.clone());
            record.clock_off.take_if(|_| is_of_clock && is_kept);
        });
        if !is_kept {
            self.refuse(too_many_corrections(self.platform.moment()));
            return None;
        }
        self.report_statement(key, &statement.what)
    }

    fn take_back(&mut self, key: MeterKey, statement: &Correction) -> Option<Rest> {
        let statement = &statement.clone().possible()?;
        let is_of_clock = matches!(statement.what, CorrectionKind::Clock { .. });
        self.change(&key, |record| {
            record.stated.retain(|other| other != statement);
            record.clock_off.take_if(|_| is_of_clock);
        });
        self.report_statement(key, &statement.what)
    }

    pub(super) fn assign(&mut self, key: &MeterKey, role: Option<Role>) {
        self.change(key, |record| record.role = role);
        self.show(key);
    }

    pub(super) fn fuse(&mut self, key: &MeterKey, amperes: Option<u16>) {
        self.change(key, |record| record.fuse = amperes.filter(|amperes| *amperes > 0));
        self.show(key);
    }

    pub(super) fn keep_position(&mut self, id: u32, of: (Option<MeterKey>, String), typing: Vec<u8>) {
        self.jobs.keep_position(id, of, typing, self.meters.zone());
    }

    /// Tells the windows about a statement. If the statement is about readings, sends the newest readings again.
    fn report_statement(&mut self, key: MeterKey, what: &CorrectionKind) -> Option<Rest> {
        if !what.is_of_readings() {
            let hand = self.hand.clone();
            let told = async move {
                // A window looks up the history as soon as it learns of the statement, so the log must have the
                // statement first.
                hand.step(|router| router.log.saved()).await.await;
                hand.step(move |router| router.show(&key)).await;
            };
            return Some(told.boxed_local());
        }
        let is_of_clock = matches!(what, CorrectionKind::Clock { .. });
        Some(self.hand.clone().report_again(key, is_of_clock).boxed_local())
    }
}

impl<P: Platform> Hand<P> {
    pub(super) async fn state(self, key: MeterKey, statements: Vec<Correction>) {
        for statement in statements {
            let meter = key.clone();
            if let Some(rest) = self.step(move |router| router.state(meter, &statement)).await {
                rest.await;
            }
        }
    }

    pub(super) async fn take_back(self, key: MeterKey, statements: Vec<Correction>) {
        for statement in statements {
            let meter = key.clone();
            if let Some(rest) = self.step(move |router| router.take_back(meter, &statement)).await {
                rest.await;
            }
        }
    }

    /// Sends the newest readings of a meter to the windows again. A meter's clock decides in which quarter of an hour a
    /// position counts, so a statement about the clock recomputes the totals.
    async fn report_again(self, key: MeterKey, is_of_clock: bool) {
        // The log uses the record's statements once the record is written.
        self.step(|router| router.log.saved()).await.await;
        let found = async {
            if is_of_clock {
                self.log.recompute(&key).await?;
            }
            let meter = key.clone();
            let record =
                self.step(move |router| router.meters.get(&meter).map(|meter| meter.state.record.clone()));
            match record.await {
                Some(record) => newest_of(&self.log, &record).await,
                None => Ok(Vec::new()),
            }
        };
        let found: Result<_, LogError> = found.await;
        let at = self.platform.moment();
        self.step(move |router| {
            match found {
                Ok(newest) => router.renew_newest(&key, newest),
                Err(error) => router.refuse(not_kept(&error, at)),
            }
            router.show(&key);
            router.log.measure();
        })
        .await;
    }
}

impl<P: Platform> Router<P> {
    fn renew_newest(&mut self, key: &MeterKey, newest: Vec<metertap_readings::entry::Entry>) {
        let Some(meter) = self.meters.get_mut(key) else { return };
        meter.renew(newest);
        let rows = meter.newest().iter().map(Row::of).collect();
        self.tell(&Event::Newest { meter: key.clone(), rows });
    }
}
