//! The texts of the page in the user's language.
//!
//! They come from `app/locales/`, and `app/build.rs` generates a function in this module for each of them. The window
//! fetches the files of the language and stores them here. A view reads its texts when it is created, so all views are
//! created again when the language changes.
#![deny(dead_code, reason = "a key that is not used")]

use std::cell::RefCell;
use std::fmt::{Display, Write};

use leptos::prelude::{Get, GetUntracked, Set};
use leptos::reactive::signal::ArcRwSignal;
use metertap_readings::fault::Code;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Dutch.
    Dutch,
    /// Norwegian bokmål.
    Norwegian,
    /// Swedish.
    Swedish,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 6] =
        [Self::English, Self::German, Self::French, Self::Dutch, Self::Norwegian, Self::Swedish];

    /// Its code (BCP 47), which its files begin with.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Dutch => "nl",
            Self::Norwegian => "nb",
            Self::Swedish => "sv",
        }
    }

    /// The name of the language in the language itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Dutch => "Nederlands",
            Self::Norwegian => "Norsk",
            Self::Swedish => "Svenska",
        }
    }

    /// The language with this code; `None` if the page does not have it.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Whether a count takes the form `one` (CLDR, plural rules of integers). In French, zero does too.
    const fn is_one(self, count: u64) -> bool {
        count == 1 || matches!(self, Self::French) && count == 0
    }
}

/// The function of a text that needs no argument.
pub type Text = fn() -> &'static str;

/// What a user is told about a fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Words {
    /// What happened, in a few words, without a full stop.
    pub title: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do about it.
    pub todo: &'static str,
}

/// The words for a code. Until all texts are stored ([`is_whole`]), the words are empty, except for faults of the page
/// itself.
#[must_use]
pub fn fault_words(code: &Code) -> Words {
    let title = fault(code);
    Words { title: text(title), means: text(title + 1), todo: text(title + 2) }
}

/// The texts of a file, in their order. They are never freed: views show them, and a user rarely changes the language.
#[derive(Debug)]
pub struct Lines(Vec<&'static str>);

impl Lines {
    /// Splits a file with the first texts, or with the others, into its texts. `None` if their number is wrong: the
    /// file is incomplete, or not one of this build.
    #[must_use]
    pub fn of(file: String, is_first: bool) -> Option<Self> {
        let count = if is_first { FIRST } else { REST };
        let is_whole = file.split('\n').count() == usize::from(count);
        is_whole.then(|| Self(Box::leak(file.into_boxed_str()).split('\n').collect()))
    }
}

/// Stores a language's first texts or the others, which views read from now on.
pub fn put(language: Language, is_first: bool, Lines(lines): Lines) {
    TEXTS.with_borrow_mut(|texts| {
        texts.language = language;
        if is_first {
            texts.first = lines;
        } else {
            texts.rest = lines;
        }
    });
    if !is_first {
        whole().set(true);
    }
}

/// Stores the English texts, for tests without a server.
pub fn put_english() {
    for (file, is_first) in ENGLISH.into_iter().zip([true, false]) {
        if let Some(lines) = Lines::of(file.to_owned(), is_first) {
            put(Language::English, is_first, lines);
        }
    }
}

/// The language of the stored texts.
#[must_use]
pub fn language() -> Language {
    TEXTS.with_borrow(|texts| texts.language)
}

/// Whether all texts are stored, as a reactive value.
pub fn is_whole() -> bool {
    whole().get()
}

/// Whether all texts are stored at this moment.
#[must_use]
pub fn is_whole_now() -> bool {
    whole().get_untracked()
}

fn whole() -> ArcRwSignal<bool> {
    TEXTS.with_borrow(|texts| texts.is_whole.clone())
}

/// The text with this number; empty if it is not stored yet.
fn text(number: u16) -> &'static str {
    TEXTS.with_borrow(|texts| {
        let (lines, number) =
            if number < FIRST { (&texts.first, number) } else { (&texts.rest, number - FIRST) };
        lines.get(usize::from(number)).copied().unwrap_or_default()
    })
}

/// Fills in a text: replaces `{0}`, `{1}` and so on with the arguments.
fn filled(number: u16, arguments: &[&dyn Display]) -> String {
    fill(text(number), arguments)
}

/// Chooses the form of a text for this count, and fills it in.
fn counted(number: u16, count: u64, arguments: &[&dyn Display]) -> String {
    let (one, other) = text(number).split_once('\u{1f}').unwrap_or_default();
    fill(if language().is_one(count) { one } else { other }, arguments)
}

/// Splits a text into the parts before an element, in it, and after it.
fn around(number: u16) -> [&'static str; 3] {
    let (before, rest) = text(number).split_once('[').unwrap_or_default();
    let (within, after) = rest.split_once(']').unwrap_or_default();
    [before, within, after]
}

fn fill(text: &str, arguments: &[&dyn Display]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let (number, after) = behind.split_once('}').unwrap_or_default();
        if let Some(argument) = number.parse().ok().and_then(|number: usize| arguments.get(number)) {
            // Writing to a `String` cannot fail.
            let _ = write!(filled, "{argument}");
        }
        rest = after;
    }
    filled + rest
}

struct Texts {
    language: Language,
    first: Vec<&'static str>,
    rest: Vec<&'static str>,
    is_whole: ArcRwSignal<bool>,
}

thread_local! {
    static TEXTS: RefCell<Texts> = RefCell::new(Texts {
        language: Language::English,
        first: Vec::new(),
        rest: Vec::new(),
        is_whole: ArcRwSignal::new(false),
    });
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
