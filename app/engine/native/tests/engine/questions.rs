//! Common parts of the tests of history: a meter that was read for some hours, and questions about it.

use metertap_decoder::time::Zone;
use metertap_native::{Adapter, Tab, World};
use metertap_protocol::{Command, Event, bytes};
use metertap_readings::history::calendar::Span;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::history::totals::Total;
use metertap_readings::store::MeterKey;
use metertap_simulator::Model;

use crate::house::*;

/// A house with a meter that was read for that many hours.
pub(crate) fn read_for(model: Model, hours: u64) -> (World, Tab, MeterKey, Adapter) {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, model, 3);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(model));
    world.run(hours * HOUR);
    (world, tab, key, adapter)
}

pub(crate) fn ask(world: &World, tab: &Tab, meter: &MeterKey, question: Question) -> Answer {
    tab.send(Command::Question { id: 7, meter: meter.clone(), question: bytes::write(&question) });
    world.run(MINUTE);
    tab.last(|event| match event {
        Event::Answer { id: 7, answer } => bytes::read(answer),
        _ => None,
    })
    .expect("it is answered")
}

pub(crate) fn totals(world: &World, tab: &Tab, meter: &MeterKey, spans: &[Span]) -> Vec<Total> {
    match ask(world, tab, meter, Question::Totals { spans: spans.to_vec() }) {
        Answer::Totals(totals) => totals,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn oslo() -> Zone {
    Zone::named("Europe/Oslo").expect("it is known")
}
