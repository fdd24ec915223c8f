//! [`Table`]: the jobs that are running, and those that wait for others.

use std::collections::{BTreeMap, VecDeque};

use futures_util::future::LocalBoxFuture;

use crate::fact::JobId;
use crate::task::Task;

/// The work of a job, for the caller to spawn.
pub(super) type Work = LocalBoxFuture<'static, ()>;

/// Whether a job runs beside all others, or only while no other job of the `None` kind runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Beside {
    All,
    None,
}

/// The jobs that run or wait. A job is known until it ends, or until it is asked to stop.
#[derive(Default)]
pub(super) struct Table {
    tasks: BTreeMap<JobId, Task>,
    /// The running job of the kind [`Beside::None`], such as an import or a backup.
    alone: Option<JobId>,
    /// Jobs that wait for the job in `alone` to end.
    waiting: VecDeque<(JobId, Work)>,
}

impl Table {
    /// Adds a job. Returns its work if it is to start now.
    pub(super) fn begin(&mut self, id: JobId, beside: Beside, task: Task, work: Work) -> Option<Work> {
        self.tasks.insert(id, task);
        match (beside, self.alone) {
            (Beside::None, Some(_)) => {
                self.waiting.push_back((id, work));
                return None;
            }
            (Beside::None, None) => self.alone = Some(id),
            (Beside::All, _) => {}
        }
        Some(work)
    }

    /// Asks a job to stop. A waiting job stops when its turn comes.
    pub(super) fn stop(&mut self, id: JobId) {
        drop(self.tasks.remove(&id));
    }

    /// A job has ended. Returns the work of the next waiting job, if that may start now.
    pub(super) fn ended(&mut self, id: JobId) -> Option<Work> {
        self.stop(id);
        self.alone.take_if(|alone| *alone == id)?;
        let (next, work) = self.waiting.pop_front()?;
        self.alone = Some(next);
        Some(work)
    }

    /// Whether a job is running or waiting.
    pub(super) fn knows(&self, id: JobId) -> bool {
        self.tasks.contains_key(&id)
    }

    /// Whether a job of the kind [`Beside::None`] is running.
    pub(super) const fn takes_in(&self) -> bool {
        self.alone.is_some()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// A job that runs until it is asked to stop.
    fn begin(table: &mut Table, number: u32, beside: Beside) -> Option<Work> {
        let (task, work) = Task::new(|stop| async move { stop.asked().await });
        table.begin(JobId::Asked(number), beside, task, work)
    }

    fn known(table: &Table) -> Vec<u32> {
        (0..10).filter(|number| table.knows(JobId::Asked(*number))).collect()
    }

    #[test]
    fn a_job_is_known_until_its_end() {
        let mut table = Table::default();
        assert!(begin(&mut table, 1, Beside::All).is_some());
        assert!(begin(&mut table, 2, Beside::All).is_some());
        assert_eq!(known(&table), [1, 2]);
        assert!(table.ended(JobId::Asked(2)).is_none());
        assert_eq!(known(&table), [1]);
    }

    #[test]
    fn a_stopped_job_is_notified_and_forgotten() {
        let mut table = Table::default();
        let mut work = begin(&mut table, 1, Beside::All).expect("it begins");
        assert!(work.as_mut().now_or_never().is_none());
        table.stop(JobId::Asked(1));
        assert!(known(&table).is_empty());
        assert!(work.as_mut().now_or_never().is_some());
    }

    #[test]
    fn jobs_that_make_logs_run_one_at_a_time_in_order() {
        let mut table = Table::default();
        assert!(begin(&mut table, 1, Beside::None).is_some());
        assert!(begin(&mut table, 2, Beside::None).is_none());
        assert!(begin(&mut table, 3, Beside::None).is_none());
        assert!(begin(&mut table, 4, Beside::All).is_some(), "an export runs beside the others");
        assert!(table.ended(JobId::Asked(4)).is_none());
        // The job is asked to stop before it has started, and stops as soon as it starts.
        table.stop(JobId::Asked(2));
        let mut second = table.ended(JobId::Asked(1)).expect("the next one begins");
        assert!(second.as_mut().now_or_never().is_some() && table.takes_in());
        assert!(table.ended(JobId::Asked(2)).is_some());
        assert!(table.ended(JobId::Asked(3)).is_none() && !table.takes_in());
    }
}
