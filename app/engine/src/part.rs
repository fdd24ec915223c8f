//! [`Part`]: code that is fetched when it is first used, as a component sees it.

use futures_util::future::LocalBoxFuture;

/// Fetches a part where it is not there, and does the work to its end.
pub type Part<W> = fn(W) -> LocalBoxFuture<'static, Result<(), NotFetched>>;

/// The code of a part could not be fetched. It is tried again the next time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotFetched;

/// What a part does. Whoever calls [`Work::go_on`] has its code, so that in a program that is divided only the part does.
pub trait Work: Sized + 'static {
    /// Does it.
    fn go_on(self) -> LocalBoxFuture<'static, ()>;

    /// Does it with code that is there from the beginning.
    fn here(self) -> LocalBoxFuture<'static, Result<(), NotFetched>> {
        Box::pin(async {
            self.go_on().await;
            Ok(())
        })
    }
}
