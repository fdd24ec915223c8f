//! The files with the page's texts.
//!
//! The page lists only the address of the file `en-first`. Another name in place of `en-first` gives the address of
//! another file. `src/begin.js` begins to fetch the first texts before any program runs.

use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Waits for the first texts. Returns the code of the language that the page has begun with, and the content of its
/// file.
///
/// # Errors
/// If the file could not be fetched.
pub async fn begun() -> Result<(String, String), JsValue> {
    let spoken = Reflect::get(&js_sys::global(), &"spoken".into())?;
    let language = Reflect::get(&spoken, &"language".into())?;
    let text: Promise = Reflect::get(&spoken, &"text".into())?.dyn_into()?;
    Ok((language.as_string().unwrap_or_default(), string(JsFuture::from(text).await?)?))
}

/// Fetches the file with this name, such as `de-rest`.
///
/// # Errors
/// If it cannot be fetched.
pub async fn fetch(name: &str) -> Result<String, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let page = window.document().and_then(|document| document.document_element()).ok_or(JsValue::NULL)?;
    let address = page.get_attribute(ADDRESS).ok_or(JsValue::NULL)?.replace(LISTED, name);
    let response: Response = JsFuture::from(window.fetch_with_str(&address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    string(JsFuture::from(response.text()?).await?)
}

fn string(value: JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or(JsValue::NULL)
}

/// The attribute of the page that lists a file, and that file's name without the hash.
const ADDRESS: &str = "data-texts";
const LISTED: &str = "en-first";
