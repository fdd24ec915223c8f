//! Searches a bus for all meters: how to search, the progress, and a button that stops it.

use leptos::either::Either;
use leptos::prelude::*;
use metertap_decoder::question::Search;

use crate::protocol::Searching;
use crate::texts;

/// Buttons while there is no search; progress during a search.
#[component]
pub fn BusSearch(
    /// The progress.
    searching: Memo<Option<Searching>>,
    /// Whether this is Modbus, which has only one kind of address.
    #[prop(into)]
    is_modbus: Signal<bool>,
    /// Called with the kind of search; with `None` to stop.
    search: UnsyncCallback<Option<Search>>,
) -> impl IntoView {
    let running = move || searching.get().is_some_and(|searching| !searching.over);
    view! {
        <Show
            when=running
            fallback=move || {
                if is_modbus.get() {
                    return Either::Left(
                        view! {
                            <p class="actions">
                                <button data-action="search" data-by="primary" on:click=move |_| search.run(Some(Search::Primary))>
                                    {texts::ask::search()}
                                </button>
                            </p>
                            <p class="small">{texts::ask::search_takes()}</p>
                        },
                    );
                }
                Either::Right(view! {
                    <p class="actions">
                        <button data-action="search" data-by="secondary" on:click=move |_| search.run(Some(Search::Secondary))>
                            {texts::ask::search()}
                        </button>
                        <button
                            class="quiet"
                            data-action="search"
                            data-by="primary"
                            on:click=move |_| search.run(Some(Search::Primary))
                        >
                            {texts::ask::by_primary()}
                        </button>
                    </p>
                })
            }
        >
            <p class="actions">
                <progress
                    aria-label=texts::ask::looked_at()
                    max=move || searching.get().map(|searching| searching.of.max(1).to_string())
                    value=move || searching.get().map(|searching| searching.done.to_string())
                ></progress>
                <button data-action="search-stop" on:click=move |_| search.run(None)>
                    {texts::ask::stop()}
                </button>
            </p>
        </Show>
        <p class="small" role="status" data-searching=move || running().to_string()>
            {move || searching.get().map(words)}
        </p>
    }
}

fn words(searching: Searching) -> String {
    let Searching { done, of, found, over } = searching;
    let found = u64::from(found);
    match (over, of) {
        (true, _) => texts::ask::all_looked_at(found),
        (false, 0) => texts::ask::searching().to_owned(),
        (false, of) => texts::ask::searching_of(found, &done, &of),
    }
}
