//! [`Connection`]: the lifetime of an open disk.

use std::fmt;
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

use super::DiskError;

/// A connection to a disk from opening to end. All clones stand for the same connection.
#[derive(Clone)]
pub struct Connection(Shared<LocalBoxFuture<'static, ()>>);

impl Connection {
    /// A connection that ends when this future completes.
    pub fn until(over: impl Future<Output = ()> + 'static) -> Self {
        Self(over.boxed_local().shared())
    }

    /// Waits until the connection has ended.
    pub async fn over(&self) {
        self.0.clone().await;
    }

    /// Checks that the connection has not ended.
    ///
    /// # Errors
    /// [`DiskError::Closed`] if it has.
    pub fn check(&self) -> Result<(), DiskError> {
        if self.over().now_or_never().is_some() { Err(DiskError::Closed) } else { Ok(()) }
    }

    /// Runs work that must happen within one connection from beginning to end: no part of it runs on another
    /// connection.
    ///
    /// # Errors
    /// If the work fails; [`DiskError::Closed`] if the connection ends before the work is done.
    pub async fn unbroken<T, E: From<DiskError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match select(pin!(self.over()), pin!(work)).await {
            Either::Left(_) => Err(DiskError::Closed.into()),
            Either::Right((done, _)) => done,
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.check()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;
    use crate::samples::at_once;

    #[test]
    fn work_ends_with_the_connection_that_it_began_on() {
        let lasting = Connection::until(pending());
        assert_eq!(lasting.check(), Ok(()));
        assert_eq!(at_once(lasting.unbroken(ready(Ok::<_, DiskError>(7)))), Ok(7));
        let over = Connection::until(ready(()));
        assert_eq!(over.check(), Err(DiskError::Closed));
        assert_eq!(at_once(over.unbroken(pending::<Result<(), DiskError>>())), Err(DiskError::Closed));
        let late = over.unbroken(ready(Ok::<_, DiskError>(7)));
        assert_eq!(at_once(late), Err(DiskError::Closed), "no part of the work runs on another connection");
    }
}
