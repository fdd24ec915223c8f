//! All registers of a meter in their groups: counters, current values, phases, sub-meters, the rest. Each register is
//! in exactly one group.

use leptos::either::Either;
use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Phase, Quantity, Unit};
use metertap_decoder::register::RegisterId;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::Figure;
use metertap_readings::view::newest::Newest;
use metertap_readings::view::phases::{PhaseRow, is_by_phase, phase_rows};
use metertap_readings::view::power_failures::{PowerFailure, power_failures};

use super::label::{label, of_tariff, quantity};
use super::value::{Value, find};
use crate::model::Locale;
use crate::texts;

/// The place of a register on the card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    /// The meter's counters for the bill.
    Counters,
    /// The meter's current values.
    Now,
    /// Present values that belong to one phase.
    Phases,
    /// Gas, water and heat meters behind this one.
    SubMeters,
    /// What the meter sends about itself, and unknown registers.
    Rest,
}

impl Group {
    /// The group of a measurement.
    #[must_use]
    pub fn of(measurement: &Measurement) -> Self {
        if measurement.channel.is_some_and(|channel| channel > 0) {
            return Self::SubMeters;
        }
        match measurement.unit {
            _ if measurement.quantity.is_none() => Self::Rest,
            _ if is_by_phase(measurement) => Self::Phases,
            Some(
                Unit::KilowattHour
                | Unit::KilovarHour
                | Unit::KilovoltAmpereHour
                | Unit::CubicMetre
                | Unit::CubicFoot
                | Unit::Gigajoule
                | Unit::Megajoule
                | Unit::Gigacalorie,
            ) => Self::Counters,
            Some(_) => Self::Now,
            None => Self::Rest,
        }
    }
}

/// The registers of one group, one per line: the name, the meter's code for the register, and the value.
#[component]
pub fn RegisterList(
    /// The meter's key in the log.
    meter: MeterKey,
    /// All its values.
    newest: Signal<Newest>,
    /// The group.
    group: Group,
    /// The computer's clock.
    now: Signal<Moment>,
) -> impl IntoView {
    let registers = Memo::new(move |_| newest.with(|newest| registers(newest, group)));
    let totals = Memo::new(move |_| match group {
        Group::Counters => newest.with(totals),
        _ => Vec::new(),
    });
    let locale = Locale::of_context();
    let (named, whose) = (meter.clone(), meter);
    let meter = named;
    view! {
        <dl class="registers">
            <For each=move || totals.get() key=|total| *total let((total, number))>
                <Total meter=whose.clone() total number locale />
            </For>
            <For each=move || registers.get() key=|register| *register let:register>
                <div class="register">
                    <dt>
                        {name(newest, register)} " " <span class="obis">{register.to_string()}</span>
                    </dt>
                    <dd>
                        <Said meter=meter.clone() newest register now />
                    </dd>
                </div>
            </For>
        </dl>
    }
}

/// The contents of a register: a value, or a list of power failures.
#[component]
fn Said(meter: MeterKey, newest: Signal<Newest>, register: RegisterId, now: Signal<Moment>) -> impl IntoView {
    let zone = Locale::of_context().zone;
    let text = Memo::new(move |_| {
        newest.with(|newest| find(newest, register).map(|known| known.measurement.value.to_string()))
    });
    let failures = Memo::new(move |_| text.with(|text| power_failures(register, text.as_ref()?, zone)));
    move || match failures.get() {
        Some(failures) => {
            Either::Left(view! { <PowerFailures meter=meter.clone() register text failures /> })
        }
        None => Either::Right(view! { <Value meter=meter.clone() newest register now /> }),
    }
}

/// A meter's list of power failures, with the attributes that a value has in the DOM.
#[component]
fn PowerFailures(
    meter: MeterKey,
    register: RegisterId,
    text: Memo<Option<String>>,
    failures: Vec<PowerFailure>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let is_none = failures.is_empty();
    let row = move |failure: PowerFailure| {
        view! {
            <tr>
                <td>{(locale.date_time)(failure.ended)}</td>
                <td>{lasted(failure.seconds)}</td>
            </tr>
        }
    };
    view! {
        <div class="value" data-meter=meter.0 data-register=register.to_string() data-value=text>
            {if is_none {
                Either::Left(texts::details::none())
            } else {
                Either::Right(
                    view! {
                        <table class="failures">
                            <thead>
                                <tr>
                                    <th scope="col">{texts::details::power_back()}</th>
                                    <th scope="col">{texts::details::away_for()}</th>
                                </tr>
                            </thead>
                            <tbody>{failures.into_iter().map(row).collect_view()}</tbody>
                        </table>
                    },
                )
            }}
        </div>
    }
}

/// The sum of a counter's tariffs, if the meter itself sends no total.
#[component]
fn Total(meter: MeterKey, total: Quantity, number: Number, locale: Locale) -> impl IntoView {
    let figure = Figure::new(number, total.unit(), locale.decimal_mark);
    view! {
        <div class="register">
            <dt>{texts::quantities::all_tariffs(&quantity(total))}</dt>
            <dd>
                <span
                    class="value"
                    data-meter=meter.0
                    data-register="total"
                    data-quantity=total.to_string()
                    data-value=number.to_string()
                    data-unit=total.unit().map(|unit| unit.to_string())
                >
                    <span class="digits">{figure.digits}</span>
                    <span class="unit">{figure.unit}</span>
                </span>
            </dd>
        </div>
    }
}

/// The registers by phase: a row for each quantity and tariff, a column for each phase.
#[component]
pub fn PhaseTable(
    /// The meter's key in the log.
    meter: MeterKey,
    /// All its values.
    newest: Signal<Newest>,
    /// The computer's clock.
    now: Signal<Moment>,
) -> impl IntoView {
    let rows = Memo::new(move |_| newest.with(phase_rows));
    let phases = Memo::new(move |_| {
        let mut phases: Vec<_> =
            rows.with(|rows| rows.iter().flat_map(|row| row.cells.iter().map(|(phase, _)| *phase)).collect());
        phases.sort_unstable();
        phases.dedup();
        phases
    });
    let cell = move |row: &PhaseRow, phase: Phase, meter: MeterKey| {
        let register = row.cells.iter().find(|(other, _)| *other == phase);
        match register {
            Some((_, register)) => Either::Left(view! { <Value meter newest register=*register now /> }),
            None => Either::Right("–"),
        }
    };
    view! {
        <table class="phases">
            <thead>
                <tr>
                    <td></td>
                    <For each=move || phases.get() key=|phase| *phase let:phase>
                        <th scope="col">{phase.to_string().to_ascii_uppercase()}</th>
                    </For>
                </tr>
            </thead>
            <tbody>
                <For each=move || rows.get() key=Clone::clone let:row>
                    <tr>
                        <th scope="row">{of_tariff(Some(row.quantity), row.tariff)}</th>
                        {
                            let meter = meter.clone();
                            view! {
                                <For each=move || phases.get() key=|phase| *phase let:phase>
                                    <td>{cell(&row, phase, meter.clone())}</td>
                                </For>
                            }
                        }
                    </tr>
                </For>
            </tbody>
        </table>
    }
}

/// Counters that the meter sends only by tariff, each with the sum of its tariffs.
fn totals(newest: &Newest) -> Vec<(Quantity, Number)> {
    let total = |quantity: &Quantity| Some((*quantity, newest.total_of_tariffs(*quantity)?));
    [Quantity::ActiveEnergyImport, Quantity::ActiveEnergyExport].iter().filter_map(total).collect()
}

/// Whether any register is in the group.
#[must_use]
pub fn has(newest: &Newest, group: Group) -> bool {
    newest.values.iter().any(|known| Group::of(&known.measurement) == group)
}

/// The registers of a group: sub-meters by their channels, the others in the meter's own order.
fn registers(newest: &Newest, group: Group) -> Vec<RegisterId> {
    let mut of_group: Vec<_> = newest
        .values
        .iter()
        .map(|known| &known.measurement)
        .filter(|measurement| Group::of(measurement) == group)
        .collect();
    of_group.sort_by_key(|measurement| measurement.channel);
    of_group.into_iter().map(|measurement| measurement.register).collect()
}

fn lasted(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => texts::details::minutes_seconds(&minutes, &seconds),
        _ => texts::details::hours_minutes(&hours, &minutes),
    }
}

/// The name of a register; for a sub-meter's register, with its channel.
fn name(newest: Signal<Newest>, register: RegisterId) -> String {
    newest.with_untracked(|newest| {
        let Some(known) = find(newest, register) else { return String::new() };
        let text = known.measurement.value.to_string();
        // Any zone will do: it does not decide whether the text is a list of power failures.
        if power_failures(register, &text, Zone::UTC).is_some() {
            return texts::details::failures().to_owned();
        }
        let label = label(&known.measurement);
        match (known.measurement.phase, known.measurement.channel) {
            (Some(phase), _) => texts::details::on_phase(&label, &phase.to_string().to_ascii_uppercase()),
            (None, Some(channel)) if channel > 0 && newest.is_of_a_dead_channel(known) => {
                texts::details::of_dead_channel(&label, &channel)
            }
            (None, Some(channel)) if channel > 0 => texts::details::of_channel(&label, &channel),
            _ => label,
        }
    })
}
