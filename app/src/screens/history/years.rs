//! Compares years by the amount of each month, with a line for each year.

use leptos::prelude::*;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::Question;
use metertap_readings::history::totals::Total;
use metertap_readings::power::watts;
use metertap_readings::view::chart::{Across, Axis, Hue};
use metertap_readings::view::figure::symbol;

use super::pictures::drawing;
use super::save::Save;
use super::series::word;
use super::state::State;
use super::view::date;
use crate::model::{Drawing, DrawnLayer, Picture};
use crate::parts::chart_canvas::ChartCanvas;
use crate::parts::lookup::{follow, totals};
use crate::texts;

/// A line for each of the last years.
#[component]
pub fn Years(
    /// The view.
    state: State,
    /// The flow.
    flow: Memo<Option<Flow>>,
) -> impl IntoView {
    let zone = state.zone();
    let years = Memo::new(move |_| {
        let held = state.contents().and_then(|contents| contents.span)?;
        let years = Period::Year.within(held, zone);
        Some(years.into_iter().rev().take(HUES.len()).collect::<Vec<_>>())
    });
    let months = move || {
        let years = years.get()?;
        Some(years.into_iter().flat_map(|year| Period::Month.within(year, zone)).collect::<Vec<_>>())
    };
    let ticked = StoredValue::new(0);
    let known = follow(state.meter.into(), move |known| {
        let question = Question::Totals { spans: months()? };
        let hour = state.now.get().0.div_euclid(3_600_000);
        let is_known = known.is_some_and(|known| known.question == question) && ticked.get_value() == hour;
        ticked.set_value(hour);
        (!is_known).then_some(question)
    });
    let drawn = Signal::derive(move || {
        let (known, flow, years) = (known.get(), flow.get()?, years.get()?);
        picture(totals(known.as_ref()), flow, &years)
    });
    let names = move || {
        years.get().unwrap_or_default().into_iter().map(|year| year_of(year, state)).collect::<Vec<_>>()
    };
    let words = Signal::derive(move || texts::history::months_of_years(&names().join(", ")));
    let title = Signal::stored(texts::history::years().to_owned());
    let hues = Signal::derive(move || HUES.into_iter().zip(names()).collect::<Vec<_>>());
    let legend = move || {
        let entry = |(name, hue): (String, Hue)| {
            view! {
                <span class="entry">
                    <span class="swatch" data-hue=word(hue) aria-hidden="true"></span>
                    {name}
                </span>
            }
        };
        names().into_iter().zip(HUES).map(entry).collect_view()
    };
    let untouched = UnsyncCallback::new(|_| ());
    view! {
        <figure class="panel bars" data-chart="years">
            <figcaption class="small">
                <span class="series">{texts::history::years()} " " {legend}</span>
                <Save state drawing=drawn words=title legend=hues what="years" />
            </figcaption>
            <ChartCanvas drawing=drawn words width=state.width pointed=untouched />
        </figure>
    }
}

fn year_of(year: Span, state: State) -> String {
    date(year.from, state.zone()).get(..4).unwrap_or_default().to_owned()
}

/// Draws a line for each year. The newest has the colour of ink and lies above the others.
fn picture(totals: &[Total], flow: Flow, years: &[Span]) -> Option<Drawing> {
    let newest = *years.first()?;
    let line = |(year, hue): (&Span, Hue)| {
        let of_year = totals.iter().filter(|total| year.contains(total.span.from));
        let columns = of_year.map(|total| {
            let amount = watts(total.amount(flow)?.total)?;
            Some((amount, amount))
        });
        let picture = Picture { from: newest.from, to: newest.to, columns: columns.collect() };
        DrawnLayer::Curve { picture, gap: 0, hue, tinted: false, on_right: false }
    };
    let mut layers: Vec<_> = years.iter().zip(HUES).map(line).collect();
    layers.reverse();
    let axis = Axis::counted(symbol(flow.unit()));
    Some(Drawing { across: Across::Months, ..drawing(newest, layers, axis) })
}

const HUES: [Hue; 6] = [Hue::Ink, Hue::Export, Hue::Import, Hue::Water, Hue::Heat, Hue::Gas];
