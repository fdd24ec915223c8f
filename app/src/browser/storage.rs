//! The disk space that the browser grants this site, whether the browser may clear it without asking the user, and
//! small texts that are stored outside of any database.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageManager, WorkerGlobalScope};

/// Disk space in bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Space {
    /// Used by this site.
    pub used: u64,
    /// The most that this site may use.
    pub quota: u64,
    /// Whether the browser has promised not to clear it without asking the user.
    pub persistent: bool,
}

/// Asks the browser for the used space, the quota and its promise; `None` if it does not report them.
pub async fn space() -> Option<Space> {
    let manager = manager()?;
    let estimate = JsFuture::from(manager.estimate().ok()?).await.ok()?;
    let persistent = JsFuture::from(manager.persisted().ok()?).await.ok()?;
    Some(Space {
        used: octets(&estimate, "usage")?,
        quota: octets(&estimate, "quota")?,
        persistent: persistent.is_truthy(),
    })
}

/// Asks the browser from a worker for the used space and the quota, in bytes; `None` if it does not report them.
pub async fn room_of_worker() -> Option<(u64, u64)> {
    let scope = js_sys::global().dyn_into::<WorkerGlobalScope>().ok()?;
    let navigator = scope.navigator();
    if !Reflect::has(&navigator, &"storage".into()).unwrap_or(false) {
        return None;
    }
    let estimate = JsFuture::from(navigator.storage().estimate().ok()?).await.ok()?;
    Some((octets(&estimate, "usage")?, octets(&estimate, "quota")?))
}

/// Asks the browser to promise not to clear the site's data without asking the user; returns whether it has promised.
/// Some browsers ask the user now; most decide by themselves.
pub async fn persist() -> bool {
    let Some(request) = manager().and_then(|manager| manager.persist().ok()) else { return false };
    JsFuture::from(request).await.is_ok_and(|granted| granted.is_truthy())
}

/// Like [`persist`], but only once in this browser. Later calls ask nothing and return `false`.
pub async fn persist_once() -> bool {
    if remembered(ASKED).is_some() || !remember(ASKED, "yes") {
        return false;
    }
    persist().await
}

/// The small text stored under this name, outside of any database; `None` if there is no such text.
pub fn remembered(name: &str) -> Option<String> {
    let kept = local()?;
    let text = kept.get_item(&prefixed(name)).ok().flatten();
    text.or_else(|| {
        let text = kept.get_item(name).ok().flatten()?;
        remember(name, &text);
        Some(text)
    })
}

/// Stores a small text under this name; returns whether the browser has stored it.
pub fn remember(name: &str, text: &str) -> bool {
    let Some(kept) = local() else { return false };
    let is_kept = kept.set_item(&prefixed(name), text).is_ok();
    if is_kept {
        drop(kept.remove_item(name));
    }
    is_kept
}

/// Deletes the text stored under this name.
pub fn forget(name: &str) {
    let Some(kept) = local() else { return };
    drop(kept.remove_item(&prefixed(name)));
    drop(kept.remove_item(name));
}

/// `localStorage` belongs to the whole origin, which other pages may share. Earlier versions used names without a
/// prefix; these entries are moved when they are next read.
fn prefixed(name: &str) -> String {
    format!("metertap-{name}")
}

fn local() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn manager() -> Option<StorageManager> {
    let navigator = web_sys::window()?.navigator();
    let there = Reflect::has(&navigator, &"storage".into()).unwrap_or(false);
    there.then(|| navigator.storage())
}

/// Byte counts are whole numbers below 2⁵³, which a double holds exactly.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
fn octets(estimate: &JsValue, name: &str) -> Option<u64> {
    Reflect::get(estimate, &name.into()).ok()?.as_f64().map(|octets| octets as u64)
}

const ASKED: &str = "persistence-asked";
