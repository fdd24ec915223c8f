//! Events of the engine become signals: one place, one `match`.

use leptos::prelude::*;
use metertap_readings::newest::Newest;

use super::evicted;
use crate::browser::page;
use crate::protocol::{Breakdown, Event, MeterState, Trouble, VERSION};
use crate::screens::shown::{DailyBackup, EngineState, Export, Import, Meter, Notice, Restore, Shown};

/// Shows what the engine said.
pub fn take(shown: Shown, event: Event) {
    match event {
        // Answered before anything is shown.
        Event::Awake { .. } | Event::Series { .. } | Event::Captured { .. } => {}
        Event::Ready { version, .. } if version != VERSION => {
            shown.engine.set(EngineState::Broken(Breakdown::OtherBuild));
        }
        Event::Ready { meters, broker, watching, .. } => {
            shown.meters.set(Vec::new());
            for state in meters {
                keep(shown, state);
            }
            shown.broker.set(broker);
            if shown.watching.get_untracked() && !watching {
                lose_what_was_watched(shown);
            }
            shown.watching.set(watching);
            shown.engine.set(EngineState::Ready);
            evicted::look(shown);
            page::mark_body("data-engine", "ready");
            page::mark_body("data-tab", if watching { "watches" } else { "writes" });
        }
        Event::Broken { why } => shown.engine.set(EngineState::Broken(why)),
        Event::Meter { state } => {
            keep(shown, state);
            evicted::look(shown);
        }
        Event::Removed { meter } => {
            shown.meters.update(|meters| meters.retain(|other| other.key != meter));
            evicted::look(shown);
        }
        Event::Notice { meter, trouble } => {
            if trouble.code == CLEARED {
                evicted::look_again(shown);
            }
            shown.notices.update(|notices| {
                // What comes again and again is told in one place.
                if REPLACED.contains(&&*trouble.code) {
                    notices.retain(|before| (&before.meter, &before.trouble.code) != (&meter, &trouble.code));
                }
                notices.push(Notice { meter, trouble });
            });
        }
        Event::Clock { trouble } => {
            if trouble.is_none() {
                shown.notices.update(|notices| notices.retain(|notice| notice.trouble.code != CLOCK_AHEAD));
            }
            shown.clock.set(trouble);
        }
        Event::Room { meters, steps } => {
            shown.held.set(meters.into_iter().collect());
            shown.steps.set(steps);
        }
        Event::Recomputed { changed } => shown.recomputed.set(Some(changed)),
        Event::Reading { meter, entry } => {
            if let Some(meter) = shown.meter(&meter) {
                if entry.received > shown.now.get_untracked() {
                    shown.now.set(entry.received);
                }
                meter.newest.update(|newest| newest.take(&entry));
            }
        }
        Event::Refused { trouble } => shown.refused.set(Some(trouble)),
        Event::Export { id, done, of, end } => shown.export.update(|export| {
            let backup = export.as_ref().is_some_and(|export| export.id == id && export.backup);
            *export = Some(Export { id, backup, done, of, end });
        }),
        Event::Import { id, done, of, state } => {
            shown.import.update(|import| Import::hear(import, Import { id, done, of, state }));
        }
        Event::Imports { imports } => shown.imports.set(imports),
        Event::Restore { id, done, of, state } => {
            shown.restore.update(|restore| Restore::hear(restore, Restore { id, done, of, state }));
        }
        Event::Daily { daily, writing, trouble } => shown.daily.set(DailyBackup { daily, writing, trouble }),
        Event::Broker { broker } => shown.broker.set(broker),
        Event::Forward { state } => shown.forward.set(state),
        Event::Anatomy { meter, layers } => shown.anatomy.set(Some((meter, layers))),
        Event::Octets { meter, kept } => {
            if let Some(meter) = shown.meter(&meter) {
                meter.octets.set(Some(kept));
            }
        }
    }
}

/// The browser has cleared the log under the open page.
const CLEARED: &str = "store.cleared";

/// The tab that took in files for this one is gone.
fn lose_what_was_watched(shown: Shown) {
    let (code, detail) = ("engine.left".to_owned(), "the tab that read it was closed".to_owned());
    let trouble = Trouble { code, detail, at: shown.now.get_untracked() };
    shown.import.update(|import| Import::lose(import, &trouble));
    shown.restore.update(|restore| Restore::lose(restore, &trouble));
}

/// Keeps a meter's state; its entries go into the newest values and are not kept twice.
fn keep(shown: Shown, mut state: MeterState) {
    let entries = std::mem::take(&mut state.newest);
    if let Some(meter) = shown.meter(&state.record.key) {
        if entries.last().is_some_and(|entry| entry.seq > meter.newest.with_untracked(|newest| newest.seq)) {
            meter.newest.update(|newest| entries.iter().for_each(|entry| newest.take(entry)));
        }
        meter.state.set(state);
        return;
    }
    let mut newest = Newest::default();
    entries.iter().for_each(|entry| newest.take(entry));
    let meter = Meter {
        key: state.record.key.clone(),
        state: RwSignal::new(state),
        newest: RwSignal::new(newest),
        picture: RwSignal::new(None),
        octets: RwSignal::new(None),
    };
    shown.meters.update(|meters| {
        let place = meters.partition_point(|other| other.key < meter.key);
        meters.insert(place, meter);
    });
}

const CLOCK_AHEAD: &str = "clock.ahead";
const REPLACED: [&str; 2] = [CLOCK_AHEAD, "store.aged"];
