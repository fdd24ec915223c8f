//! The contents of the charts of History: their questions, and drawings of the answers.

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::{Answer, Curve, Question};
use metertap_readings::history::totals::Total;
use metertap_readings::power::watts;
use metertap_readings::view::chart::{Across, Axis, Bar, Hue, Piece, Right};
use metertap_readings::view::figure::symbol;
use metertap_readings::view::interval::between_columns;

use metertap_decoder::reading::Quantity;

use super::state::State;
use crate::model::{Drawing, DrawnLayer, Picture};
use crate::parts::lookup::{Answered, Known, follow};

/// Keeps the answer for a curve up to date. The answer covers twice the visible span, so that the chart can be moved
/// before the next answer arrives.
pub fn curve(
    state: State,
    curve: Curve,
    span: impl Fn() -> Option<Span> + Send + Sync + 'static,
) -> Answered {
    let ticked = StoredValue::new(0);
    follow(state.meter.into(), move |known| {
        let (span, width) = (span()?, state.width.get());
        let tick = state.tick();
        if width == 0 {
            return None;
        }
        let half = span.length() / 2;
        let wide = Span { from: Moment(span.from.0 - half), to: Moment(span.to.0 + half) };
        if let Some(Question::Curve { curve: of, span: shown, columns }) = known.map(|known| &known.question)
        {
            let (wanted, is) = (
                span.length() as f64 / f64::from(width),
                shown.length() as f64 / f64::from((*columns).max(1)),
            );
            let covers = shown.from <= span.from && span.to <= shown.to;
            if *of == curve && covers && (0.6..1.7).contains(&(is / wanted)) && ticked.get_value() == tick {
                return None;
            }
        }
        ticked.set_value(tick);
        Some(Question::Curve { curve, span: wide, columns: width * 2 })
    })
}

/// Keeps the totals of the periods of a span up to date. Each period is a bar.
pub fn bars(state: State, span: impl Fn() -> Option<Span> + Send + Sync + 'static) -> Answered {
    let ticked = StoredValue::new(0);
    follow(state.meter.into(), move |known| {
        let span = span()?;
        let tick = state.tick();
        let spans = Period::of_bars(span.length()).within(span, state.zone());
        if let Some(Question::Totals { spans: shown }) = known.map(|known| &known.question)
            && ticked.get_value() == tick
            && *shown == spans
        {
            return None;
        }
        ticked.set_value(tick);
        Some(Question::Totals { spans })
    })
}

/// Keeps the total of a span up to date. The span may begin and end at any moment.
pub fn total(state: State, span: impl Fn() -> Option<Span> + Send + Sync + 'static) -> Answered {
    let ticked = StoredValue::new(0);
    follow(state.meter.into(), move |known| {
        let span = span()?;
        let tick = state.tick();
        let question = match span.period(state.zone()) {
            Some(_) => Question::Totals { spans: vec![span] },
            None => Question::Selection { span },
        };
        let is_known = known.is_some_and(|known| known.question == question) && ticked.get_value() == tick;
        ticked.set_value(tick);
        (!is_known).then_some(question)
    })
}

/// The total in an answer to [`total`].
pub fn only_total(known: &Known) -> Option<&Total> {
    match &known.answer {
        Answer::Totals(totals) => totals.first(),
        Answer::Selection(total) => Some(total),
        _ => None,
    }
}

/// The curve in an answer, and how many milliseconds count as a gap in it.
pub fn picture(known: &Known, interval: Option<u32>) -> Option<(Picture, u32)> {
    let (Question::Curve { span, .. }, Answer::Curve(columns)) = (&known.question, &known.answer) else {
        return None;
    };
    let between = between_columns(columns, span.length());
    let gap = interval.max(between).unwrap_or(USUAL_INTERVAL).saturating_mul(3);
    Some((Picture { from: span.from, to: span.to, columns: columns.as_slice().into() }, gap))
}

/// Makes a layer of the curve in an answer. For a comparison, `moved` holds the compared span and the span in view: the
/// curve is moved from the first to the second.
pub fn layer(
    known: &Known,
    interval: Option<u32>,
    moved: Option<(Span, Span)>,
    is_power: bool,
) -> Option<DrawnLayer> {
    let (mut picture, gap) = picture(known, interval)?;
    if let Some((from, to)) = moved {
        let place = |moment: Moment| {
            let share = (moment.0 - from.from.0) as f64 / from.length().max(1) as f64;
            Moment(to.from.0 + super::state::whole(share * to.length() as f64))
        };
        picture = Picture { from: place(picture.from), to: place(picture.to), ..picture };
    }
    let hue = if moved.is_some() { Hue::Quiet } else { Hue::Ink };
    Some(DrawnLayer::Curve { picture, gap, hue, tinted: is_power && moved.is_none(), on_right: false })
}

/// Makes a drawing with one axis of values.
pub fn drawing(span: Span, layers: Vec<DrawnLayer>, axis: Axis) -> Drawing {
    let Span { from, to } = span;
    Drawing { from, to, layers, axis, right: Right::Nothing, across: Across::Time, now: None }
}

/// Makes bars of these flows, one for each total. Each bar for comparison stands beside the bar that it is compared
/// with.
pub fn bars_of(flows: &[Flow], totals: &[Total], compared: &[Total]) -> DrawnLayer {
    let pair = totals.iter().zip(compared);
    let quiet = pair.map(|(total, past)| Bar { is_quiet: true, ..bar(flows, past, total.span) });
    let loud = totals.iter().map(|total| bar(flows, total, total.span));
    DrawnLayer::Bars(quiet.chain(loud).filter(|bar| !bar.pieces.is_empty()).collect())
}

fn bar(flows: &[Flow], total: &Total, Span { from, to }: Span) -> Bar {
    let amounts = total.amounts.iter().filter(|amount| flows.contains(&amount.flow));
    let pieces = amounts.flat_map(|amount| {
        let (sign, hue) = (if amount.flow.is_out() { -1.0 } else { 1.0 }, hue(amount.flow));
        let tariffs = if amount.tariffs.len() > 1 { amount.tariffs.as_slice() } else { &[] };
        let parts = tariffs.iter().map(|part| part.total);
        let whole = tariffs.is_empty().then_some(amount.total);
        (0_u8..)
            .zip(parts.chain(whole))
            .filter_map(move |(shade, number)| Some(Piece { value: watts(number)? * sign, hue, shade }))
    });
    Bar { from, to, pieces: pieces.collect(), is_vague: total.since.is_some(), is_quiet: false }
}

/// The colour of a flow.
pub const fn hue(flow: Flow) -> Hue {
    match flow.quantity {
        Quantity::ActiveEnergyExport => Hue::Export,
        Quantity::GasVolume | Quantity::GasVolumeCorrected => Hue::Gas,
        Quantity::WaterVolume => Hue::Water,
        Quantity::HeatEnergy | Quantity::CoolingEnergy => Hue::Heat,
        _ => Hue::Import,
    }
}

/// The axis of a curve.
pub fn axis(curve: Curve) -> Axis {
    match curve {
        Curve::NetPower => Axis::POWER,
        Curve::Register { unit, .. } => Axis::measured(symbol(unit)),
    }
}

/// Groups flows by chart: electricity in both directions together, and each other flow by itself.
pub fn grouped(flows: &[Flow]) -> Vec<Vec<Flow>> {
    let is_electric =
        |flow: &Flow| matches!(flow.quantity, Quantity::ActiveEnergyImport | Quantity::ActiveEnergyExport);
    let mut all: Vec<Vec<Flow>> = Vec::new();
    for flow in flows {
        let mate = all.iter_mut().find(|group| {
            group.iter().all(|other| is_electric(other) && is_electric(flow) && other.channel == flow.channel)
        });
        match mate {
            Some(group) => group.push(*flow),
            None => all.push(vec![*flow]),
        }
    }
    all
}

/// Assumed milliseconds between readings until the interval is known.
const USUAL_INTERVAL: u32 = 10_000;
