//! A chart of bars with what was counted in each period.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use metertap_decoder::reading::Quantity;
use metertap_readings::history::calendar::Period;
use metertap_readings::history::csv::of_totals;
use metertap_readings::history::flow::Flow;
use metertap_readings::view::chart::{Axis, Hue, Margin, Right};
use metertap_readings::view::figure::symbol;

use super::pictures::{bars_of, drawing, hue};
use super::save::Save;
use super::state::State;
use crate::model::Drawing;
use crate::parts::chart_canvas::{ChartCanvas, Pointed};
use crate::parts::label::quantity;
use crate::parts::lookup::{Answered, totals};
use crate::parts::span_words::title as span_title;
use crate::texts;

/// A chart of bars with what was counted.
#[component]
pub fn BarPanel(
    /// The view.
    state: State,
    /// The flows.
    flows: Vec<Flow>,
    /// The answer for the view's time.
    now: Answered,
    /// The answer for the time of the comparison.
    then: Answered,
    /// Receives what a pointer does on the chart.
    touched: UnsyncCallback<(Pointed, PointerEvent)>,
) -> impl IntoView {
    let unit = symbol(flows.first().and_then(|flow| flow.unit()));
    let what = flow_words(&flows);
    let mark = flows.first().map(|flow| flow.quantity.to_string());
    let drawn = flows.clone();
    let drawing = Signal::derive(move || {
        let span = state.span();
        let (now, then) = (now.get(), then.get().filter(|_| state.compared().is_some()));
        let layer = bars_of(&drawn, totals(now.as_ref()), totals(then.as_ref()));
        let right = if state.margin.get() == Margin::Axis { Right::Room } else { Right::Nothing };
        Some(Drawing { right, ..drawing(span, vec![layer], Axis::counted(unit)) })
    });
    let saved = flows.clone();
    let table = UnsyncCallback::new(move |()| {
        let known = now.get_untracked();
        Some(of_totals(totals(known.as_ref()), &saved, state.zone()))
    });
    let title = move || per(Period::of_bars(state.span().length()), &what);
    let words = Signal::derive(title.clone());
    let shown = flows.clone();
    let legend = Signal::derive(move || {
        let compared = state.compared().map(|span| (Hue::Quiet, span_title(span, state.locale)));
        let flows = shown.iter().map(|flow| (hue(*flow), quantity(flow.quantity).to_owned()));
        flows.chain(compared).collect::<Vec<_>>()
    });
    view! {
        <figure class="panel bars" data-flow=mark>
            <figcaption class="small">{title} " " <Save state drawing table words legend what="bars" /></figcaption>
            <ChartCanvas drawing words width=state.width pointed=touched />
        </figure>
    }
}

fn flow_words(flows: &[Flow]) -> String {
    let Some(first) = flows.first() else { return String::new() };
    let name = match first.quantity {
        Quantity::ActiveEnergyImport | Quantity::ActiveEnergyExport => texts::history::energy(),
        other => quantity(other),
    };
    first.channel.map_or_else(|| name.to_owned(), |channel| texts::history::of_channel(&name, &channel))
}

fn per(period: Period, flow: &str) -> String {
    match period {
        Period::Quarter => texts::history::per_quarter(&flow),
        Period::Hour => texts::history::per_hour(&flow),
        Period::Day => texts::history::per_day(&flow),
        Period::Week => texts::history::per_week(&flow),
        Period::Month => texts::history::per_month(&flow),
        Period::Year => texts::history::per_year(&flow),
    }
}
