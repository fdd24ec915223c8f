//! Saves a chart as a picture, or its values as a table.

use leptos::prelude::*;
use metertap_readings::view::chart::Hue;

use super::state::State;
use super::view::date;
use crate::model::{Action, Actions, Drawing, Head, PageModel, SavedForm, SavedPicture};
use crate::parts::span_words::title;

/// Buttons that save a chart.
#[component]
pub fn Save(
    /// The view.
    state: State,
    /// The chart.
    drawing: Signal<Option<Drawing>>,
    /// Returns its values as a table, if the chart has a table of its own.
    #[prop(optional)]
    table: Option<UnsyncCallback<(), Option<String>>>,
    /// What it shows, in words.
    #[prop(into)]
    words: Signal<String>,
    /// Its colours and what they stand for.
    #[prop(into)]
    legend: Signal<Vec<(Hue, String)>>,
    /// What it shows, for the file's name.
    what: &'static str,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let model = expect_context::<PageModel>();
    let head = move || {
        let meter = model.meter(&state.meter.get()).map(|meter| meter.title());
        let parts = [meter.unwrap_or_default(), words.get(), title(state.span(), state.locale)];
        let title = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        Head { title, legend: legend.get() }
    };
    let save = move |form: Option<SavedForm>| {
        if let Some(form) = form {
            let day = date(untrack(move || state.span()).from, state.zone());
            let (name, head) = (format!("metertap-{day}-{what}"), untrack(head));
            actions.run(Action::SavePicture(SavedPicture { name, head, form }));
        }
    };
    view! {
        <span class="saves">
            <button
                class="quiet"
                data-action="save-png"
                on:click=move |_| save(drawing.get_untracked().map(SavedForm::Pixels))
            >
                "PNG"
            </button>
            <button
                class="quiet"
                data-action="save-svg"
                on:click=move |_| save(drawing.get_untracked().map(SavedForm::Lines))
            >
                "SVG"
            </button>
            {table
                .map(|table| {
                    view! {
                        <button
                            class="quiet"
                            data-action="save-table"
                            on:click=move |_| save(table.run(()).map(SavedForm::Table))
                        >
                            "CSV"
                        </button>
                    }
                })}
        </span>
    }
}
