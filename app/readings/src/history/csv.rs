//! Exports a chart as a table (RFC 4180): local times with their offset, and numbers with a decimal point.

use std::fmt::Write;

use metertap_decoder::time::Zone;

use super::calendar::Span;
use super::flow::Flow;
use super::totals::Total;
use crate::entry::Moment;
use crate::plain::is_formula;

/// A curve of a chart as its columns, with a name and a unit.
#[derive(Clone, Copy, Debug)]
pub struct CurveColumns<'a> {
    /// The name of the curve.
    pub name: &'a str,
    /// The symbol of its unit.
    pub unit: &'a str,
    /// The time that the columns divide evenly.
    pub span: Span,
    /// The lowest and the highest value of each column.
    pub columns: &'a [Option<(f64, f64)>],
}

/// Returns bars as CSV: a row for each period, with what flowed in it and its power in watts.
#[must_use]
pub fn of_totals(totals: &[Total], flows: &[Flow], zone: Zone) -> String {
    let mut text = "start,end".to_owned();
    for flow in flows {
        let channel = flow.channel.map(|channel| format!("_{channel}")).unwrap_or_default();
        let unit = flow.unit().map(|unit| format!("_{unit}")).unwrap_or_default();
        let name = format!("{}{channel}{unit}", flow.quantity).replace('-', "_").to_lowercase();
        let _ = write!(text, ",{name}");
    }
    text.push_str(",mean_w,lowest_w,highest_w,readings,counted_since\r\n");
    for total in totals {
        let _ = write!(text, "{},{}", time(total.span.from, zone), time(total.span.to, zone));
        for flow in flows {
            let amount = total.amount(*flow).map(|amount| amount.total.to_string());
            let _ = write!(text, ",{}", amount.unwrap_or_default());
        }
        let _ = match total.power {
            Some(power) => write!(text, ",{},{},{}", power.mean, power.least.value, power.most.value),
            None => write!(text, ",,,"),
        };
        let since = total.since.map(|since| time(since, zone)).unwrap_or_default();
        let _ = write!(text, ",{},{since}\r\n", total.readings);
    }
    text
}

/// Returns curves as CSV: a row for each column of the first curve, with the lowest and the highest value of each curve
/// at that time. Times outside `seen` and times without a value have no row.
#[must_use]
pub fn of_curves(curves: &[CurveColumns<'_>], seen: Span, zone: Zone) -> String {
    let mut text = "start".to_owned();
    for curve in curves {
        let name = if curve.unit.is_empty() {
            curve.name.to_owned()
        } else {
            format!("{} ({})", curve.name, curve.unit)
        };
        let _ =
            write!(text, ",{},{}", quoted(&format!("{name}, lowest")), quoted(&format!("{name}, highest")));
    }
    text.push_str("\r\n");
    let Some(first) = curves.first() else { return text };
    for place in 0..first.columns.len() {
        let at = beginning(first, place);
        let values: Vec<_> = curves.iter().map(|curve| value(curve, at)).collect();
        if !seen.contains(at) || values.iter().all(Option::is_none) {
            continue;
        }
        text.push_str(&time(at, zone));
        for value in values {
            let _ = match value {
                Some((low, high)) => write!(text, ",{low},{high}"),
                None => write!(text, ",,"),
            };
        }
        text.push_str("\r\n");
    }
    text
}

fn beginning(curve: &CurveColumns<'_>, place: usize) -> Moment {
    let count = i128::try_from(curve.columns.len().max(1)).unwrap_or(1);
    let since = i128::from(curve.span.length()) * i128::try_from(place).unwrap_or_default() / count;
    Moment(curve.span.from.0.saturating_add(i64::try_from(since).unwrap_or_default()))
}

/// The value of the column that a moment lies in.
fn value(curve: &CurveColumns<'_>, at: Moment) -> Option<(f64, f64)> {
    let since = i128::from(at.0) - i128::from(curve.span.from.0);
    let columns = since * i128::try_from(curve.columns.len()).ok()?;
    let place = columns.div_euclid(i128::from(curve.span.length().max(1)));
    *curve.columns.get(usize::try_from(place).ok()?)?
}

/// The local time, as in RFC 3339.
fn time(moment: Moment, zone: Zone) -> String {
    let seconds = moment.0.div_euclid(1000);
    let minutes = zone.offset(seconds) / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    let local = zone.local(seconds).unwrap_or_default();
    format!("{local}{sign}{hours:02}:{minutes:02}")
}

/// A quoted cell for any text. An apostrophe is put in front of what a spreadsheet would take for a formula.
fn quoted(text: &str) -> String {
    let guard = if is_formula(text) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::counting::Amount;
    use metertap_decoder::reading::Quantity;

    fn oslo() -> Zone {
        Zone::named("Europe/Oslo").unwrap()
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn bars_are_rows_with_local_times() {
        let flow = Flow::of_meter(Quantity::ActiveEnergyImport);
        let gas = Flow { quantity: Quantity::GasVolume, channel: Some(1) };
        let day = span("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
        let amounts = vec![Amount { flow, total: "12.250".parse().unwrap(), tariffs: Vec::new() }];
        let total = Total { amounts, readings: 7, ..Total::of(day) };
        let text = of_totals(&[total], &[flow, gas], oslo());
        let expected = "start,end,active_energy_import_kwh,gas_volume_1_m3,mean_w,lowest_w,highest_w,readings,counted_since\r\n\
                        2026-03-29T00:00:00+01:00,2026-03-30T00:00:00+02:00,12.250,,,,,7,\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn visible_curves_are_columns() {
        let all = span("2026-01-01T00:00:00Z", "2026-01-01T00:00:40Z");
        let one = [Some((1.0, 2.5)), None, Some((3.0, 3.0)), Some((4.0, 4.0))];
        let other = [Some((230.0, 231.0)), None];
        let later = span("2026-01-01T00:00:05Z", "2026-01-01T00:00:25Z");
        let curves = [
            CurveColumns { name: "Grid power", unit: "W", span: all, columns: &one },
            CurveColumns { name: "=\"L1\"", unit: "", span: all, columns: &other },
            CurveColumns { name: "\u{FF1D}1", unit: "", span: later, columns: &other },
        ];
        let seen = span("2026-01-01T00:00:00Z", "2026-01-01T00:00:30Z");
        let expected = "start,\"Grid power (W), lowest\",\"Grid power (W), highest\",\"'=\"\"L1\"\", lowest\",\"'=\"\"L1\"\", highest\",\"'\u{FF1D}1, lowest\",\"'\u{FF1D}1, highest\"\r\n\
                        2026-01-01T01:00:00+01:00,1,2.5,230,231,,\r\n\
                        2026-01-01T01:00:10+01:00,,,230,231,230,231\r\n\
                        2026-01-01T01:00:20+01:00,3,3,,,,\r\n";
        assert_eq!(of_curves(&curves, seen, oslo()), expected);
    }
}
