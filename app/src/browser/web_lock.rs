//! Web Locks: one worker among all tabs of this site.

use futures_channel::oneshot;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::LockManager;

/// Why a lock could not be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LockError {
    /// The browser has no Web Locks, or does not give them to an insecure page.
    Unsupported,
    /// The browser refused.
    Refused,
}

/// Waits until the lock is ours; it stays ours until this worker or window ends.
///
/// # Errors
/// Where the browser has no locks. Waiting for another holder is no error, and has no limit.
pub async fn hold(name: &str) -> Result<(), LockError> {
    let locks = manager().ok_or(LockError::Unsupported)?;
    let (held, wait) = oneshot::channel();
    let callback = Closure::once(move |_lock: JsValue| {
        let _ = held.send(());
        // A lock is held until this promise settles, and it never does.
        Promise::new(&mut |_, _| {})
    });
    drop(locks.request(name, callback.as_ref().unchecked_ref()));
    callback.forget();
    wait.await.map_err(|_| LockError::Refused)
}

fn manager() -> Option<LockManager> {
    let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).ok()?;
    Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?.dyn_into().ok()
}
