//! How a worker comes by its program, and whether it runs under the page's policy.
//!
//! A worker takes its Content-Security-Policy from the response that its script came with, not from the page's meta
//! element, and many hosts send none. A script that is a blob has no response of its own: its worker inherits the policy
//! of whoever starts it (HTML, policy containers, local schemes). So a program begins as a blob of one line that
//! imports it.
//!
//! Addresses carry hashes of the build. The page says them, and a worker knows them by its name: behind the program's own
//! name stand the addresses of all.

use js_sys::{Array, Reflect};
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

/// Starts the program of that name. What does not load is told by the worker's `error`.
///
/// # Errors
/// The browser starts none, or the page knows no such program.
pub fn start(program: &str, way: Way) -> Result<Worker, JsValue> {
    let addresses = addresses()?;
    let is_its = |address: &&String| {
        let name = address.rsplit('/').next().and_then(|name| name.strip_prefix(program));
        name.is_some_and(|name| name.starts_with('_'))
    };
    let url = addresses.iter().find(is_its).ok_or(JsValue::NULL)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(&format!("{program} {}", addresses.join(" ")));
    match way {
        Way::Directly => Worker::new_with_options(url, &options),
        // An address as browsers write it holds no quotation mark.
        Way::Inheriting => Worker::new_with_options(&blob(&format!("import \"{url}\";"))?, &options),
    }
}

/// A program that the page has begun by itself (`src/begin.js`), and what was heard of it since.
#[derive(Debug)]
pub struct Begun {
    /// Where it runs.
    pub worker: Worker,
    /// Its `message` and `error` events so far.
    pub heard: Array,
}

/// Takes over what the page has begun, which was through a blob. There is one program at most, the engine, and whoever
/// comes first gets it.
#[must_use]
pub fn take_begun() -> Option<Begun> {
    let (global, name) = (js_sys::global(), JsValue::from("begun"));
    let begun = Reflect::get(&global, &name).ok().filter(JsValue::is_object)?;
    Reflect::delete_property(&global, &name).ok()?;
    let part = |name: &str| Reflect::get(&begun, &name.into()).ok();
    Some(Begun { worker: part("worker")?.dyn_into().ok()?, heard: part("heard")?.dyn_into().ok()? })
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

/// The addresses of the page's programs, in a window and in a worker.
fn addresses() -> Result<Vec<String>, JsValue> {
    if let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        return Ok(scope.name().split(' ').skip(1).map(str::to_owned).collect());
    }
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let script = document.query_selector("script[data-engine]")?.ok_or(JsValue::NULL)?;
    let paths = PROGRAMS.iter().filter_map(|attribute| script.get_attribute(attribute));
    let base = document.base_uri()?.unwrap_or_default();
    paths.map(|path| Ok(Url::new_with_base(&path, &base)?.href())).collect()
}

/// Where the page's script that begins the engine says the addresses of programs.
const PROGRAMS: [&str; 2] = ["data-engine", "data-workbook"];
