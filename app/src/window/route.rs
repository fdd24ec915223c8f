//! The current screen, by the address after `#`.

use leptos::prelude::*;

use crate::browser::page;
use crate::model::Screen;
use crate::texts::Language;

/// Follows the address: the signal holds its screen. When the address changes, the keyboard focus moves to the screen.
pub fn screen(spoken: RwSignal<Language>) -> ReadSignal<Screen> {
    let (screen, set_screen) = signal(Screen::of_hash(&page::hash()));
    page::on_hash(move |hash| {
        set_screen.set(Screen::of_hash(&hash));
        page::focus(MAIN);
    });
    Effect::new(move |_| {
        spoken.track();
        page::set_title(&format!("{} · Metertap", screen.with(Screen::title)));
    });
    screen
}

/// Goes to a screen.
pub fn go(screen: &Screen) {
    page::set_hash(&screen.hash());
}

/// The id of the element that contains the screens.
pub const MAIN: &str = "main";
