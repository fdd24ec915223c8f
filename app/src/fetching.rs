//! Code of our programs that is fetched on first use.
//!
//! The entry points of such parts are in the programs themselves (`src/bin/`): an entry point in a library would be in
//! every program that uses the library.

use futures_util::future::LocalBoxFuture;
use wasm_split_helpers::SplitLoaderError;

/// A part was not fetched. The next use tries again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotFetched;

impl From<SplitLoaderError> for NotFetched {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// A value that is there once the code for it has been fetched.
pub type Fetched<T> = LocalBoxFuture<'static, Result<T, NotFetched>>;
