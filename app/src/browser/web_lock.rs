//! Web Locks: of all tabs and workers of this site, one at a time holds a lock.

use std::pin::pin;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::LockManager;

/// A lock that is ours until this is dropped, or until this worker or window ends.
#[derive(Debug)]
pub struct Held {
    release: Option<Function>,
}

/// Why a lock could not be requested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LockError {
    /// The browser has no Web Locks, or does not give them to an insecure page.
    Unsupported,
    /// The browser refused.
    Refused,
}

/// Waits until the lock is ours.
///
/// # Errors
/// If the browser has no locks, or refuses this one. Waiting for another holder is not an error, and has no limit.
pub async fn hold(name: &str) -> Result<Held, LockError> {
    let locks = manager().ok_or(LockError::Unsupported)?;
    let (held, wait) = oneshot::channel();
    let callback = Closure::once_into_js(move |_lock: JsValue| {
        // A lock is held until this promise settles.
        let mut release = None;
        let promise = Promise::new(&mut |settle, _| release = Some(settle));
        // If nobody waits any more, the lock is released here.
        drop(held.send(Held { release }));
        promise
    });
    let refused = JsFuture::from(locks.request(name, callback.unchecked_ref()));
    match select(pin!(wait), pin!(refused)).await {
        Either::Left((Ok(held), _)) => Ok(held),
        Either::Left((Err(_), _)) | Either::Right(_) => Err(LockError::Refused),
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // Settling the promise calls none of our code, and does not throw.
            drop(release.call0(&JsValue::UNDEFINED));
        }
    }
}

fn manager() -> Option<LockManager> {
    let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).ok()?;
    Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?.dyn_into().ok()
}
