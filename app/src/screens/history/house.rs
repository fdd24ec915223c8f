//! The house: the combined totals of all meters, according to what each of them measures.

use std::collections::BTreeMap;

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::reading::Unit;
use metertap_readings::history::house::{House as Sums, HouseMeter, guessed};
use metertap_readings::history::totals::Total;
use metertap_readings::store::{MeterKey, Role};

use super::members::Stated;
use super::pictures::{only_total, total};
use super::state::State;
use crate::model::{Actions, MeterModel, PageModel};
use crate::parts::span_words::amount;
use crate::protocol::Command;
use crate::texts;

/// The sums of the house, and the role of each meter.
#[component]
pub fn House(
    /// The view.
    state: State,
) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let told = RwSignal::new(BTreeMap::<MeterKey, Total>::new());
    let stated = Stated::of(model);
    // A meter that was replaced counts in the history of its successor.
    let in_use = move || {
        let is_in_use = |meter: &MeterModel| stated.with(|stated| stated.successor(&meter.key).is_none());
        model.meters.get().into_iter().filter(is_in_use).collect::<Vec<_>>()
    };
    let sums = Memo::new(move |_| {
        let (told, meters) = (told.get(), in_use());
        let roles: Vec<(MeterKey, Role)> =
            meters.iter().map(|meter| (meter.key.clone(), role(meter))).collect();
        let meters: Vec<HouseMeter<'_>> =
            roles.iter().map(|(key, role)| HouseMeter { key, role, total: told.get(key) }).collect();
        Sums::of(&meters)
    });
    let facts = move || {
        let sums = sums.get();
        let mark = state.locale.decimal_mark;
        let energy = |name: &'static str, words: &'static str, number: Option<Number>| {
            number.map(|number| {
                let figure = amount(number, Some(Unit::KilowattHour), mark);
                view! {
                    <div>
                        <dt>{words}</dt>
                        <dd data-house=name data-value=number.to_string()>
                            {figure.digits} " " <small>{figure.unit}</small>
                        </dd>
                    </div>
                }
            })
        };
        let share = |name: &'static str, words: &'static str, hundredths: Option<u8>| {
            hundredths.map(|hundredths| {
                view! {
                    <div>
                        <dt>{words}</dt>
                        <dd data-house=name data-value=hundredths.to_string()>{hundredths.to_string()} " %"</dd>
                    </div>
                }
            })
        };
        let unknown = sums.used.is_none() && sums.heard > 0;
        view! {
            <dl class="facts">
                {energy("imported", texts::history::from_the_grid(), sums.imported)} {energy("exported", texts::history::fed_in(), sums.exported)}
                {energy("produced", texts::history::produced(), sums.produced)} {energy("used", texts::history::used(), sums.used)}
                {share("self-consumption", texts::history::self_consumption(), sums.self_consumption)}
                {share("self-sufficiency", texts::history::self_sufficiency(), sums.self_sufficiency)}
                {energy("rest", texts::history::rest(), sums.rest)}
            </dl>
            <p class="small" data-house="heard">
                {texts::history::meters_heard(u64::try_from(sums.of).unwrap_or_default(), &sums.heard)}
            </p>
            {unknown
                .then(|| {
                    view! {
                        <p class="small">
                            {texts::history::used_unknown()}
                        </p>
                    }
                })}
        }
    };
    view! {
        {facts}
        <ul class="choices">
            <For each=in_use key=|meter| meter.key.clone() let:meter>
                <OfHouse state meter told />
            </For>
        </ul>
    }
}

/// What a meter measures in the house: what the user says, or else what its values suggest.
fn role(meter: &MeterModel) -> Role {
    meter.state.with(|state| state.record.role.clone()).unwrap_or_else(|| seems(meter))
}

fn seems(meter: &MeterModel) -> Role {
    let values = meter.newest.with(|newest| {
        // The values of a sub-meter do not tell what the meter itself measures.
        let own =
            newest.values.iter().filter(|known| known.measurement.channel.is_none_or(|channel| channel == 0));
        own.filter_map(|known| known.measurement.quantity).collect::<Vec<_>>()
    });
    guessed(&values)
}

#[component]
fn OfHouse(state: State, meter: MeterModel, told: RwSignal<BTreeMap<MeterKey, Total>>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let mine = state.of_meter(meter.key.clone());
    let known = total(mine, move || Some(state.span()));
    let key = meter.key.clone();
    Effect::new(move |_| {
        let total = known.get().and_then(|known| only_total(&known).cloned());
        told.update(|told| match total {
            Some(total) => drop(told.insert(key.clone(), total)),
            None => drop(told.remove(&key)),
        });
    });
    let gone = meter.key.clone();
    on_cleanup(move || {
        told.try_update(|told| told.remove(&gone));
    });
    let (asked, titled, judged) = (meter.key.clone(), meter.clone(), meter.clone());
    let model = expect_context::<PageModel>();
    let others = {
        let own = meter.key.clone();
        move || {
            let others = model.meters.get().into_iter().filter(|other| other.key != own);
            others
                .map(|other| (format!("part/{}", other.key.0), texts::history::part_of(&other.title())))
                .collect::<Vec<_>>()
        }
    };
    let choose = move |event| {
        let role = match event_target_value(&event).as_str() {
            "" => None,
            word => written(word),
        };
        actions.send(Command::Assign { meter: asked.clone(), role });
    };
    let chosen = Memo::new(move |_| {
        meter.state.with(|state| state.record.role.as_ref().map(word)).unwrap_or_default()
    });
    let options = move || {
        let seems = texts::history::as_it_seems(&name(&seems(&judged)));
        let of = Role::CHOICES.iter().map(|role| (word(role), name(role).to_owned()));
        let all = std::iter::once((String::new(), seems)).chain(of).chain(others());
        let option = |(value, words): (String, String)| {
            let is_it = chosen.get() == value;
            view! { <option value=value selected=is_it>{words}</option> }
        };
        all.map(option).collect_view()
    };
    view! {
        <li class="choice">
            <label class="row">
                <span>{move || titled.title()}</span>
                <select data-action="role" data-meter=meter.key.0.clone() on:change=choose>
                    {options}
                </select>
            </label>
        </li>
    }
}

fn name(role: &Role) -> &'static str {
    match role {
        Role::Grid => texts::history::role_grid(),
        Role::Production => texts::history::role_production(),
        Role::Consumer => texts::history::role_consumer(),
        Role::Part { .. } => texts::history::role_part(),
        Role::Gas => texts::history::gas(),
        Role::Water => texts::history::water(),
        Role::Heat => texts::history::heat(),
        Role::Cooling => texts::history::cooling(),
    }
}

/// The value of a role in a list of choices.
fn word(role: &Role) -> String {
    match role {
        Role::Part { of } => format!("part/{}", of.0),
        role => Role::CHOICES.iter().position(|other| other == role).unwrap_or_default().to_string(),
    }
}

fn written(word: &str) -> Option<Role> {
    match word.strip_prefix("part/") {
        Some(of) => Some(Role::Part { of: MeterKey(of.to_owned()) }),
        None => Role::CHOICES.get(word.parse::<usize>().ok()?).cloned(),
    }
}
