//! [`follow`]: answers of a meter's history that are kept up to date with what is wished.

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
    /// What was asked.
    pub question: Question,
    /// What the log says to it.
    pub answer: Answer,
}

/// Asks whatever is wished, one question at a time: of wishes that come while an answer is on its way only the last one is
/// asked. `wish` is told what is known, and wishes nothing where that will do.
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
        // An engine that was begun anew answers no questions of before.
        let now = engine.get();
        if before.is_some_and(|before| before != now) {
            asked.set_value(None);
        }
        reply.track();
        // An answer is heard once: it is none to the question that comes next.
        if let Some(octets) = reply.try_update_untracked(Option::take).flatten()
            && let Some((meter, question, corrected)) = asked.try_update_value(Option::take).flatten()
        {
            let answer = bytes::read(&octets).unwrap_or(Answer::Unreadable);
            known.set(Some(Arc::new(Known { meter, corrected, question, answer })));
        }
        let meter = meter.get();
        // What is corrected of the log changes what it answers.
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

/// What is corrected of all meters, and the logs that were imported or typed.
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

/// The totals that an answer says.
#[must_use]
pub fn totals(known: Option<&Arc<Known>>) -> &[Total] {
    match known.map(|known| &known.answer) {
        Some(Answer::Totals(totals)) => totals,
        _ => &[],
    }
}
