//! A fault in words for the user, with what to do and the technical name in small print.

use leptos::prelude::*;
use metertap_readings::fault::Code;

use crate::model::{Locale, PageServices};
use crate::protocol::Trouble;
use crate::texts::{self, fault_words};

/// A fault, with a link to the kept bytes if `octets` is given.
#[component]
pub fn FaultCard(
    /// The fault; nothing is shown while there is none.
    #[prop(into)]
    trouble: Signal<Option<Trouble>>,
    /// The address of the screen with the kept bytes.
    #[prop(optional, into)]
    octets: Option<String>,
) -> impl IntoView {
    let locale = Locale::of_context();
    // If the same fault comes again, only its small print changes, so that a screen reader does not announce it twice.
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
                    {texts::shell::look_at_octets()}
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

/// A notice that is not a fault, for example about the browser, the page or a choice.
#[component]
pub fn Notice(
    /// The code of its words.
    code: Code,
    /// Further help.
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

/// What happened, what it means, what to do. Texts that are not loaded yet are requested.
#[component]
fn Words(code: Code) -> impl IntoView {
    let services = PageServices::of_context();
    move || {
        // Read so that this runs again once all texts are here.
        texts::is_whole();
        let words = fault_words(&code);
        if words.title.is_empty() {
            (services.want_texts)();
        }
        view! {
            <h3>{words.title}</h3>
            <p>{words.means} " " {words.todo}</p>
        }
    }
}
