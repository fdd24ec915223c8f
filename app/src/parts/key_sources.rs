//! Where keys come from, country by country; `docs/hardware.md` has the sources of these facts.

use leptos::prelude::*;

/// Who hands out the key, in a collapsed section.
#[component]
pub fn KeySources() -> impl IntoView {
    view! {
        <details>
            <summary>"Where do I get the key?"</summary>
            <dl class="facts">
                {SOURCES
                    .iter()
                    .map(|(country, from)| {
                        view! {
                            <div>
                                <dt>{*country}</dt>
                                <dd>{*from}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </details>
    }
}

/// A country or grid, and how to get its keys.
const SOURCES: &[(&str, &str)] = &[
    ("Luxembourg", "From your grid operator, on request."),
    (
        "Denmark",
        "From your grid company, by mail, with the number of the meter. GPK60 is the encryption key, GPK61 the authentication \
         key.",
    ),
    ("Austria, Vienna", "In the Smart Meter portal of Wiener Netze, under Anlagedaten."),
    (
        "Austria, Netz NÖ",
        "By mail to the grid operator with customer and meter number; the password comes by SMS.",
    ),
    ("Austria, Tyrol", "Open the customer interface in the portal of TINETZ; the key is sent to you then."),
    ("Austria, elsewhere", "From your grid operator, on request: ask for the key of the customer interface."),
    ("Switzerland", "From your grid operator, where the interface is encrypted."),
    (
        "Anywhere else",
        "From whoever runs the meter; a heat or water meter's from the utility or the landlord.",
    ),
];
