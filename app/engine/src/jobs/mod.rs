//! `Jobs`: work that takes long and runs beside everything else, such as exports, imports, backups, restores and
//! answers about the log.

mod ahead;
mod backup;
pub mod capture;
mod corrections;
pub mod daily;
mod export;
pub mod extract;
pub mod extract_error;
mod import;
pub mod inspect;
mod intake_error;
pub mod opening;
mod profile;
mod restore;
mod series;
mod table;
mod totals;
mod typing;
mod work;

use futures_channel::oneshot;
use metertap_decoder::time::Zone;
use metertap_protocol::{Event, ExportEnd, ExportOptions, ImportState, RestoreHow, RestoreState, Trouble};
use metertap_readings::archive::Archive;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::{LoadProfile, Plan};
use metertap_readings::store::MeterKey;

use self::capture::Taped;
use self::daily::EveryDay;
use self::extract::Extract;
use self::inspect::Telegram;
use self::opening::Opened;
use self::table::{Beside, Table};
use self::typing::TypedOf;
pub use self::work::{AheadWork, FileWork, LogWork, OctetWork};
use self::work::{FileTask, LogTask, OctetTask};
use crate::fact::{Fact, Facts, JobId, JobNews};
use crate::part::Part;
use crate::platform::Platform;
use crate::task::{Stop, Task};
use crate::trouble::not_fetched;

pub(crate) struct Jobs<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    parts: JobParts<P>,
    table: Table,
    /// The last number that the engine gave to a job ([`JobId::Own`]).
    own: u32,
    pub(crate) daily: EveryDay<P::Handle>,
}

pub(crate) struct JobParts<P: Platform> {
    /// For files.
    pub(crate) files: Part<FileWork<P>>,
    /// For the log's readings.
    pub(crate) log: Part<LogWork<P>>,
    /// For peaks and predictions.
    pub(crate) ahead: Part<AheadWork<P>>,
    /// For bytes from a line.
    pub(crate) octets: Part<OctetWork<P>>,
}

#[derive(Clone)]
struct Job<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    id: JobId,
    stop: Stop,
}

impl<P: Platform> Jobs<P> {
    pub(crate) fn new(platform: P, archive: Archive<P::Disk>, facts: Facts<P>, parts: JobParts<P>) -> Self {
        let (table, daily) = (Table::default(), EveryDay::default());
        Self { platform, archive, facts, parts, table, own: 0, daily }
    }

    /// Starts an export: into the file behind the handle, or into a blob that the window saves.
    pub(crate) fn export(
        &mut self,
        id: u32,
        meters: Vec<(MeterKey, String)>,
        span: (Option<Moment>, Option<Moment>),
        (options, zone): (ExportOptions, Zone),
        into: Option<P::Handle>,
    ) {
        let moments = span.0.unwrap_or(Moment(i64::MIN))..=span.1.unwrap_or(Moment(i64::MAX));
        let extract = Extract { meters, moments, options, zone };
        let task = FileTask::Export { id, extract, into };
        self.begin_file(JobId::Asked(id), Beside::All, task, move |why| JobNews::Told(not_saved(id, why)));
    }

    /// Starts a backup: into the file behind the handle, or into a blob that the window saves.
    pub(crate) fn back_up(&mut self, id: u32, secrets: bool, into: Option<P::Handle>) {
        let task = FileTask::BackUp { id, secrets, into };
        self.begin_file(JobId::Asked(id), Beside::None, task, move |why| JobNews::Told(not_saved(id, why)));
    }

    /// Starts to check a backup, or to restore it.
    pub(crate) fn restore(&mut self, id: u32, how: RestoreHow, file: P::Input) {
        let task = FileTask::Restore { id, how, file };
        let refused = move |why| Event::Restore { id, done: 0, of: 0, state: RestoreState::Refused(why) };
        self.begin_file(JobId::Asked(id), Beside::None, task, move |why| JobNews::Told(refused(why)));
    }

    /// Starts to preview a file, or to import it: into the given meter, or into a new one.
    pub(crate) fn import(
        &mut self,
        (id, run): (u32, bool),
        meter: Option<MeterKey>,
        plan: Option<Plan>,
        zone: Zone,
        file: P::Input,
    ) {
        let task = FileTask::Import { id, run, meter, plan, zone, file };
        let refused = move |why| Event::Import { id, done: 0, of: 0, state: ImportState::Refused(why) };
        self.begin_file(JobId::Asked(id), Beside::None, task, move |why| JobNews::Told(refused(why)));
    }

    /// Starts to keep the fetched entries of a meter's load profile.
    pub(crate) fn keep_profile(&mut self, meter: MeterKey, profile: LoadProfile) {
        let (id, of) = (self.own(), meter.clone());
        let task = FileTask::KeepProfile { meter, profile };
        let refused = move |why| JobNews::ProfileNotKept(of, why);
        self.begin_file(id, Beside::None, task, refused);
    }

    pub(crate) fn draw(&mut self, id: u32, meter: MeterKey, span: (Moment, Moment), columns: u32) {
        self.begin_log(LogTask::Draw { id, meter, span, columns });
    }

    pub(crate) fn answer(&mut self, id: u32, meter: MeterKey, question: Vec<u8>, zone: Zone) {
        self.begin_log(LogTask::Answer { id, meter, question, zone });
    }

    pub(crate) fn answer_ahead(&mut self, id: u32, meter: MeterKey, question: Vec<u8>, zone: Zone) {
        let (part, own) = (self.parts.ahead, self.own());
        let refused = |trouble| JobNews::Told(Event::Refused { trouble });
        self.begin(own, Beside::All, |job| {
            let work = AheadWork { job: job.clone(), id, meter, question, zone };
            fetched(part, work, job, refused)
        });
    }

    /// Starts to keep a position that the user has typed, or to take one back. Without a meter, a new one with this
    /// name is made.
    pub(crate) fn keep_position(
        &mut self,
        id: u32,
        (meter, name): (Option<MeterKey>, String),
        typing: Vec<u8>,
        zone: Zone,
    ) {
        let of = meter.map_or(TypedOf::New(name), TypedOf::Meter);
        self.begin_log_as(Beside::None, LogTask::Type { id, of, typing, zone });
    }

    /// Finds out what a file of bytes contains. The receiver is cancelled if the job's code cannot be fetched.
    pub(crate) fn open(
        &mut self,
        name: String,
        octets: Vec<u8>,
        paced: bool,
        zone: Zone,
    ) -> oneshot::Receiver<Opened> {
        let (answer, opened) = oneshot::channel();
        self.begin_octets(OctetTask::Open { name, octets, paced, zone, answer });
        opened
    }

    pub(crate) fn save_capture(&mut self, meter: MeterKey, taped: Taped, whole: bool) {
        self.begin_octets(OctetTask::Save { meter, taped, whole });
    }

    pub(crate) fn inspect(&mut self, meter: MeterKey, telegram: Telegram) {
        self.begin_octets(OctetTask::Inspect { meter, telegram });
    }

    /// Starts to recompute the totals of these meters from the readings that are kept.
    pub(crate) fn recompute(&mut self, meters: Vec<MeterKey>) {
        self.begin_log(LogTask::Recompute { meters });
    }

    /// Starts to write today's backup. Returns `false` if that is under way already, or if no backups are wanted.
    pub(crate) fn back_up_today(
        &mut self,
        installation: String,
        certain: Option<Moment>,
        zone: Zone,
    ) -> bool {
        if self.daily.writing().is_some_and(|id| self.table.knows(id)) {
            return false;
        }
        let id = self.own();
        let Some(order) = self.daily.begin(id, self.platform.moment()) else { return false };
        let task = FileTask::Daily { order, installation, certain, zone };
        self.begin_file(id, Beside::None, task, |why| JobNews::Daily(Err(why)));
        true
    }

    /// Gives up today's backup, if it is being written.
    pub(crate) fn stop_today(&mut self) {
        if let Some(id) = self.daily.give_up() {
            self.stop(id);
        }
    }

    pub(crate) fn stop(&mut self, id: JobId) {
        self.table.stop(id);
    }

    /// A job has ended: starts the next one that waited for it.
    pub(crate) fn ended(&mut self, id: JobId) {
        if let Some(next) = self.table.ended(id) {
            self.platform.spawn(next);
        }
    }

    /// Whether a job of the kind [`Beside::None`] is running, such as an import, a restore or a backup.
    pub(crate) const fn takes_in(&self) -> bool {
        self.table.takes_in()
    }

    fn own(&mut self) -> JobId {
        self.own += 1;
        JobId::Own(self.own)
    }

    /// Starts a job that reads or writes a file. If its code cannot be fetched, reports that.
    fn begin_file(
        &mut self,
        id: JobId,
        beside: Beside,
        task: FileTask<P>,
        refused: impl FnOnce(Trouble) -> JobNews<P> + 'static,
    ) {
        let part = self.parts.files;
        self.begin(id, beside, |job| fetched(part, FileWork { job: job.clone(), task }, job, refused));
    }

    fn begin_log(&mut self, task: LogTask) {
        self.begin_log_as(Beside::All, task);
    }

    fn begin_log_as(&mut self, beside: Beside, task: LogTask) {
        let (part, id) = (self.parts.log, self.own());
        let refused = |trouble| JobNews::Told(Event::Refused { trouble });
        self.begin(id, beside, |job| fetched(part, LogWork { job: job.clone(), task }, job, refused));
    }

    /// Starts a job that works with bytes from a line. If its code cannot be fetched, tells all windows.
    fn begin_octets(&mut self, task: OctetTask) {
        let (part, id) = (self.parts.octets, self.own());
        let refused = |trouble| JobNews::Told(Event::Refused { trouble });
        self.begin(id, Beside::All, |job| fetched(part, OctetWork { job: job.clone(), task }, job, refused));
    }

    fn begin<F: Future<Output = ()> + 'static>(
        &mut self,
        id: JobId,
        beside: Beside,
        work: impl FnOnce(Job<P>) -> F,
    ) {
        let (platform, archive, facts) = (self.platform.clone(), self.archive.clone(), self.facts.clone());
        let (task, work) = Task::new(|stop| {
            let end = facts.clone();
            let work = work(Job { platform, archive, facts, id, stop });
            async move {
                work.await;
                end.tell(Fact::Job(id, JobNews::Ended));
            }
        });
        if let Some(work) = self.table.begin(id, beside, task, work) {
            self.platform.spawn(work);
        }
    }
}

/// Does the work in a part, or reports that the part's code could not be fetched.
async fn fetched<P: Platform, W>(
    part: Part<W>,
    work: W,
    job: Job<P>,
    refused: impl FnOnce(Trouble) -> JobNews<P>,
) {
    if part(work).await.is_err() {
        job.news(refused(not_fetched(job.at())));
    }
}

const fn not_saved(id: u32, why: Trouble) -> Event {
    Event::Export { id, done: 0, of: 0, end: Some(ExportEnd::Failed(why)) }
}

impl<P: Platform> Job<P> {
    fn news(&self, news: JobNews<P>) {
        self.facts.tell(Fact::Job(self.id, news));
    }

    fn tell(&self, event: Event) {
        self.news(JobNews::Told(event));
    }

    fn at(&self) -> Moment {
        self.platform.moment()
    }
}
