//! What a site has sent: which files, and how much of each when.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked for.
    pub target: String,
    /// The bytes of its content that went at that time.
    pub parts: Vec<(SystemTime, usize)>,
}

/// All that a site has sent.
#[derive(Debug, Default)]
pub(super) struct Account(Mutex<Vec<Answer>>);

impl Account {
    /// A file is about to be sent. The answer is what it goes by in [`Self::enter`].
    pub(super) fn begin(&self, target: &str) -> usize {
        let mut all = self.all();
        all.push(Answer { target: target.to_owned(), parts: Vec::new() });
        all.len() - 1
    }

    /// So many bytes of it have gone.
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
