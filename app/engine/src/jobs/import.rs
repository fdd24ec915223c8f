//! Reads a file of another program or of Metertap: previews it, reports what an import would do, and imports it.

use futures_channel::oneshot;
use metertap_decoder::reading::Reading;
use metertap_decoder::time::Zone;
use metertap_protocol::{Event, ImportProblem, ImportReport, ImportState};
use metertap_readings::archive::Archive;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Finished;
use metertap_readings::files::import::{Import, Join, Plan, Preview, Problem, Reader, Wrong};
use metertap_readings::log::journal::{Grain, LogError};
use metertap_readings::stated::Correction;
use metertap_readings::store::disk::Disk;
use metertap_readings::store::{DiskError, MeterKey, MeterRecord, SourceRecord};

use super::Job;
use super::corrections::taken_over;
use super::intake_error::IntakeError;
use crate::fact::JobNews;
use crate::platform::{Input, Platform};

impl<P: Platform> Job<P> {
    pub(super) async fn import(
        self,
        (id, run): (u32, bool),
        meter: Option<MeterKey>,
        plan: Option<Plan>,
        zone: Zone,
        file: P::Input,
    ) {
        let mut importing = Importing { job: self, id, meter, zone, file, report: ImportReport::default() };
        // The job ends if the browser closes the log: otherwise, the rest of the file would go to a new, empty log.
        let connection = importing.job.archive.connection();
        let ended = connection.unbroken(importing.run(plan, run)).await;
        if let Err(failure) = &ended {
            // If this fails, the unfinished log is removed at the next start, or before the next restore or import.
            let removed = importing.job.archive.remove_unfinished().await;
            if removed.is_ok() && matches!(failure, IntakeError::Log(LogError::Disk(DiskError::Full))) {
                importing.job.news(JobNews::Full);
            }
        }
        let (name, at) = (importing.file.name(), importing.job.at());
        importing.tell(ended.unwrap_or_else(|failure| ImportState::Refused(failure.told(name, at))));
    }

    pub(super) async fn meters(&self) -> Vec<MeterRecord> {
        let (answer, meters) = oneshot::channel();
        self.news(JobNews::WhichMeters(answer));
        meters.await.unwrap_or_default()
    }
}

/// Finds the quarter-hours for which a meter has readings, from any source.
pub(super) async fn join<D: Disk>(log: &Archive<D>, meter: &MeterKey) -> Result<Join, LogError> {
    let (mut join, mut next) = (Join::default(), Some(i64::MIN));
    while let Some(start) = next {
        let walked = log.walk_periods(meter, Grain::Quarters, start..=i64::MAX, |_| false).await?;
        join.knows(&walked.0);
        next = walked.1;
    }
    Ok(join)
}

struct Importing<P: Platform> {
    job: Job<P>,
    id: u32,
    /// `None` if a meter is made for the import.
    meter: Option<MeterKey>,
    zone: Zone,
    /// The file, at its beginning.
    file: P::Input,
    report: ImportReport,
}

struct Into {
    log: MeterKey,
    meter: MeterKey,
    gathered: Vec<(Moment, Reading)>,
}

impl<P: Platform> Importing<P> {
    async fn run(&mut self, plan: Option<Plan>, run: bool) -> Result<ImportState, IntakeError> {
        let octets = self.beginning().await?;
        let unknown = || IntakeError::File(Code::ImportUnknown);
        let seen = match plan {
            None => Preview::of(&octets),
            Some(plan) => Preview::as_planned(&octets, plan),
        };
        let preview = seen.map_err(|unseen| IntakeError::File(unseen.code()))?;
        drop(octets);
        let plan = preview.plan.clone();
        if let Some(name) = &plan.zone {
            let zone = self.job.platform.zone_named(name);
            self.zone = zone.map_err(|_| IntakeError::File(Code::ImportZone))?;
        }
        let mut joined = match &self.meter {
            Some(meter) => join(&self.job.archive, meter).await?,
            None => Join::default(),
        };
        if !run {
            let found = self.read(&plan, &mut joined, None).await?;
            self.take_over(&found).await;
            return Ok(ImportState::Seen((preview, self.report.clone())));
        }
        self.job.archive.remove_unfinished().await?;
        let source = SourceRecord::File { name: self.file.name(), kept: true };
        let new = match self.meter {
            None => Some(self.new_record(source).await.ok_or_else(unknown)?),
            Some(_) => None,
        };
        let meter = self.meter.clone().or_else(|| Some(new.as_ref()?.key.clone()));
        let meter = meter.ok_or_else(unknown)?;
        let mut into = Into { log: self.job.archive.next_import(&meter), meter, gathered: Vec::new() };
        self.job.archive.begin(&into.log).await?;
        let found = self.read(&plan, &mut joined, Some(&mut into)).await?;
        let stated = self.take_over(&found).await;
        self.finish(into, new, stated, &joined).await?;
        Ok(ImportState::Complete(self.report.clone()))
    }

    async fn new_record(&self, source: SourceRecord) -> Option<MeterRecord> {
        let (answer, record) = oneshot::channel();
        self.job.news(JobNews::NewRecord(source, answer));
        record.await.ok()
    }

    /// The beginning of the file, as long as a preview needs.
    async fn beginning(&self) -> Result<Vec<u8>, IntakeError> {
        let (mut slices, mut octets) = (self.file.clone(), Vec::new());
        while octets.len() < Preview::BEGINNING {
            let Some(slice) = slices.next().await.map_err(|_| IntakeError::File(Code::FileGone))? else {
                break;
            };
            octets.extend(slice);
        }
        Ok(octets)
    }

    /// The corrections in the file that the meter takes over. Reports those for which the meter has no room.
    async fn take_over(&mut self, found: &[(u64, Correction)]) -> Vec<Correction> {
        if found.is_empty() {
            return Vec::new();
        }
        let (taken, too_many) = taken_over(found, self.meter.as_ref(), &self.job.meters().await);
        for line in too_many {
            self.note_wrong(Wrong { line, problem: Problem::Corrections, text: String::new() });
        }
        self.report.corrections = u32::try_from(taken.len()).unwrap_or(u32::MAX);
        taken
    }

    async fn finish(
        &self,
        into: Into,
        mut new: Option<MeterRecord>,
        stated: Vec<Correction>,
        join: &Join,
    ) -> Result<(), IntakeError> {
        let Some(span) = join.span else { return Ok(self.job.archive.remove_unfinished().await?) };
        let Into { log, meter, .. } = into;
        let (file, at) = (self.file.name(), self.job.platform.moment());
        if let Some(record) = &mut new {
            record.stated.clone_from(&stated);
        }
        let (is_new, corrected) = (new.is_some(), (meter.clone(), stated.clone()));
        let (readings, heard, typed) = (join.new, false, false);
        let import = Import { log, meter, file, at, readings, span, heard, typed, stated };
        let meters = new.into_iter().collect();
        let log = import.log.clone();
        self.job.archive.finish(Finished { meters, imports: vec![import], ..Finished::default() }).await?;
        if self.job.archive.imports().iter().all(|import| import.log != log) {
            return Err(IntakeError::File(Code::ImportMeterGone));
        }
        if is_new {
            let (done, made) = oneshot::channel();
            self.job.news(JobNews::Made(done));
            made.await.unwrap_or_else(|_| Err(DiskError::Closed.into()))?;
        }
        self.job.news(JobNews::Imports);
        if !is_new {
            let (meter, stated) = corrected;
            self.job.news(JobNews::Corrected(meter, stated));
        }
        Ok(())
    }

    /// Reads the file. Returns the corrections that it contains, each with its line number.
    async fn read(
        &mut self,
        plan: &Plan,
        join: &mut Join,
        mut into: Option<&mut Into>,
    ) -> Result<Vec<(u64, Correction)>, IntakeError> {
        let mut reader = Reader::new(plan, self.zone);
        let mut slices = self.file.clone();
        loop {
            let octets = slices.next().await.map_err(|_| IntakeError::File(Code::FileGone))?;
            if self.job.stop.is_asked() {
                return Err(IntakeError::File(Code::FileStopped));
            }
            match &octets {
                Some(octets) => reader.push(octets),
                None => reader.end(),
            }
            while let Some(read) = reader.next() {
                let Some((received, reading)) = self.note(read, plan, join) else { continue };
                let Some(into) = into.as_deref_mut() else { continue };
                into.gathered.push((received, reading));
                if into.gathered.len() >= AT_ONCE {
                    self.append(into).await?;
                }
            }
            let (of, done) = slices.octets();
            self.job.tell(Event::Import { id: self.id, done, of, state: ImportState::Reading });
            if octets.is_none() {
                break;
            }
            self.job.platform.sleep(0).await;
        }
        if let Some(into) = into {
            self.append(into).await?;
        }
        Ok(reader.corrections().to_vec())
    }

    async fn append(&self, into: &mut Into) -> Result<(), IntakeError> {
        self.job.archive.append_all(&into.log, std::mem::take(&mut into.gathered)).await?;
        Ok(())
    }

    /// Counts a reading or a refused line. Returns the reading if it is new.
    fn note(
        &mut self,
        read: Result<(Moment, Reading), Wrong>,
        plan: &Plan,
        join: &mut Join,
    ) -> Option<(Moment, Reading)> {
        let report = &mut self.report;
        match read {
            Ok((received, reading)) => {
                let kept = plan.kept_at(received);
                let is_new = join.takes(kept);
                (report.new, report.doubles) = (join.new, join.doubles);
                if report.first.len() < SHOWN {
                    let values = reading.values.iter().map(|value| {
                        let unit = value.unit.map(|unit| unit.to_string()).unwrap_or_default();
                        format!("{} {} {unit}", value.register, value.value)
                    });
                    report.first.push((received, values.collect()));
                }
                let (from, to) = report.span.unwrap_or((received, received));
                report.span = Some((from.min(received), to.max(received)));
                is_new.then_some((kept, reading))
            }
            Err(wrong) => {
                self.note_wrong(wrong);
                None
            }
        }
    }

    fn note_wrong(&mut self, Wrong { line, problem, text }: Wrong) {
        let report = &mut self.report;
        report.refused += 1;
        let code = problem.code();
        let is_room = report.problems.len() < PROBLEMS;
        let is_same = |known: &ImportProblem| known.code == code && known.text == text;
        let same = report.problems.iter().position(is_same).filter(|_| !text.is_empty());
        if let Some(known) = same.and_then(|place| report.problems.get_mut(place)) {
            known.lines += 1;
        } else if is_room {
            report.problems.push(ImportProblem { line, code, text, lines: 1 });
        }
    }

    fn tell(&self, state: ImportState) {
        let (of, _) = self.file.octets();
        self.job.tell(Event::Import { id: self.id, done: of, of, state });
    }
}

/// Readings that are appended at once.
const AT_ONCE: usize = 2000;
/// Readings that a preview shows.
const SHOWN: usize = 5;
/// Problems that are reported one by one.
const PROBLEMS: usize = 20;
