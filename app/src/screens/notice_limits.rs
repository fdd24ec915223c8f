//! The limits that the user sets, and the rules that are switched on.

use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::reading::Quantity;
use metertap_readings::log::calendar::{Day, Quarter};
use metertap_readings::notices::limits::Limits;
use metertap_readings::notices::list::Board;
use metertap_readings::notices::rule::{RULES, Rule};
use metertap_readings::outlook::peaks::rule::PeakRule;
use metertap_readings::store::LARGEST_FUSE;

use crate::model::{Actions, Locale, PageModel};
use crate::parts::peak_words::rule_title;
use crate::parts::switch::Switch;
use crate::parts::whole_number::whole_number;
use crate::protocol::{Command, bytes};
use crate::texts::{self, rules};

/// The limits of the house, and a switch for each rule that applies to its meters.
#[component]
pub fn NoticeLimits(
    /// The current limits, and the notices.
    board: Memo<Board>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let change = Change(UnsyncCallback::new(move |change: Changing| {
        let mut limits = board.with_untracked(|board| board.limits.clone());
        change(&mut limits);
        actions.send(Command::Watch { limits: bytes::write(&limits) });
    }));
    view! {
        <HouseLimits board change />
        <Rules board change />
    }
}

#[derive(Clone, Copy)]
struct Change(UnsyncCallback<Changing>);

type Changing = Box<dyn FnOnce(&mut Limits)>;

impl Change {
    fn make(self, change: impl FnOnce(&mut Limits) + 'static) {
        self.0.run(Box::new(change));
    }
}

#[component]
fn HouseLimits(board: Memo<Board>, change: Change) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let zone = Locale::of_context().zone;
    let (power, fuse, peaks) = (NodeRef::<Input>::new(), NodeRef::<Input>::new(), NodeRef::<Select>::new());
    let limits = Memo::new(move |_| board.with(|board| board.limits.clone()));
    let text = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let number = |field| whole_number(field).filter(|number| *number > 0);
        let (power, fuse) = (number(power), number(fuse));
        let peaks = peaks.get().map(|field| field.value()).filter(|name| !name.is_empty());
        change.make(move |limits| (limits.power, limits.fuse, limits.peaks) = (power, fuse, peaks));
    };
    let Day(today) = Day::of(Quarter::of(model.now.get_untracked()), zone);
    let of_zone = PeakRule::chosen(None, zone, today).map_or(texts::notices::none_known(), rule_title);
    let rules = PeakRule::all(today).map(|rule| {
        let is_chosen = move || limits.with(|limits| limits.peaks.as_deref() == Some(rule.name));
        view! { <option value=rule.name selected=is_chosen>{texts::notices::as_of(&rule_title(rule), &rule.read)}</option> }
    });
    view! {
        <form class="card fields" data-part="house-limits" on:submit=save>
            <h2>{texts::notices::house_limits()}</h2>
            <label>
                {texts::notices::most_power()}
                <input type="number" name="limit-power" min="1" max="1000000" node_ref=power prop:value=move || text(limits.get().power) />
            </label>
            <label>
                {texts::notices::fuse()}
                <input type="number" name="limit-fuse" min="1" max=LARGEST_FUSE.to_string() node_ref=fuse prop:value=move || text(limits.get().fuse) />
            </label>
            <label>
                {texts::notices::peaks()}
                <select name="peak-rule" node_ref=peaks>
                    <option value="" selected=move || limits.with(|limits| limits.peaks.is_none())>
                        {texts::notices::by_zone(&of_zone)}
                    </option>
                    {rules.collect_view()}
                </select>
            </label>
            <p class="small">{texts::notices::rules_change()}</p>
            <p class="actions">
                <button type="submit" class="main" data-action="limits-save">
                    {texts::notices::keep()}
                </button>
            </p>
        </form>
    }
}

#[component]
fn Rules(board: Memo<Board>, change: Change) -> impl IntoView {
    let model = expect_context::<PageModel>();
    // The set of quantities changes rarely, but values change every second.
    let sent = Memo::new(move |_| {
        let mut sent: Vec<Quantity> = Vec::new();
        for meter in model.meters.get() {
            meter.newest.with(|newest| {
                for value in &newest.values {
                    let quantity = value.measurement.quantity;
                    sent.extend(quantity.filter(|quantity| !sent.contains(quantity)));
                }
            });
        }
        sent.sort_unstable();
        sent
    });
    let switch = move |rule: &'static Rule| {
        let on =
            Memo::new(move |_| board.with(|board| !board.limits.off.iter().any(|name| name == rule.name)));
        let is_set = move || board.with(|board| !on.get() || rule.limits(&board.limits).is_some());
        let title = rule_words(rule).map_or(rule.title, |(title, _)| title);
        let turn = move |on: bool| {
            change.make(move |limits| {
                limits.off.retain(|name| name != rule.name);
                if !on {
                    limits.off.push(rule.name.to_owned());
                }
            });
        };
        view! {
            <Switch name=rule.name on turn>
                {move || if is_set() { title.to_owned() } else { texts::notices::set_above(&title) }}
            </Switch>
        }
    };
    let rules = move || {
        let sent = sent.get();
        let offered = RULES.iter().filter(|rule| rule.is_offered(|quantity| sent.contains(&quantity)));
        offered.map(switch).collect_view()
    };
    view! {
        <section class="card" data-part="rules">
            <h2>{texts::notices::notice()}</h2>
            {rules}
        </section>
    }
}

/// A rule's title, and what it means; `None` for a rule without texts.
pub(super) fn rule_words(rule: &Rule) -> Option<(&'static str, &'static str)> {
    Some(match rule.name {
        "silent" => (rules::silent(), rules::silent_means()),
        "gap" => (rules::gap(), rules::gap_means()),
        "power" => (rules::power(), rules::power_means()),
        "fuse" => (rules::fuse(), rules::fuse_means()),
        "voltage-low" => (rules::voltage_low(), rules::voltage_low_means()),
        "voltage-high" => (rules::voltage_high(), rules::voltage_high_means()),
        "water-at-night" => (rules::water_at_night(), rules::water_at_night_means()),
        "gas-at-night" => (rules::gas_at_night(), rules::gas_at_night_means()),
        "counter-back" => (rules::counter_back(), rules::counter_back_means()),
        "clock-off" => (rules::clock_off(), rules::clock_off_means()),
        "peak" => (rules::peak(), rules::peak_means()),
        "storage" => (rules::storage(), rules::storage_means()),
        "not-forwarded" => (rules::not_forwarded(), rules::not_forwarded_means()),
        _ => return None,
    })
}
