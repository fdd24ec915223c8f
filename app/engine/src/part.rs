//! [`Part`]: code that is fetched when it is first used.

use futures_util::future::LocalBoxFuture;

/// Fetches a part's code if it is not loaded, and does the work to its end.
pub type Part<W> = fn(W) -> LocalBoxFuture<'static, Result<(), NotFetched>>;

/// The code of a part could not be fetched. The next use tries again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotFetched;

/// The work of a part. A call of [`Work::go_on`] links the part's code into the caller. So in a program that is split
/// into parts, only the part itself may call it.
pub trait Work: Sized + 'static {
    /// Does the work.
    fn go_on(self) -> LocalBoxFuture<'static, ()>;

    /// Does the work with code that was linked from the start.
    fn here(self) -> LocalBoxFuture<'static, Result<(), NotFetched>> {
        Box::pin(async {
            self.go_on().await;
            Ok(())
        })
    }
}
