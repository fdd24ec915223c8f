//! [`Connection`]: how long a disk is one and the same.

use std::fmt;
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

use super::DiskError;

/// A connection to a disk from its beginning to its end. Clones are of one and the same.
#[derive(Clone)]
pub struct Connection(Shared<LocalBoxFuture<'static, ()>>);

impl Connection {
    /// One that ends with this future.
    pub fn until(over: impl Future<Output = ()> + 'static) -> Self {
        Self(over.boxed_local().shared())
    }

    /// Waits for its end.
    pub async fn over(&self) {
        self.0.clone().await;
    }

    /// Goes on if it is not over.
    ///
    /// # Errors
    /// [`DiskError::Closed`] where it is.
    pub fn check(&self) -> Result<(), DiskError> {
        if self.over().now_or_never().is_some() { Err(DiskError::Closed) } else { Ok(()) }
    }

    /// Does work that must be of one connection from its beginning to its end: nothing of it is done on another one.
    ///
    /// # Errors
    /// If the work fails, and [`DiskError::Closed`] where the connection ends before it is done.
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
        assert_eq!(at_once(late), Err(DiskError::Closed), "none of it is done on another one");
    }
}
