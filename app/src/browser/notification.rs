//! System notifications. The user allows them in a window; workers can show them too.

use js_sys::Reflect;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// Whether notifications may be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permission {
    /// They may be shown.
    Granted,
    /// They may not be shown, and asking again is useless.
    Denied,
    /// The user was not asked yet.
    Unasked,
    /// The browser has no notifications.
    Missing,
}

/// Returns whether notifications may be shown.
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

/// Asks the user for permission, unless they have answered before; only from a click.
pub async fn ask() -> Permission {
    if permission() == Permission::Unasked
        && let Ok(asked) = Notification::request_permission()
    {
        // The browser remembers the answer.
        drop(JsFuture::from(asked).await);
    }
    permission()
}

/// Shows a notification, if that is allowed. It replaces an earlier one with the same title.
pub fn show(title: &str, text: &str) {
    if permission() != Permission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(text);
    options.set_tag(title);
    // Chromium on Android shows notifications only through a service worker, and refuses this.
    drop(Notification::new_with_options(title, &options));
}
