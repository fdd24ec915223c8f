//! Peaks of months and predictions, with the predictions' recent errors.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::outlook::peaks::month::MonthPeak;
use metertap_readings::outlook::peaks::rule::PeakRule;
use metertap_readings::outlook::prediction::{Band, Prediction};
use metertap_readings::outlook::question::{Answer, Peaks, Question};
use metertap_readings::view::figure::grouped;

use crate::model::{Locale, MeterModel};
use crate::parts::ahead::{answers, peak_rule};
use crate::parts::span_words::{rounded, short, when};

/// Peaks and predictions, if enough is known.
#[component]
pub fn Outlook(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let locale = Locale::of_context();
    let rule = peak_rule();
    let asked = move || rule.get().map(|rule| Question::Peaks { rule: rule.to_owned() });
    let peaks = answers(meter.key.clone(), asked, QUARTER);
    let expected = answers(meter.key, || Some(Question::Prediction), QUARTER);
    let peaks = move || match (peaks.get(), rule.get().and_then(PeakRule::named)) {
        (Some(Answer::Peaks(peaks)), Some(rule)) if peaks.months.iter().any(|months| !months.is_empty()) => {
            peaks_of(&peaks, rule, locale)
        }
        (_, None) => view! {
            <p data-part="no-rule">
                "How peaks are billed here is not known, or there are several ways. Choose one under Notices."
            </p>
        }
        .into_any(),
        _ => view! { <p data-part="no-peaks">"No peak is known yet."</p> }.into_any(),
    };
    let expected = move || match expected.get() {
        Some(Answer::Prediction(Some(prediction))) => expected_of(&prediction, locale),
        Some(_) => view! {
            <p data-part="not-expected">"What will be used is predicted once 14 whole days are known."</p>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <section data-part="peaks">
            <h2>"Peaks"</h2>
            {peaks}
        </section>
        <section data-part="expected">
            <h2>"Expected"</h2>
            {expected}
        </section>
    }
}

fn peaks_of(peaks: &Peaks, rule: &'static PeakRule, locale: Locale) -> AnyView {
    let all = rule.peaks.iter().zip(&peaks.months).zip(&peaks.billed);
    let tables = all.map(|((peak, months), billed)| {
        let rows = months.iter().rev().map(|month| row(month, locale)).collect_view();
        let billed = billed.filter(|_| rule.months > 1).map(|billed| {
            let floor = rule.floor.map(|floor| format!(", each at least {floor} kW")).unwrap_or_default();
            let months = rule.months.min(months.len());
            format!("Mean of the last {months} months{floor}: {} kW.", kilowatts(billed.0, locale))
        });
        view! {
            <h3>{peak.title}</h3>
            <table data-table="peaks">
                <thead>
                    <tr>
                        <th scope="col">"Month"</th>
                        <th scope="col">"Peak"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Known from"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="small">{billed}</p>
        }
    });
    view! {
        <p class="small">{rule.title} ", as of " {rule.read} ". Under Notices you can choose another rule."</p>
        {tables.collect_view()}
        <p class="small">
            "What is worked out here comes from where the counter stood at both ends of each interval. Where some of a month was not
            heard, its peak is at least what is shown."
        </p>
    }
    .into_any()
}

fn row(month: &MonthPeak, locale: Locale) -> AnyView {
    let zone = locale.zone;
    let mean = month.mean().map(|mean| kilowatts(mean, locale));
    let (_, missing) = month.unknown;
    let at_least = if missing > 0 { "at least " } else { "" };
    let highest = month.highest.iter().map(|highest| {
        let at = when(highest.span.from, month.month, zone);
        if month.highest.len() == 1 { at } else { format!("{} kW {at}", kilowatts(highest.power, locale)) }
    });
    let highest = highest.collect::<Vec<_>>().join(", ");
    let value = month.mean().map(|mean| mean.to_string());
    let from = if month.own { "the meter" } else { "worked out here" };
    view! {
        <tr data-month=month.month.from.0 data-value=value data-own=month.own.to_string()>
            <th scope="row">{short(month.month, zone)}</th>
            <td>{mean.map(|mean| format!("{at_least}{mean} kW"))}</td>
            <td>{highest}</td>
            <td>{from}</td>
        </tr>
    }
    .into_any()
}

fn expected_of(prediction: &Prediction, locale: Locale) -> AnyView {
    let sum = |name: &'static str, so_far: f64, band: Band| {
        view! {
            <tr data-expected=name data-value=format!("{:.3}", band.middle)>
                <th scope="row">{name}</th>
                <td>{number(so_far, locale)}</td>
                <td>{number(band.middle, locale)}</td>
                <td>{range(band, locale)}</td>
            </tr>
        }
    };
    let (today, month) = (prediction.today, prediction.month);
    let errors = prediction.errors.map(|errors| format!("{:.3}", errors.mase));
    view! {
        <table data-table="expected">
            <thead>
                <tr>
                    <th scope="col">"From the grid, kWh"</th>
                    <th scope="col">"So far"</th>
                    <th scope="col">"At the end"</th>
                    <th scope="col">"Eight times in ten"</th>
                </tr>
            </thead>
            <tbody>
                {sum("Today", today.so_far, today.band)} {sum("This month", month.so_far, month.band)}
            </tbody>
        </table>
        <p class="small" data-errors=errors>
            {errors_of(prediction, locale)}
        </p>
        {tomorrow_of(prediction, locale)}
        <p class="small">
            {format!(
                "Medians of like hours of {} whole days: workdays, Saturdays and Sundays each by themselves.",
                prediction.days,
            )}
        </p>
    }
    .into_any()
}

fn tomorrow_of(prediction: &Prediction, locale: Locale) -> AnyView {
    let hours = prediction.tomorrow.iter().map(|(span, band)| {
        view! {
            <tr>
                <th scope="row">{short(*span, locale.zone)}</th>
                <td>{number(band.middle, locale)}</td>
                <td>{range(*band, locale)}</td>
            </tr>
        }
    });
    view! {
        <details>
            <summary>"Tomorrow, hour by hour"</summary>
            <table data-table="tomorrow">
                <thead>
                    <tr>
                        <th scope="col">"Hour"</th>
                        <th scope="col">"kWh"</th>
                        <th scope="col">"Eight times in ten"</th>
                    </tr>
                </thead>
                <tbody>{hours.collect_view()}</tbody>
            </table>
        </details>
    }
    .into_any()
}

/// The recent errors, in words.
fn errors_of(prediction: &Prediction, locale: Locale) -> String {
    let Some(errors) = prediction.errors else {
        return "How far it is off is not known yet.".to_owned();
    };
    let mase = grouped(&format!("{:.2}", errors.mase), locale.decimal_mark);
    format!(
        "On the last {} days, the sum of a day was off by {:.0} % (WAPE), and an hour by {mase} times as much as the same \
         hour a week before (MASE).",
        errors.days,
        errors.wape * 100.0,
    )
}

fn range(band: Band, locale: Locale) -> String {
    format!("{} to {}", number(band.low, locale), number(band.high, locale))
}

fn kilowatts(number: Number, locale: Locale) -> String {
    grouped(&rounded(number, -3).to_string(), locale.decimal_mark)
}

fn number(value: f64, locale: Locale) -> String {
    let text = if value.abs() < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") };
    grouped(&text, locale.decimal_mark)
}

/// Milliseconds.
const QUARTER: i64 = 900_000;
