//! Reads another program's file, or one of our own: looks at it, says what would become of it, and imports it.

use std::ops::RangeInclusive;
use std::rc::Rc;

use metertap_decoder::reading::Reading;
use metertap_protocol::{Event, ImportProblem, ImportReport, ImportState, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Finished;
use metertap_readings::files::import::{Import, Join, Plan, Reader, Sight, Wrong};
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{DiskError, MeterKey, MeterRecord, SourceRecord};

use super::desk::Desk;
use super::task::Stop;
use super::trouble::{not_kept, trouble};
use crate::platform::{Input, Platform};

impl<P: Platform> Desk<P> {
    /// Begins to look at a file, or to import it: into that meter, or into one that is made for it.
    pub(crate) fn import(
        self: &Rc<Self>,
        id: u32,
        meter: Option<MeterKey>,
        plan: Option<Plan>,
        run: bool,
        file: Option<P::Handle>,
    ) {
        let Some(slices) = file.and_then(|file| self.platform.input(&file)) else { return };
        let desk = Rc::clone(self);
        let work = self.jobs.begin(id, |stop| async move {
            let intake = Rc::clone(&desk);
            let _alone = intake.intake.lock().await;
            let mut importing = Importing { desk, id, meter, slices, stop, report: ImportReport::default() };
            // Should the browser take the log away and give back an empty one, half of the file would be in it.
            let connection = importing.desk.log.connection();
            let ended = connection.unbroken(importing.run(plan, run)).await;
            if let Err(failure) = &ended {
                // Whatever is left goes the next time at the latest.
                let removed = importing.desk.log.remove_unfinished().await;
                if removed.is_ok() && matches!(failure, Failure::Log(LogError::Disk(DiskError::Full))) {
                    importing.desk.upkeep.expect_room(importing.desk.platform.now());
                }
            }
            let (name, at) = (importing.slices.name(), importing.desk.platform.moment());
            importing.tell(ended.unwrap_or_else(|failure| ImportState::Refused(failure.told(name, at))));
        });
        self.platform.spawn(work);
    }

    /// Forgets an import with all its readings, and the meter that was made for it.
    pub(crate) async fn undo_import(self: &Rc<Self>, log: &MeterKey) {
        let Some(import) = self.log.imports().into_iter().find(|import| import.log == *log) else { return };
        let Import { meter, file, .. } = import;
        if let Err(error) = self.log.remove_import(log).await {
            self.tell(&Event::Refused { trouble: not_kept(&error, self.platform.moment()) });
        }
        self.tell_imports();
        let source = self.change(&meter, |meter| meter.state.record.source.clone());
        let was_made_for_it = source == Some(SourceRecord::File { name: file, kept: true });
        if was_made_for_it && matches!(self.log.count(&meter, EVER).await, Ok(0)) {
            self.remove(&meter).await;
        }
    }

    /// Tells the window what was imported.
    pub(crate) fn tell_imports(&self) {
        self.tell(&Event::Imports { imports: self.log.imports() });
    }
}

struct Importing<P: Platform> {
    desk: Rc<Desk<P>>,
    id: u32,
    /// None for a meter that is made for it.
    meter: Option<MeterKey>,
    slices: P::Input,
    stop: Stop,
    report: ImportReport,
}

/// What was found wrong, or failed.
enum Failure {
    /// With the file.
    File(Code),
    /// With the log.
    Log(LogError),
}

impl Failure {
    fn told(&self, file: String, at: Moment) -> Trouble {
        match self {
            Self::File(code) => trouble(code.clone(), file, at),
            Self::Log(error) => not_kept(error, at),
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        Self::Log(error.into())
    }
}

/// Where readings go.
struct Into {
    log: MeterKey,
    meter: MeterKey,
    gathered: Vec<(Moment, Reading)>,
}

impl<P: Platform> Importing<P> {
    async fn run(&mut self, plan: Option<Plan>, run: bool) -> Result<ImportState, Failure> {
        let octets = self.beginning().await?;
        let unknown = || Failure::File(Code::ImportUnknown);
        let seen = match plan {
            None => Sight::of(&octets),
            Some(plan) => Sight::as_planned(&octets, plan),
        };
        let sight = seen.map_err(|unseen| Failure::File(unseen.code()))?;
        drop(octets);
        let plan = sight.plan.clone();
        let mut join = match &self.meter {
            Some(meter) => self.desk.join(meter).await?,
            None => Join::default(),
        };
        if !run {
            self.read(&plan, &mut join, None).await?;
            return Ok(ImportState::Seen((sight, self.report.clone())));
        }
        self.desk.log.remove_unfinished().await?;
        let source = SourceRecord::File { name: self.slices.name(), kept: true };
        let new = self.meter.is_none().then(|| self.desk.new_record(source));
        let meter = self.meter.clone().or_else(|| Some(new.as_ref()?.key.clone()));
        let meter = meter.ok_or_else(unknown)?;
        let mut into = Into { log: self.desk.log.next_import(&meter), meter, gathered: Vec::new() };
        self.desk.log.begin(&into.log).await?;
        self.read(&plan, &mut join, Some(&mut into)).await?;
        self.finish(into, new, &join).await?;
        Ok(ImportState::Complete(self.report.clone()))
    }

    /// As much of the file as is looked at.
    async fn beginning(&self) -> Result<Vec<u8>, Failure> {
        let (mut slices, mut octets) = (self.slices.clone(), Vec::new());
        while octets.len() < Sight::BEGINNING {
            let Some(slice) = slices.next().await.map_err(|_| Failure::File(Code::FileGone))? else { break };
            octets.extend(slice);
        }
        Ok(octets)
    }

    /// Everything counts from here on.
    async fn finish(&self, into: Into, new: Option<MeterRecord>, join: &Join) -> Result<(), Failure> {
        let Some(span) = join.span else { return Ok(self.desk.log.remove_unfinished().await?) };
        let Into { log, meter, .. } = into;
        let (file, at) = (self.slices.name(), self.desk.platform.moment());
        let import = Import { log, meter, file, at, readings: join.new, span };
        let (is_new, meters) = (new.is_some(), new.into_iter().collect());
        self.desk.log.finish(Finished { meters, imports: vec![import], ..Finished::default() }).await?;
        if is_new {
            self.desk.begin_anew().await?;
        }
        self.desk.tell_imports();
        Ok(())
    }

    async fn read(
        &mut self,
        plan: &Plan,
        join: &mut Join,
        mut into: Option<&mut Into>,
    ) -> Result<(), Failure> {
        let mut reader = Reader::new(plan, self.desk.zone.get());
        let mut slices = self.slices.clone();
        loop {
            let octets = slices.next().await.map_err(|_| Failure::File(Code::FileGone))?;
            if self.stop.is_asked() {
                return Err(Failure::File(Code::FileStopped));
            }
            match &octets {
                Some(octets) => reader.push(octets),
                None => reader.end(),
            }
            while let Some(read) = reader.next() {
                let Some((received, reading)) = self.note(read, join) else { continue };
                let Some(into) = into.as_deref_mut() else { continue };
                into.gathered.push((received, reading));
                if into.gathered.len() >= AT_ONCE {
                    self.append(into).await?;
                }
            }
            let (of, done) = slices.octets();
            self.desk.tell(&Event::Import { id: self.id, done, of, state: ImportState::Reading });
            if octets.is_none() {
                break;
            }
            self.desk.platform.sleep(0).await;
        }
        if let Some(into) = into {
            self.append(into).await?;
        }
        Ok(())
    }

    async fn append(&self, into: &mut Into) -> Result<(), Failure> {
        self.desk.log.append_all(&into.log, std::mem::take(&mut into.gathered)).await?;
        Ok(())
    }

    /// Counts what was read; answers with it if it is new.
    fn note(&mut self, read: Result<(Moment, Reading), Wrong>, join: &mut Join) -> Option<(Moment, Reading)> {
        let report = &mut self.report;
        match read {
            Ok((received, reading)) => {
                let is_new = join.takes(received);
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
                is_new.then_some((received, reading))
            }
            Err(Wrong { line, problem, text }) => {
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
                None
            }
        }
    }

    fn tell(&self, state: ImportState) {
        let (of, _) = self.slices.octets();
        self.desk.tell(&Event::Import { id: self.id, done: of, of, state });
    }
}

const EVER: RangeInclusive<Moment> = Moment(i64::MIN)..=Moment(i64::MAX);
/// Readings that are appended at once.
const AT_ONCE: usize = 2000;
/// Readings that a person is shown.
const SHOWN: usize = 5;
/// Problems that are told one by one.
const PROBLEMS: usize = 20;
