//! [`Jobs`]: exports, backups, restorings and imports that go on, by the numbers that windows know them by.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::task::{Stop, Task};

/// The jobs that go on. Clones are views of one and the same.
#[derive(Clone, Debug, Default)]
pub struct Jobs(Rc<RefCell<HashMap<u32, Task>>>);

impl Jobs {
    /// A job of that number, and its work, which is to be spawned. It is known until its end.
    pub fn begin<F: Future<Output = ()> + 'static>(
        &self,
        id: u32,
        job: impl FnOnce(Stop) -> F,
    ) -> LocalBoxFuture<'static, ()> {
        let (task, work) = Task::new(job);
        self.0.borrow_mut().insert(id, task);
        let jobs = self.clone();
        let to_its_end = async move {
            work.await;
            jobs.0.borrow_mut().remove(&id);
        };
        to_its_end.boxed_local()
    }

    /// Asks a job to stop, and does not wait for its end.
    pub fn stop(&self, id: u32) {
        drop(self.0.borrow_mut().remove(&id));
    }

    /// How many go on.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether none goes on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[test]
    fn a_job_is_known_until_its_end() {
        let jobs = Jobs::default();
        let mut goes_on = jobs.begin(1, |_| pending());
        let mut ends = jobs.begin(2, |_| std::future::ready(()));
        assert_eq!(jobs.len(), 2);
        assert!(ends.as_mut().now_or_never().is_some());
        assert!(goes_on.as_mut().now_or_never().is_none());
        assert_eq!(jobs.len(), 1);
    }

    #[test]
    fn a_job_that_is_stopped_hears_of_it_and_is_forgotten() {
        let jobs = Jobs::default();
        let mut work = jobs.begin(1, |stop| async move { stop.asked().await });
        assert!(work.as_mut().now_or_never().is_none());
        jobs.stop(1);
        assert!(jobs.is_empty());
        assert!(work.as_mut().now_or_never().is_some());
    }
}
