//! The language of the page. Texts are fetched when the page starts, when a screen needs more of them, and when the
//! user chooses another language.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::browser::{language as files, locale, storage};
use crate::fetching::NotFetched;
use crate::texts::{self, Language, Lines};

/// Waits for the first texts.
///
/// # Errors
/// If they cannot be fetched.
pub async fn begin() -> Result<(), JsValue> {
    let (code, first) = files::begun().await?;
    let language = Language::of(&code).unwrap_or_default();
    let first = Lines::of(first, true).ok_or(JsValue::NULL)?;
    locale::speak(language.code());
    texts::put(language, true, first);
    Ok(())
}

/// Fetches all texts after the first ones, unless the page has them already.
///
/// # Errors
/// If they cannot be fetched. The next call tries again.
pub async fn whole() -> Result<(), NotFetched> {
    while !texts::is_whole_now() {
        let language = texts::language();
        let rest = fetch(language, false).await?;
        // The user may have chosen another language meanwhile.
        if texts::language() == language {
            texts::put(language, false, rest);
        }
    }
    Ok(())
}

/// Changes the language, now and for later visits. If its texts cannot be fetched, the language stays as it is.
pub async fn change(language: Language, spoken: RwSignal<Language>) {
    let (Ok(first), Ok(rest)) = (fetch(language, true).await, fetch(language, false).await) else {
        return spoken.notify();
    };
    storage::remember(CHOSEN, language.code());
    locale::speak(language.code());
    texts::put(language, true, first);
    texts::put(language, false, rest);
    spoken.set(language);
}

async fn fetch(language: Language, is_first: bool) -> Result<Lines, NotFetched> {
    let part = if is_first { "first" } else { "rest" };
    let file = files::fetch(&format!("{}-{part}", language.code())).await.map_err(|_| NotFetched)?;
    Lines::of(file, is_first).ok_or(NotFetched)
}

/// The name of the stored entry with the language that the user has chosen; `begin.js` reads it.
const CHOSEN: &str = "language";
