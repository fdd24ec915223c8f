//! The files that a site has sent, and when it sent each part of them.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The target of the request.
    pub target: String,
    /// For each part of the content, when it was sent and its number of bytes.
    pub parts: Vec<(SystemTime, usize)>,
}

#[derive(Debug, Default)]
pub(super) struct Account(Mutex<Vec<Answer>>);

impl Account {
    /// Records the beginning of an answer. Returns its number for [`Self::enter`].
    pub(super) fn begin(&self, target: &str) -> usize {
        let mut all = self.all();
        all.push(Answer { target: target.to_owned(), parts: Vec::new() });
        all.len() - 1
    }

    /// Records that this many bytes of the answer were sent.
    pub(super) fn enter(&self, answer: usize, bytes: usize) {
        if let Some(answer) = self.all().get_mut(answer) {
            answer.parts.push((SystemTime::now(), bytes));
        }
    }

    pub(super) fn answers(&self) -> Vec<Answer> {
        self.all().clone()
    }

    pub(super) fn sum(&self) -> u64 {
        self.all().iter().flat_map(|answer| &answer.parts).map(|(_, bytes)| *bytes as u64).sum()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Answer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
