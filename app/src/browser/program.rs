//! How a worker comes by its program, and whether it runs under the page's policy.
//!
//! A worker takes its Content-Security-Policy from the response that its script came with, not from the page's meta
//! element, and many hosts send none. A script that is a blob has no response of its own: its worker inherits the policy
//! of whoever starts it (HTML, policy containers, local schemes). So a program begins as a blob of one line that
//! imports it.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, Url, Worker, WorkerGlobalScope, WorkerOptions,
    WorkerType,
};

/// How a worker comes by its program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Through a blob, under the policy of whoever starts it.
    Inheriting,
    /// From its address, under the policy that comes with the response: for a host whose own policy allows no blobs.
    Directly,
}

/// Starts the module at that address, which is relative to the page. What does not load is told by the worker's `error`.
///
/// # Errors
/// The browser starts none.
pub fn start(url: &str, way: Way) -> Result<Worker, JsValue> {
    let url = Url::new_with_base(url, &base())?.href();
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    // A program that began as a blob knows by its name what addresses are relative to.
    options.set_name(&url);
    match way {
        Way::Directly => Worker::new_with_options(&url, &options),
        // An address as browsers write it holds no quotation mark.
        Way::Inheriting => Worker::new_with_options(&blob(&format!("import \"{url}\";"))?, &options),
    }
}

/// Starts a few lines of JavaScript as a worker, under the policy of whoever starts it.
///
/// # Errors
/// The browser starts none.
pub fn start_script(script: &str) -> Result<Worker, JsValue> {
    Worker::new(&blob(script)?)
}

/// The address of a blob. It is never revoked: a few octets, for as long as whoever starts it.
fn blob(script: &str) -> Result<String, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &kind)?;
    Url::create_object_url_with_blob(&blob)
}

/// Whether this program, in its worker, runs under the page's policy. Tried, since no browser tells: code from text must
/// be refused. A policy that was not inherited may be the host's own, so requests are tried as well; `data:` is an
/// address that the page's policy does not allow, and nothing goes out for it.
pub async fn is_covered() -> bool {
    if js_sys::eval("0").is_ok() {
        return false;
    }
    let Ok(scope) = js_sys::global().dyn_into::<WorkerGlobalScope>() else { return false };
    scope.location().protocol() == "blob:" || JsFuture::from(scope.fetch_with_str("data:,")).await.is_err()
}

/// What addresses are relative to, in a window and in a worker.
fn base() -> String {
    match js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        Ok(scope) => scope.name(),
        Err(_) => web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default(),
    }
}
