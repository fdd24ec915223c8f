//! What a French meter sends about its contract, its breaker and the next day. Its active power is computed from its
//! counters.

use leptos::prelude::*;
use metertap_decoder::reading::Measurement;
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::question::{Answer, Curve, Question};
use metertap_readings::view::figure::grouped;
use metertap_readings::view::tic::{Statement, WorkedOut, statements, taken};

use crate::model::{Locale, MeterModel, PageModel};
use crate::parts::contract_words::contract_words;
use crate::parts::live_chart::whole;
use crate::parts::lookup::follow;
use crate::texts;

/// What the meter sends, in sentences.
#[component]
pub fn Contract(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let (newest, locale) = (meter.newest, Locale::of_context());
    let worked_out = StoredValue::new(WorkedOut::default());
    let watts = Memo::new(move |_| {
        newest.with(|newest| worked_out.try_update_value(|worked_out| worked_out.take(newest)).flatten())
    });
    let highest = highest(&meter, locale.zone);
    let said =
        Memo::new(move |_| newest.with(|newest| statements(newest, locale.decimal_mark, highest.get())));
    let power = move || {
        let watts = watts.get()?;
        let figure = grouped(&watts.unsigned_abs().to_string(), locale.decimal_mark);
        let words = if watts < 0 { texts::details::fed_in(&figure) } else { texts::details::taken(&figure) };
        Some(view! {
            <p data-sentence="power" data-quantity="active-power" data-value=watts.to_string() data-unit="W">
                {words} " "
                <small>{texts::details::from_counter()}</small>
            </p>
        })
    };
    let each = |said: Statement| view! { <p data-sentence=said.about()>{contract_words(&said)}</p> };
    view! {
        <section class="contract" data-part="contract" aria-label=texts::details::contract()>
            {power}
            {move || said.get().into_iter().map(each).collect_view()}
        </section>
    }
}

/// The highest apparent power that the meter has sent this year, in whole VA: from the log, and from readings since.
fn highest(meter: &MeterModel, zone: Zone) -> Memo<Option<i64>> {
    let (newest, now) = (meter.newest, expect_context::<PageModel>().now);
    let curve = Memo::new(move |_| newest.with(|newest| curve(taken(newest)?)));
    let year = follow(Signal::stored(meter.key.clone()), move |known| {
        let (curve, now) = (curve.get().filter(|_| known.is_none())?, now.get_untracked());
        let Span { from, .. } = Period::Year.around(now, zone)?;
        Some(Question::Curve { curve, span: Span { from, to: now }, columns: 1 })
    });
    let logged = move || match &year.get()?.answer {
        Answer::Curve(columns) => columns.iter().flatten().map(|(_, high)| whole(*high)).max(),
        _ => None,
    };
    let heard = move || {
        newest.with(|newest| match taken(newest)?.value {
            Value::Number(number) => i64::try_from(number.mantissa_at(0)?).ok(),
            _ => None,
        })
    };
    Memo::new(move |before: Option<&Option<i64>>| {
        // Until the log has answered, earlier values are unknown.
        let logged = logged()?;
        before.copied().flatten().into_iter().chain([logged]).chain(heard()).max()
    })
}

fn curve(value: &Measurement) -> Option<Curve> {
    let Measurement { register, quantity, phase, tariff, channel, unit, .. } = *value;
    Some(Curve::Register { register, quantity: quantity?, phase, tariff, channel, unit })
}
