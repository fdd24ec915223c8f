//! The work of the parts that jobs need: [`FileWork`], [`LogWork`], [`AheadWork`] and [`OctetWork`].

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use metertap_decoder::time::Zone;
use metertap_protocol::RestoreHow;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::{LoadProfile, Plan};
use metertap_readings::store::MeterKey;

use super::Job;
use super::capture::Taped;
use super::daily::Order;
use super::extract::Extract;
use super::inspect::Telegram;
use super::opening::Opened;
use super::typing::TypedOf;
use crate::part::Work;
use crate::platform::Platform;

/// Work with a file.
pub struct FileWork<P: Platform> {
    pub(super) job: Job<P>,
    pub(super) task: FileTask<P>,
}

pub(super) enum FileTask<P: Platform> {
    Export { id: u32, extract: Extract, into: Option<P::Handle> },
    BackUp { id: u32, secrets: bool, into: Option<P::Handle> },
    Daily { order: Order<P::Handle>, installation: String, certain: Option<Moment>, zone: Zone },
    Restore { id: u32, how: RestoreHow, file: P::Input },
    Import { id: u32, run: bool, meter: Option<MeterKey>, plan: Option<Plan>, zone: Zone, file: P::Input },
    KeepProfile { meter: MeterKey, profile: LoadProfile },
}

impl<P: Platform> Work for FileWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { job, task } = self;
        match task {
            FileTask::Export { id, extract, into } => job.export(id, extract, into).boxed_local(),
            FileTask::BackUp { id, secrets, into } => job.back_up(id, secrets, into).boxed_local(),
            FileTask::Daily { order, installation, certain, zone } => {
                job.write_daily(order, installation, certain, zone).boxed_local()
            }
            FileTask::Restore { id, how, file } => job.restore(id, how, file).boxed_local(),
            FileTask::Import { id, run, meter, plan, zone, file } => {
                job.import((id, run), meter, plan, zone, file).boxed_local()
            }
            FileTask::KeepProfile { meter, profile } => job.keep_profile(meter, profile).boxed_local(),
        }
    }
}

/// Work with the readings of the log.
pub struct LogWork<P: Platform> {
    pub(super) job: Job<P>,
    pub(super) task: LogTask,
}

pub(super) enum LogTask {
    Draw { id: u32, meter: MeterKey, span: (Moment, Moment), columns: u32 },
    Answer { id: u32, meter: MeterKey, question: Vec<u8>, zone: Zone },
    Recompute { meters: Vec<MeterKey> },
    Type { id: u32, of: TypedOf, typing: Vec<u8>, zone: Zone },
}

impl<P: Platform> Work for LogWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { job, task } = self;
        match task {
            LogTask::Draw { id, meter, span, columns } => job.draw(id, meter, span, columns).boxed_local(),
            LogTask::Answer { id, meter, question, zone } => {
                job.answer(id, meter, question, zone).boxed_local()
            }
            LogTask::Recompute { meters } => job.recompute(meters).boxed_local(),
            LogTask::Type { id, of, typing, zone } => job.keep_position(id, of, typing, zone).boxed_local(),
        }
    }
}

/// Work with peaks and predictions.
pub struct AheadWork<P: Platform> {
    pub(super) job: Job<P>,
    pub(super) id: u32,
    pub(super) meter: MeterKey,
    pub(super) question: Vec<u8>,
    pub(super) zone: Zone,
}

impl<P: Platform> Work for AheadWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { job, id, meter, question, zone } = self;
        job.answer_ahead(id, meter, question, zone).boxed_local()
    }
}

/// Work with bytes that went over a line.
pub struct OctetWork<P: Platform> {
    pub(super) job: Job<P>,
    pub(super) task: OctetTask,
}

pub(super) enum OctetTask {
    Open { name: String, octets: Vec<u8>, paced: bool, zone: Zone, answer: oneshot::Sender<Opened> },
    Save { meter: MeterKey, taped: Taped, whole: bool },
    Inspect { meter: MeterKey, telegram: Telegram },
}

impl<P: Platform> Work for OctetWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { job, task } = self;
        match task {
            OctetTask::Open { name, octets, paced, zone, answer } => {
                job.open(name, octets, paced, zone, answer).boxed_local()
            }
            OctetTask::Save { meter, taped, whole } => job.save_capture(meter, taped, whole).boxed_local(),
            OctetTask::Inspect { meter, telegram } => job.inspect(meter, telegram).boxed_local(),
        }
    }
}
