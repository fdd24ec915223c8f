//! [`Extract`]: a range of the log that is written to a file. The log is read one chunk at a time.

use std::ops::RangeInclusive;

use metertap_decoder::time::Zone;
use metertap_readings::archive::Archive;
use metertap_readings::entry::Moment;
use metertap_readings::files::export::{ExportForm, Exporter, Options};
use metertap_readings::log::calendar::{Day, Quarter};
use metertap_readings::log::journal::Grain;
use metertap_readings::log::totals::block::Block;
use metertap_readings::store::MeterKey;

use super::corrections;
use super::extract_error::ExtractError;
use crate::platform::{Output, Platform, Sheet};

/// The range of the log to write, and how to write it.
#[derive(Clone, Debug)]
pub struct Extract {
    /// The meters, each with its name in the file.
    pub meters: Vec<(MeterKey, String)>,
    /// When the readings were received.
    pub moments: RangeInclusive<Moment>,
    /// The format of the file.
    pub options: Options,
    /// The time zone of the house.
    pub zone: Zone,
}

/// How far an export has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Readings written so far.
    pub done: u64,
    /// Readings in all.
    pub of: u64,
}

impl Extract {
    /// Writes everything in the range that is in the log now, and reports the progress. Returns `false` if it was asked
    /// to stop on the way. The file is left open.
    ///
    /// # Errors
    /// If the log cannot be read, the file cannot be written, or no workbook can be made.
    pub async fn write<P: Platform>(
        &self,
        platform: &P,
        log: &Archive<P::Disk>,
        file: &P::Output,
        tell: impl FnMut(Progress),
        is_asked_to_stop: impl Fn() -> bool,
    ) -> Result<bool, ExtractError> {
        let exporter = Exporter::new(&self.options, self.zone);
        let (out, progress) = (Vec::with_capacity(AT_ONCE * 2), Progress::default());
        let workbook = match self.options.form {
            ExportForm::Workbook => Some(platform.sheet().await?),
            _ => None,
        };
        Writing {
            platform,
            extract: self,
            log,
            file,
            workbook,
            tell,
            is_asked_to_stop,
            exporter,
            out,
            progress,
        }
        .run()
        .await
    }
}

struct Writing<'a, P: Platform, T, S> {
    platform: &'a P,
    extract: &'a Extract,
    log: &'a Archive<P::Disk>,
    file: &'a P::Output,
    /// Turns the bytes into a workbook before they are written to the file.
    workbook: Option<P::Sheet>,
    tell: T,
    is_asked_to_stop: S,
    exporter: Exporter,
    /// Bytes that are not written to the file yet.
    out: Vec<u8>,
    progress: Progress,
}

/// One meter's part of the file.
struct Part<'a> {
    meter: &'a MeterKey,
    name: &'a str,
    /// The meter's logs, each with the number of its last entry at the time the export began.
    logs: Vec<(MeterKey, u64)>,
}

impl<P: Platform, T: FnMut(Progress), S: Fn() -> bool> Writing<'_, P, T, S> {
    async fn run(mut self) -> Result<bool, ExtractError> {
        let mut parts = Vec::new();
        for (meter, name) in &self.extract.meters {
            let mut logs = Vec::new();
            for log in self.log.logs(meter) {
                let last = self.log.span(&log).await?.map_or(0, |(_, last)| last);
                logs.push((log, last));
            }
            if self.extract.options.form != ExportForm::Corrections {
                self.progress.of += self.log.count(meter, self.extract.moments.clone()).await?;
            }
            parts.push(Part { meter, name, logs });
        }
        self.tell();
        if self.exporter.needs_columns() {
            for part in &parts {
                self.see(part).await?;
            }
        }
        self.exporter.head(&mut self.out);
        for part in &parts {
            if self.extract.options.form == ExportForm::Corrections {
                break;
            }
            self.exporter.meter(part.name, &mut self.out);
            match self.extract.options.grain() {
                None => self.entries(part).await?,
                Some(grain) => self.periods(part, grain).await?,
            }
        }
        self.exporter.end(&mut self.out);
        let records = self.log.meters().await?;
        let rows = corrections::rows(&self.extract.meters, &records, &self.extract.moments);
        self.exporter.corrections(&rows, &mut self.out);
        self.push().await?;
        if let Some(workbook) = &mut self.workbook
            && !(self.is_asked_to_stop)()
        {
            self.file.write(&workbook.finish(self.platform.moment()).await?).await?;
        }
        self.tell();
        Ok(self.goes_on())
    }

    /// Shows the exporter what a part contains, so that it knows which columns the table needs.
    async fn see(&mut self, part: &Part<'_>) -> Result<(), ExtractError> {
        if let Some(grain) = self.extract.options.grain() {
            let range = self.range(grain);
            let mut next = Some(*range.start());
            while let Some(start) = next
                && !(self.is_asked_to_stop)()
            {
                let (Block(periods), behind) =
                    self.log.walk_periods(part.meter, grain, start..=*range.end(), |_| true).await?;
                next = behind;
                let tracks = periods.values().flat_map(|rolled| rolled.tracks.keys());
                tracks.for_each(|track| self.exporter.see_track(*track));
            }
            return Ok(());
        }
        for (log, last) in &part.logs {
            let mut next = Some(0);
            while let Some(seq) = next
                && self.goes_on()
            {
                let see = |list: &mut dyn Iterator<Item = &_>| self.exporter.see_shapes(list);
                next = self.log.walk_lists(log, seq..=*last, &self.extract.moments, see).await?;
            }
        }
        Ok(())
    }

    async fn entries(&mut self, part: &Part<'_>) -> Result<(), ExtractError> {
        for (log, last) in &part.logs {
            let mut next = Some(0);
            while let Some(seq) = next
                && self.goes_on()
            {
                let write = |entry: &_| {
                    self.progress.done += 1;
                    self.exporter.entry(entry, &mut self.out);
                };
                next = self.log.walk(log, seq..=*last, &self.extract.moments, write).await?;
                self.hand_over().await?;
            }
        }
        Ok(())
    }

    /// Writes roll-ups. The roll-ups just before the range give the counters' positions at its start.
    async fn periods(&mut self, part: &Part<'_>, grain: Grain) -> Result<(), ExtractError> {
        let range = self.range(grain);
        let (start, end) = (*range.start(), *range.end());
        if let (Some(before), true) = (start.checked_sub(1), self.extract.moments.start().0 > i64::MIN) {
            let earlier = before - A_WHILE..=before;
            let (Block(earlier), _) = self.log.walk_periods(part.meter, grain, earlier, |_| true).await?;
            earlier.values().for_each(|rolled| self.exporter.earlier(rolled));
        }
        let mut next = Some(start);
        while let Some(start) = next
            && self.goes_on()
        {
            let (Block(periods), behind) =
                self.log.walk_periods(part.meter, grain, start..=end, |_| true).await?;
            next = behind;
            for (number, rolled) in &periods {
                self.progress.done += rolled.readings;
                self.exporter.period(*number, rolled, &mut self.out);
            }
            self.hand_over().await?;
        }
        Ok(())
    }

    /// The numbers of the quarter-hours or days in the requested time.
    fn range(&self, grain: Grain) -> RangeInclusive<i64> {
        let number = |moment: &Moment| match grain {
            Grain::Quarters => Quarter::of(*moment).0,
            Grain::Days => Day::of(Quarter::of(*moment), self.extract.zone).0,
        };
        number(self.extract.moments.start())..=number(self.extract.moments.end())
    }

    /// Writes the collected bytes once there are enough. Other tasks have their turn whenever the log is read.
    async fn hand_over(&mut self) -> Result<(), ExtractError> {
        if self.out.len() >= AT_ONCE {
            self.push().await?;
            self.tell();
        }
        Ok(())
    }

    async fn push(&mut self) -> Result<(), ExtractError> {
        match &mut self.workbook {
            Some(workbook) => workbook.push(&self.out).await?,
            None => self.file.write(&self.out).await?,
        }
        self.out.clear();
        Ok(())
    }

    fn tell(&mut self) {
        let Progress { done, of } = self.progress;
        // The roll-ups may include readings that arrived after the readings were counted.
        (self.tell)(Progress { done, of: of.max(done) });
    }

    fn goes_on(&self) -> bool {
        !(self.is_asked_to_stop)()
    }
}

/// Bytes to collect before each write to the file.
const AT_ONCE: usize = 1 << 20;
/// How many quarter-hours or days before the range are searched for the counters' positions.
const A_WHILE: i64 = 96;
