//! The quality of the line: what was received, and how much of it was lost.

use leptos::prelude::*;

use crate::protocol::Counts;
use crate::texts;
use metertap_readings::view::figure::grouped;

/// The counts since the page began to read the meter.
#[component]
pub fn Quality(
    /// The counts so far.
    #[prop(into)]
    counts: Signal<Counts>,
) -> impl IntoView {
    view! {
        <dl class="counts">
            {COUNTS
                .iter()
                .map(|(name, title, of)| {
                    let count = Memo::new(move |_| counts.with(of));
                    view! {
                        <div>
                            <dt>{title()}</dt>
                            <dd data-count=*name data-value=move || count.get().to_string()>
                                {move || grouped(&count.get().to_string(), '.')}
                            </dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// A count's name in the DOM, its title, and its field.
type Count = (&'static str, fn() -> &'static str, fn(&Counts) -> u64);

const COUNTS: &[Count] = &[
    ("telegrams", texts::details::telegrams, |counts| counts.telegrams),
    ("checksum-failures", texts::details::checksum_failures, |counts| counts.checksum_failures),
    ("other-faults", texts::details::other_faults, |counts| counts.other_faults),
    ("line-errors", texts::details::line_errors, |counts| counts.line_errors),
    ("noise", texts::details::noise, |counts| counts.noise),
    ("octets", texts::details::octets, |counts| counts.octets),
];
