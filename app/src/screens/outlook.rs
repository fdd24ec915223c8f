//! The peaks of the months, and predictions with their recent errors.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::outlook::peaks::month::MonthPeak;
use metertap_readings::outlook::peaks::rule::PeakRule;
use metertap_readings::outlook::prediction::{Band, Prediction};
use metertap_readings::outlook::question::{Answer, Peaks, Question};
use metertap_readings::view::figure::grouped;

use crate::model::{Locale, MeterModel};
use crate::parts::ahead::{answers, peak_rule};
use crate::parts::peak_words::{peak_title, rule_title};
use crate::parts::span_words::{rounded, short, when};
use crate::texts;

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
                {texts::outlook::no_rule()}
            </p>
        }
        .into_any(),
        _ => view! { <p data-part="no-peaks">{texts::outlook::no_peak()}</p> }.into_any(),
    };
    let expected = move || match expected.get() {
        Some(Answer::Prediction(Some(prediction))) => expected_of(&prediction, locale),
        Some(_) => view! {
            <p data-part="not-expected">{texts::outlook::not_yet()}</p>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <section data-part="peaks">
            <h2>{texts::outlook::peaks()}</h2>
            {peaks}
        </section>
        <section data-part="expected">
            <h2>{texts::outlook::expected()}</h2>
            {expected}
        </section>
    }
}

fn peaks_of(peaks: &Peaks, rule: &'static PeakRule, locale: Locale) -> AnyView {
    let all = peaks.months.iter().zip(&peaks.billed).take(rule.peaks.len()).enumerate();
    let tables = all.map(|(place, (months, billed))| {
        let rows = months.iter().rev().map(|month| row(month, locale)).collect_view();
        let billed = billed.filter(|_| rule.months > 1).map(|billed| {
            let (months, power) = (rule.months.min(months.len()), kilowatts(billed.0, locale));
            match rule.floor {
                Some(floor) => texts::outlook::mean_with_floor(&months, &floor, &power),
                None => texts::outlook::mean(&months, &power),
            }
        });
        view! {
            <h3>{peak_title(rule, place)}</h3>
            <table data-table="peaks">
                <thead>
                    <tr>
                        <th scope="col">{texts::outlook::month()}</th>
                        <th scope="col">{texts::outlook::peak()}</th>
                        <th scope="col">{texts::outlook::when()}</th>
                        <th scope="col">{texts::outlook::known_from()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="small">{billed}</p>
        }
    });
    view! {
        <p class="small">{texts::outlook::rule(&rule_title(rule), &rule.read)}</p>
        {tables.collect_view()}
        <p class="small">
            {texts::outlook::worked_out_how()}
        </p>
    }
    .into_any()
}

fn row(month: &MonthPeak, locale: Locale) -> AnyView {
    let mean = month.mean().map(|mean| kilowatts(mean, locale));
    let (_, missing) = month.unknown;
    let mean = mean.map(|mean| match missing {
        0 => format!("{mean} kW"),
        _ => texts::outlook::at_least(&mean),
    });
    let highest = month.highest.iter().map(|highest| {
        let at = when(highest.span.from, month.month, locale);
        let power = kilowatts(highest.power, locale);
        let words = if month.highest.len() == 1 { at } else { format!("{power} kW, {at}") };
        view! { <span>{words}</span> }
    });
    let highest = highest.collect_view();
    let value = month.mean().map(|mean| mean.to_string());
    let from = if month.own { texts::outlook::the_meter() } else { texts::outlook::worked_out() };
    view! {
        <tr data-month=month.month.from.0 data-value=value data-own=month.own.to_string()>
            <th scope="row">{short(month.month, locale)}</th>
            <td>{mean}</td>
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
                    <th scope="col">{texts::outlook::from_grid()}</th>
                    <th scope="col">{texts::outlook::so_far()}</th>
                    <th scope="col">{texts::outlook::at_end()}</th>
                    <th scope="col">{texts::outlook::eight_in_ten()}</th>
                </tr>
            </thead>
            <tbody>
                {sum(texts::outlook::today(), today.so_far, today.band)} {sum(texts::outlook::this_month(), month.so_far, month.band)}
            </tbody>
        </table>
        <p class="small" data-errors=errors>
            {errors_of(prediction, locale)}
        </p>
        {tomorrow_of(prediction, locale)}
        <p class="small">
            {texts::outlook::medians(&prediction.days)}
        </p>
    }
    .into_any()
}

fn tomorrow_of(prediction: &Prediction, locale: Locale) -> AnyView {
    let hours = prediction.tomorrow.iter().map(|(span, band)| {
        view! {
            <tr>
                <th scope="row">{short(*span, locale)}</th>
                <td>{number(band.middle, locale)}</td>
                <td>{range(*band, locale)}</td>
            </tr>
        }
    });
    view! {
        <details>
            <summary>{texts::outlook::tomorrow()}</summary>
            <table data-table="tomorrow">
                <thead>
                    <tr>
                        <th scope="col">{texts::outlook::hour()}</th>
                        <th scope="col">"kWh"</th>
                        <th scope="col">{texts::outlook::eight_in_ten()}</th>
                    </tr>
                </thead>
                <tbody>{hours.collect_view()}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn errors_of(prediction: &Prediction, locale: Locale) -> String {
    let Some(errors) = prediction.errors else {
        return texts::outlook::unknown_error().to_owned();
    };
    let mase = grouped(&format!("{:.2}", errors.mase), locale.decimal_mark);
    texts::outlook::errors(&errors.days, &format!("{:.0}", errors.wape * 100.0), &mase)
}

fn range(band: Band, locale: Locale) -> String {
    texts::outlook::range(&number(band.low, locale), &number(band.high, locale))
}

fn kilowatts(number: Number, locale: Locale) -> String {
    grouped(&rounded(number, -3).to_string(), locale.decimal_mark)
}

fn number(value: f64, locale: Locale) -> String {
    let text = if value.abs() < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") };
    grouped(&text, locale.decimal_mark)
}

/// A quarter-hour in milliseconds.
const QUARTER: i64 = 900_000;
