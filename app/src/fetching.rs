//! Code of our programs that is fetched when it is first used.
//!
//! Where such a part begins is said in the program itself (`src/bin/`): what is said in a library would be in every program
//! that uses it.

use futures_util::future::LocalBoxFuture;
use wasm_split_helpers::SplitLoaderError;

/// A part was not fetched. It is tried again the next time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotFetched;

impl From<SplitLoaderError> for NotFetched {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// What comes once the code for it is there.
pub type Fetched<T> = LocalBoxFuture<'static, Result<T, NotFetched>>;
