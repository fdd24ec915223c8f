//! A trouble in a person's words, with what to do, and the technical name in small print.

use leptos::prelude::*;
use metertap_readings::fault::words;

use super::place::Place;
use crate::protocol::Trouble;

/// The trouble of a meter, with the way to its octets.
#[component]
pub fn FaultCard(
    /// What went wrong; nothing is shown while nothing has.
    #[prop(into)]
    trouble: Signal<Option<Trouble>>,
    /// Where the kept octets are shown.
    #[prop(optional, into)]
    octets: Option<String>,
) -> impl IntoView {
    let place = Place::here();
    let card = move |trouble: Trouble| {
        let words = words(&trouble.code);
        let link = octets.clone().map(|octets| {
            view! {
                " "
                <a data-action="octets" href=octets>
                    "Look at the octets"
                </a>
            }
        });
        view! {
            <section class="fault" data-trouble=trouble.code.clone()>
                <h3>{words.title}</h3>
                <p>{words.means} " " {words.todo}</p>
                <p class="small">
                    {trouble.code.clone()} ": " {trouble.detail.clone()} ", " {(place.clock)(trouble.at)} {link}
                </p>
            </section>
        }
    };
    view! { <div role="status">{move || trouble.get().map(&card)}</div> }
}
