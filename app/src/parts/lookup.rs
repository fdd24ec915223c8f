//! [`follow`]: keeps answers about a meter's history up to date.

use std::sync::Arc;

use leptos::prelude::*;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::history::totals::Total;
use metertap_readings::stated::Correction;
use metertap_readings::store::MeterKey;

use crate::model::{Action, Actions, MeterModel, PageModel};
use crate::protocol::bytes;

/// An answer with its question.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    meter: MeterKey,
    corrected: Corrected,
    /// The question.
    pub question: Question,
    /// The log's answer.
    pub answer: Answer,
}

/// Asks the wanted questions, one at a time. If several are wanted while an answer is pending, only the last of them is
/// asked. `wish` gets the known answer, and returns `None` if that is sufficient.
pub fn follow(
    meter: Signal<MeterKey>,
    wish: impl Fn(Option<&Known>) -> Option<Question> + Send + Sync + 'static,
) -> Answered {
    let actions = expect_context::<Actions>();
    let engine = expect_context::<PageModel>().engine;
    let reply = RwSignal::new(None::<Vec<u8>>);
    let known = RwSignal::new(None::<Arc<Known>>);
    let asked = StoredValue::new(None::<(MeterKey, Question, Corrected)>);
    let corrected = corrected(expect_context::<PageModel>());
    Effect::new(move |before: Option<_>| {
        // A restarted engine does not answer earlier questions.
        let now = engine.get();
        if before.is_some_and(|before| before != now) {
            asked.set_value(None);
        }
        reply.track();
        // An answer is taken once, so that it is not used for the next question.
        if let Some(octets) = reply.try_update_untracked(Option::take).flatten()
            && let Some((meter, question, corrected)) = asked.try_update_value(Option::take).flatten()
        {
            let answer = bytes::read(&octets).unwrap_or(Answer::Unreadable);
            known.set(Some(Arc::new(Known { meter, corrected, question, answer })));
        }
        let meter = meter.get();
        // Corrections change the log's answers.
        let corrected = corrected.get();
        let of_meter = known.get().filter(|known| known.meter == meter && known.corrected == corrected);
        let wished = wish(of_meter.as_deref());
        if asked.with_value(Option::is_none)
            && let Some(question) = wished
        {
            asked.set_value(Some((meter.clone(), question.clone(), corrected)));
            actions.run(Action::LookUp(meter, bytes::write(&question), reply));
        }
        now
    });
    Signal::derive(move || {
        let meter = meter.get();
        known.get().filter(|known| known.meter == meter)
    })
}

/// The corrections of all meters, and the logs that were imported or typed.
type Corrected = (Vec<Correction>, Vec<(MeterKey, u64)>);

fn corrected(model: PageModel) -> Memo<Corrected> {
    Memo::new(move |_| {
        let stated = |meter: &MeterModel| meter.state.with(|state| state.record.stated.clone());
        let corrections = model.meters.with(|meters| meters.iter().flat_map(stated).collect());
        let imports = model
            .imports
            .with(|imports| imports.iter().map(|import| (import.log.clone(), import.readings)).collect());
        (corrections, imports)
    })
}

/// An answer that is kept up to date.
pub type Answered = Signal<Option<Arc<Known>>>;

/// The totals in an answer.
#[must_use]
pub fn totals(known: Option<&Arc<Known>>) -> &[Total] {
    match known.map(|known| &known.answer) {
        Some(Answer::Totals(totals)) => totals,
        _ => &[],
    }
}
