//! A trouble in a person's words, with what to do, and the technical name in small print.

use leptos::prelude::*;
use metertap_readings::fault::{Code, words};

use crate::model::Locale;
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
    let locale = Locale::of_context();
    // The same trouble again moves its small print and nothing else: a screen reader is not told twice.
    let code =
        Memo::new(move |_| trouble.with(|trouble| trouble.as_ref().map(|trouble| trouble.code.clone())));
    let detail = move || {
        trouble.with(|trouble| {
            trouble.as_ref().map(|trouble| format!("{}, {}", trouble.detail, (locale.clock)(trouble.at)))
        })
    };
    let card = move |code: Code| {
        let link = octets.clone().map(|octets| {
            view! {
                <a data-action="octets" href=octets>
                    "Look at the octets"
                </a>
            }
        });
        let (mark, name) = (code.to_string(), code.to_string());
        view! {
            <section class="fault" data-trouble=mark>
                <Words code />
                <p class="small">{name} ": " {detail} " " {link}</p>
            </section>
        }
    };
    view! { <div role="status">{move || code.get().map(&card)}</div> }
}

/// Something to know that is nobody's fault: the browser, the page, a choice.
#[component]
pub fn Notice(
    /// The code that its words are found by.
    code: Code,
    /// What else helps.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="notice" data-trouble=code.to_string()>
            <Words code=code.clone() />
            {children.map(|children| children())}
        </section>
    }
}

/// What happened, what it means, what to do.
#[component]
fn Words(code: Code) -> impl IntoView {
    let words = words(&code);
    view! {
        <h3>{words.title}</h3>
        <p>{words.means} " " {words.todo}</p>
    }
}
