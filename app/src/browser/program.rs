//! How a worker gets its program, and whether it runs under the page's policy.
//!
//! A worker takes its Content-Security-Policy from the response that its script came with, not from the page's meta
//! element. Many hosts send none. A blob script has no such response: its worker inherits the policy of its creator
//! (HTML, policy containers, local schemes). So a program starts as a blob with one line that imports it.
//!
//! Addresses contain hashes of the build. The page lists them, and a worker gets them in its name: the program's own
//! name, followed by the addresses of all programs.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, Url, Worker, WorkerGlobalScope, WorkerOptions,
    WorkerType,
};

/// How a worker gets its program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Through a blob, under the policy of its creator.
    Inheriting,
    /// From its address, under the policy of the response: for a host whose own policy allows no blobs.
    Directly,
}

/// Starts the program with this name. If it does not load, the worker fires `error`.
///
/// # Errors
/// If the browser does not start a worker, or the page does not list the program.
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
        // An address as browsers write it contains no quotation mark.
        Way::Inheriting => Worker::new_with_options(&blob(&format!("import \"{url}\";"))?, &options),
    }
}

/// A program that the page itself has started (`src/begin.js`), and its events since.
#[derive(Debug)]
pub struct Begun {
    /// The worker in which it runs.
    pub worker: Worker,
    /// Its `message` and `error` events so far.
    pub heard: Array,
}

/// Takes over the program that the page has started through a blob. There is at most one, the engine, and only the
/// first call gets it.
#[must_use]
pub fn take_begun() -> Option<Begun> {
    let (global, name) = (js_sys::global(), JsValue::from("begun"));
    let begun = Reflect::get(&global, &name).ok().filter(JsValue::is_object)?;
    Reflect::delete_property(&global, &name).ok()?;
    let part = |name: &str| Reflect::get(&begun, &name.into()).ok();
    Some(Begun { worker: part("worker")?.dyn_into().ok()?, heard: part("heard")?.dyn_into().ok()? })
}

/// Starts a few lines of JavaScript as a worker, under the policy of its creator.
///
/// # Errors
/// If the browser does not start a worker.
pub fn start_script(script: &str) -> Result<Worker, JsValue> {
    Worker::new(&blob(script)?)
}

/// Makes a blob of the script and returns its address. The address is never revoked: it takes a few bytes until its
/// creator ends.
fn blob(script: &str) -> Result<String, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &kind)?;
    Url::create_object_url_with_blob(&blob)
}

/// Whether this program, in its worker, runs under the page's policy. No browser reports that, so this tries what the
/// page's policy forbids. Evaluating code from text must be refused. If the policy was not inherited, it may be the
/// host's own, so a request to a `data:` address must be refused as well. Such a request sends nothing.
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

/// The attributes of the page's script that list the addresses of programs.
const PROGRAMS: [&str; 2] = ["data-engine", "data-workbook"];
