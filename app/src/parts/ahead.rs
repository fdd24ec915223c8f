//! [`answers`]: keeps a meter's peaks and predictions up to date.

use leptos::prelude::*;
use metertap_readings::log::calendar::{Day, Quarter};
use metertap_readings::notices::list::Board;
use metertap_readings::outlook::peaks::rule::PeakRule;
use metertap_readings::outlook::question::{Answer, Question};
use metertap_readings::store::MeterKey;

use crate::model::{Action, Actions, Locale, PageModel};
use crate::protocol::bytes;

/// Returns the newest answer to a question about a meter's peaks or predictions; `None` until there is one. The
/// question is asked when it changes and every `every` milliseconds, unless an answer is pending.
pub fn answers(
    meter: MeterKey,
    question: impl Fn() -> Option<Question> + Send + Sync + 'static,
    every: i64,
) -> Signal<Option<Answer>> {
    let actions = expect_context::<Actions>();
    let model = expect_context::<PageModel>();
    let (reply, answer) = (RwSignal::new(None::<Vec<u8>>), RwSignal::new(None::<Answer>));
    let waits = StoredValue::new(false);
    let tick = Memo::new(move |_| model.now.get().0.div_euclid(every));
    Effect::new(move |_| {
        if let Some(octets) = reply.get() {
            waits.set_value(false);
            answer.set(bytes::read(&octets));
        }
    });
    Effect::new(move |before: Option<_>| {
        tick.track();
        let engine = model.engine.get();
        // A restarted engine does not answer earlier questions.
        if before.is_some_and(|before| before != engine) {
            waits.set_value(false);
        }
        if let Some(question) = question().filter(|_| !waits.get_value()) {
            waits.set_value(true);
            actions.run(Action::LookAhead(meter.clone(), bytes::write(&question), reply));
        }
        engine
    });
    answer.into()
}

/// The rule of peaks that the user has chosen, or that follows from the time zone; `None` if no rule is known.
#[must_use]
pub fn peak_rule() -> Memo<Option<&'static str>> {
    let model = expect_context::<PageModel>();
    let zone = Locale::of_context().zone;
    let chosen = Memo::new(move |_| {
        let board = model.noticed.with(|noticed| bytes::read::<Board>(&noticed.as_ref()?.1));
        board.and_then(|board| board.limits.peaks)
    });
    let today = Memo::new(move |_| Day::of(Quarter::of(model.now.get()), zone).0);
    Memo::new(move |_| PeakRule::chosen(chosen.get().as_deref(), zone, today.get()).map(|rule| rule.name))
}
