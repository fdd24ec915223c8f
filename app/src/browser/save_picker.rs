//! Where to save a file: asks with the browser's picker if it has one, and downloads the file otherwise.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, DomException, HtmlAnchorElement, Url};

/// What the user answered.
#[derive(Clone, Debug)]
pub enum SaveTarget {
    /// Into this file: a `FileSystemFileHandle`, for sending it to the worker that writes it.
    File(JsValue),
    /// The browser has no picker for saving, or did not open it, so the file must be downloaded.
    Download,
    /// Nowhere.
    Cancelled,
}

/// Asks where to save a file; only from a click.
pub async fn ask(suggested_name: &str) -> SaveTarget {
    let Some(window) = web_sys::window() else { return SaveTarget::Download };
    let picker = Reflect::get(&window, &"showSaveFilePicker".into()).ok();
    let Some(picker) = picker.and_then(|picker| picker.dyn_into::<Function>().ok()) else {
        return SaveTarget::Download;
    };
    let options = Object::new();
    drop(Reflect::set(&options, &"suggestedName".into(), &suggested_name.into()));
    let Ok(asked) = picker.call1(&window, &options) else { return SaveTarget::Download };
    match JsFuture::from(asked.unchecked_into::<Promise>()).await {
        Ok(handle) => SaveTarget::File(handle),
        Err(error) if name(&error).as_deref() == Some("AbortError") => SaveTarget::Cancelled,
        Err(_) => SaveTarget::Download,
    }
}

/// Gives a finished file, a `Blob`, to the browser's downloads.
pub fn download(file: &JsValue, file_name: &str) {
    let Some(blob) = file.dyn_ref::<Blob>() else { return };
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    if let Ok(link) = document.create_element("a") {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&url);
        link.set_download(file_name);
        link.click();
    }
    // The address is needed only until the download has begun, which takes a moment in some browsers.
    gloo::timers::callback::Timeout::new(RELEASE_AFTER, move || drop(Url::revoke_object_url(&url))).forget();
}

/// Gives a text to the browser's downloads.
pub fn download_text(text: &str, media_type: &str, file_name: &str) {
    let properties = BlobPropertyBag::new();
    properties.set_type(media_type);
    let parts = Array::of1(&text.into());
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &properties) {
        download(&blob, file_name);
    }
}

fn name(error: &JsValue) -> Option<String> {
    error.dyn_ref::<DomException>().map(DomException::name)
}

/// Milliseconds until a downloaded blob is released.
const RELEASE_AFTER: u32 = 60_000;
