//! Where keys come from, country by country; `docs/hardware.md` has the sources of these facts.

use crate::texts::ask;
use leptos::prelude::*;

/// Who hands out the key, in a collapsed section.
#[component]
pub fn KeySources() -> impl IntoView {
    view! {
        <details>
            <summary>{ask::where_key()}</summary>
            <dl class="facts">
                {SOURCES
                    .iter()
                    .map(|[country, from]| {
                        view! {
                            <div>
                                <dt>{country()}</dt>
                                <dd>{from()}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </details>
    }
}

/// A country or grid, and how to get its keys.
const SOURCES: [[fn() -> &'static str; 2]; 8] = [
    [ask::luxembourg, ask::luxembourg_key],
    [ask::denmark, ask::denmark_key],
    [ask::vienna, ask::vienna_key],
    [ask::lower_austria, ask::lower_austria_key],
    [ask::tyrol, ask::tyrol_key],
    [ask::austria, ask::austria_key],
    [ask::switzerland, ask::switzerland_key],
    [ask::elsewhere, ask::elsewhere_key],
];
