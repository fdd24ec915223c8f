//! The form for meters that must be polled. Some of them need a setting that detection does not find: an address, a
//! baud rate, a wake-up.

use crate::texts;
use leptos::either::Either;
use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::question::Baud;
use metertap_decoder::reading::Protocol;
use metertap_readings::store::LineSettings;

/// Whether a meter with these settings has anything to set in this form.
#[must_use]
pub fn applies(spoken: &LineSettings) -> bool {
    spoken.asked && matches!(spoken.protocol, Some(Protocol::Mbus | Protocol::Iec62056))
}

/// The form; calls `keep` with the settings as the user has changed them.
#[component]
pub fn AskForm(
    /// The current settings.
    spoken: LineSettings,
    /// Called to keep the settings.
    keep: UnsyncCallback<LineSettings>,
) -> impl IntoView {
    let is_bus = spoken.protocol == Some(Protocol::Mbus);
    let (address, wake, speed) = (NodeRef::<Input>::new(), NodeRef::<Input>::new(), NodeRef::<Select>::new());
    let (baud, woken) = (spoken.line.map(|line| line.baud), spoken.wake);
    let written = match is_bus {
        true => spoken.address.map(|address| address.to_string()).unwrap_or_default(),
        false => spoken.device.clone(),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = address.get().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        let mut asked = spoken.clone();
        if is_bus {
            asked.address = typed.parse().ok();
            let baud = speed.get().and_then(|speed| speed.value().parse().ok()).and_then(Baud::of);
            asked.line = baud.map(Baud::line).or(asked.line);
        } else {
            asked.device = typed;
            asked.wake = wake.get().is_some_and(|field| field.checked());
        }
        keep.run(asked);
    };
    view! {
        <details>
            <summary>{texts::ask::how_asked()}</summary>
            <form class="settings" on:submit=submit>
                <label>
                    {if is_bus {
                        texts::ask::bus_address()
                    } else {
                        texts::ask::device_address()
                    }}
                    <input
                        type="text"
                        name="address"
                        maxlength="32"
                        pattern=if is_bus { "[01]?[0-9]{1,2}|2[0-4][0-9]|250|254|[0-9A-Fa-f]{16}" } else { "[0-9A-Za-z ]*" }
                        autocomplete="off"
                        spellcheck="false"
                        node_ref=address
                        value=written
                    />
                </label>
                {if is_bus {
                    Either::Left(view! { <SpeedField baud speed /> })
                } else {
                    Either::Right(
                        view! {
                            <label class="switch">
                                <input type="checkbox" name="wake" node_ref=wake checked=woken />
                                {texts::ask::wake()}
                            </label>
                        },
                    )
                }}
                <p class="actions">
                    <button type="submit" data-action="ask">
                        {texts::ask::keep()}
                    </button>
                </p>
            </form>
        </details>
    }
}

#[component]
fn SpeedField(baud: Option<u32>, speed: NodeRef<Select>) -> impl IntoView {
    let option = move |speed: u32| {
        view! {
            <option value=speed.to_string() selected=baud == Some(speed)>
                {speed.to_string()}
            </option>
        }
    };
    view! {
        <label>
            {texts::ask::baud()}
            <select name="speed" node_ref=speed>
                {SPEEDS.map(option).collect_view()}
            </select>
        </label>
    }
}

/// The baud rates of a wired M-Bus.
const SPEEDS: [u32; 6] = [300, 600, 1200, 2400, 4800, 9600];
