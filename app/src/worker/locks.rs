//! The browser's locks as the engine's types.

use metertap_engine::platform::{Keeper, LockError, Queued};

use crate::browser::lock_keeper::{self, LockKeeper};
use crate::browser::web_lock;

impl Keeper for LockKeeper {
    async fn comes(&mut self) {
        self.comes().await;
    }
}

impl From<web_lock::LockError> for LockError {
    fn from(error: web_lock::LockError) -> Self {
        match error {
            web_lock::LockError::Unsupported => Self::Unsupported,
            web_lock::LockError::Refused => Self::Refused,
        }
    }
}

impl From<lock_keeper::Queued> for Queued<LockKeeper> {
    fn from(queued: lock_keeper::Queued) -> Self {
        match queued {
            lock_keeper::Queued::Anew(keeper) => Self::Anew(keeper),
            lock_keeper::Queued::Seen => Self::Seen,
            lock_keeper::Queued::NoAnswer => Self::NoAnswer,
        }
    }
}
