//! How much room the log takes in this browser.

use leptos::prelude::*;
use metertap_readings::figure::grouped;

use super::place::Place;
use crate::screens::shown::Shown;
use crate::screens::wishes::Wishes;

/// How much room the log takes, and whether the browser may clear it.
#[component]
pub fn Room() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let place = Place::here();
    view! {
        <Show when=move || shown.space.get().is_some()>
            {move || {
                shown
                    .space
                    .get()
                    .map(|space| {
                        view! {
                            <section class="card">
                                <h2>"Room in this browser"</h2>
                                <p>
                                    {megabytes(space.used, place)} " MB used of "
                                    {megabytes(space.quota, place)} " MB that the browser allows."
                                </p>
                                <Show
                                    when=move || space.persistent
                                    fallback=move || {
                                        view! {
                                            <p class="small">
                                                "The browser may clear the log when the disk is full. Installing the app, or
                                                its consent, keeps it from that."
                                            </p>
                                            <button data-action="persist" on:click=move |_| wishes.persist.run(())>
                                                "Ask the browser to keep it"
                                            </button>
                                        }
                                    }
                                >
                                    <p class="small">"The browser has promised not to clear the log unasked."</p>
                                </Show>
                            </section>
                        }
                    })
            }}
        </Show>
    }
}

/// Tenths of a million octets, below ten million; whole millions above.
fn megabytes(octets: u64, place: Place) -> String {
    let tenths = octets / 100_000;
    let text =
        if tenths < 100 { format!("{}.{}", tenths / 10, tenths % 10) } else { (tenths / 10).to_string() };
    grouped(&text, place.decimal_mark)
}
