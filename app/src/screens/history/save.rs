//! Saves a chart as a picture, or its values as a table.

use leptos::prelude::*;

use super::state::State;
use super::view::date;
use crate::model::{Action, Actions, Drawing, SavedForm, SavedPicture};

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
    /// What it shows, for the file's name.
    what: &'static str,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let save = move |form: Option<SavedForm>| {
        if let Some(form) = form {
            let day = date(untrack(move || state.span()).from, state.zone());
            actions.run(Action::SavePicture(SavedPicture { name: format!("metertap-{day}-{what}"), form }));
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
