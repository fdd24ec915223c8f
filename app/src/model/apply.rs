//! Turns events of the engine into signals: one place, one `match`.

use leptos::prelude::*;
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;
use metertap_readings::view::newest::Newest;

use super::files::{DailyBackup, Export, Import, Notice, Restore};
use super::meter::MeterModel;
use super::page::{EngineState, PageModel};
use crate::protocol::{Breakdown, Broker, Event, MeterState, Row, Trouble, VERSION};

/// What is left to do in the browser.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Nothing.
    None,
    /// The engine is running.
    Ready {
        /// Whether another tab reads the meters, and this one only watches.
        watching: bool,
    },
    /// A meter was added, changed or removed.
    Meters,
    /// A reading has arrived. Its power must be painted first, then [`tell`] must be called.
    Reading(MeterModel),
}

/// Writes an event of the engine into the signals, and returns what is left to do.
pub fn apply(model: PageModel, event: Event) -> Effect {
    match event {
        // These events are handled before they reach the model.
        Event::Awake { .. }
        | Event::Series { .. }
        | Event::Answer { .. }
        | Event::Typed { .. }
        | Event::Captured { .. } => {}
        Event::Ready { version, .. } if version != VERSION => {
            model.engine.set(EngineState::Broken(Breakdown::OtherBuild));
        }
        Event::Ready { meters, newest, broker, watching, .. } => {
            ready(model, meters, broker, watching);
            newest.iter().for_each(|(meter, rows)| take(model, meter, rows));
            return Effect::Ready { watching };
        }
        Event::Broken { why } => model.engine.set(EngineState::Broken(why)),
        Event::Meter { state } => {
            put_meter(model, state);
            return Effect::Meters;
        }
        Event::Removed { meter } => {
            model.meters.update(|meters| meters.retain(|other| other.key != meter));
            return Effect::Meters;
        }
        Event::Notice { meter, trouble } => notice(model, meter, trouble),
        Event::Noticed { open, board } => model.noticed.set(Some((open, board))),
        Event::Clock { trouble } => clock(model, trouble),
        Event::Room { meters, steps } => {
            model.held.set(meters.into_iter().collect());
            model.steps.set(steps);
        }
        Event::Recomputed { changed } => model.recomputed.set(Some(changed)),
        Event::Reading { meter, row } => return reading(model, &meter, &row),
        Event::Newest { meter, rows } => {
            if let Some(meter) = model.meter(&meter) {
                meter.newest.set(Newest::default());
            }
            take(model, &meter, &rows);
        }
        Event::Refused { trouble } => model.refused.set(Some(trouble)),
        Event::Export { id, done, of, end } => model.export.update(|export| {
            let backup = export.as_ref().is_some_and(|export| export.id == id && export.backup);
            *export = Some(Export { id, backup, done, of, end });
        }),
        Event::Import { id, done, of, state } => {
            model.import.update(|import| Import::hear(import, Import { id, done, of, state }));
        }
        Event::Imports { imports } => model.imports.set(imports),
        Event::Restore { id, done, of, state } => {
            model.restore.update(|restore| Restore::hear(restore, Restore { id, done, of, state }));
        }
        Event::Daily { daily, writing, trouble } => model.daily.set(DailyBackup { daily, writing, trouble }),
        Event::Broker { broker } => model.broker.set(broker),
        Event::Forward { state } => model.forward.set(state),
        Event::Anatomy { meter, layers } => model.anatomy.set(Some((meter, layers))),
        Event::Octets { meter, kept } => {
            if let Some(meter) = model.meter(&meter) {
                meter.octets.set(Some(kept));
            }
        }
    }
    Effect::None
}

fn ready(model: PageModel, meters: Vec<MeterState>, broker: Option<Broker>, watching: bool) {
    model.meters.set(Vec::new());
    for state in meters {
        put_meter(model, state);
    }
    model.broker.set(broker);
    if model.watching.get_untracked() && !watching {
        lose_what_was_watched(model);
    }
    model.watching.set(watching);
    model.engine.set(EngineState::Ready);
}

fn take(model: PageModel, meter: &MeterKey, rows: &[Row]) {
    if let Some(meter) = model.meter(meter) {
        let entries = rows.iter().filter_map(Row::entry);
        meter.newest.update(|newest| entries.for_each(|entry| newest.take(&entry)));
        meter.net.set(meter.newest.with_untracked(|newest| newest.net_power));
    }
}

fn notice(model: PageModel, meter: Option<MeterKey>, trouble: Trouble) {
    model.notices.update(|notices| {
        // These faults recur. Only the newest of each is shown.
        if matches!(trouble.code, Code::ClockAhead | Code::StoreAged) {
            notices.retain(|before| (&before.meter, &before.trouble.code) != (&meter, &trouble.code));
        }
        notices.push(Notice { meter, trouble });
    });
}

fn clock(model: PageModel, trouble: Option<Trouble>) {
    if trouble.is_none() {
        model.notices.update(|notices| notices.retain(|notice| notice.trouble.code != Code::ClockAhead));
    }
    model.clock.set(trouble);
}

/// Changes the number that is painted first, and notifies nothing else: a card has a hundred values, and a frame waits
/// for all changes that were made before it.
fn reading(model: PageModel, meter: &MeterKey, row: &Row) -> Effect {
    let (Some(meter), Some(entry)) = (model.meter(meter), row.entry()) else { return Effect::None };
    meter.newest.write_untracked().take(&entry);
    meter.net.set(meter.newest.with_untracked(|newest| newest.net_power));
    if meter.untold.get_value() {
        return Effect::None;
    }
    meter.untold.set_value(true);
    Effect::Reading(meter)
}

/// Notifies the subscribers of the meter's newest values.
pub fn tell(meter: &MeterModel) {
    // The meter may have been removed in the meantime, and its values with it.
    if meter.untold.try_set_value(false).is_none() {
        meter.newest.notify();
    }
}

/// Ends the import and the restore that another tab ran for this one, because that tab is gone.
fn lose_what_was_watched(model: PageModel) {
    let (code, detail) = (Code::EngineLeft, "the tab that read the file was closed".to_owned());
    let trouble = Trouble { code, detail, at: model.now.get_untracked() };
    model.import.update(|import| Import::lose(import, &trouble));
    model.restore.update(|restore| Restore::lose(restore, &trouble));
}

fn put_meter(model: PageModel, state: MeterState) {
    if let Some(meter) = model.meter(&state.record.key) {
        meter.state.set(state);
        return;
    }
    let meter = MeterModel {
        key: state.record.key.clone(),
        state: RwSignal::new(state),
        newest: RwSignal::new(Newest::default()),
        net: RwSignal::new(None),
        untold: StoredValue::new(false),
        picture: RwSignal::new(None),
        octets: RwSignal::new(None),
    };
    model.meters.update(|meters| {
        let place = meters.partition_point(|other| other.key < meter.key);
        meters.insert(place, meter);
    });
}
