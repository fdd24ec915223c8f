//! Notifications of the system. A person allows them in a window; a worker shows them as well.

use js_sys::Reflect;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// Whether notifications may be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permission {
    /// They may.
    Granted,
    /// They may not, and asking again is of no use.
    Denied,
    /// Nobody was asked yet.
    Unasked,
    /// The browser has none.
    Missing,
}

/// Whether they may be shown.
#[must_use]
pub fn permission() -> Permission {
    if !Reflect::has(&js_sys::global(), &"Notification".into()).unwrap_or(false) {
        return Permission::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Unasked,
    }
}

/// Asks the person; only from a click.
pub async fn ask() -> Permission {
    if permission() == Permission::Unasked
        && let Ok(asked) = Notification::request_permission()
    {
        // Whatever came of it, the browser says.
        drop(JsFuture::from(asked).await);
    }
    permission()
}

/// Shows one, where it may be. Another one of the same title takes its place.
pub fn show(title: &str, text: &str) {
    if permission() != Permission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(text);
    options.set_tag(title);
    // Chromium on Android wants a service worker for it, and refuses.
    drop(Notification::new_with_options(title, &options));
}
