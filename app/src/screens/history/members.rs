//! The meters that make up a history, according to the corrections.

use std::collections::BTreeMap;

use leptos::prelude::*;
use metertap_readings::history::timeline::{NoReplacement, Timeline, may_replace, successors};
use metertap_readings::stated::Correction;
use metertap_readings::store::MeterKey;

use crate::model::PageModel;

/// The statements about all meters.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// All meters with the statements about each.
    all: Vec<(MeterKey, Vec<Correction>)>,
    /// For each meter that was replaced, the meter that replaced it.
    successors: BTreeMap<MeterKey, MeterKey>,
}

impl Stated {
    /// The current statements about all meters.
    pub fn of(model: PageModel) -> Memo<Self> {
        Memo::new(move |_| {
            let meters = model.meters.get();
            let stated = |meter: &crate::model::MeterModel| {
                (meter.key.clone(), meter.state.with(|state| state.record.stated.clone()))
            };
            let all: Vec<_> = meters.iter().map(stated).collect();
            let pairs = successors(records(&all)).into_iter();
            let successors = pairs.map(|(old, new)| (old.clone(), new.clone())).collect();
            Self { all, successors }
        })
    }

    /// The meter that replaced this one.
    pub fn successor(&self, meter: &MeterKey) -> Option<MeterKey> {
        self.successors.get(meter).cloned()
    }

    /// Whether `meter` may have replaced `old`.
    pub fn may_replace(&self, meter: &MeterKey, old: &MeterKey) -> Result<(), NoReplacement> {
        may_replace(meter, old, self.records())
    }

    /// The statements about a meter's history, each with the meter that stores it.
    pub fn corrections(&self, meter: &MeterKey) -> Vec<(MeterKey, Correction)> {
        let none: &[Correction] = &[];
        let stated = |meter: &MeterKey| {
            self.records().find(|(key, _)| *key == meter).map_or(none, |(_, stated)| stated)
        };
        let timeline = Timeline::of(meter, stated);
        let members = timeline.members().into_iter().map(|(member, _)| member);
        let of_history = members.flat_map(|member| {
            let all = stated(member).iter().filter(|correction| !correction.what.is_of_readings());
            all.map(|correction| (member.clone(), correction.clone()))
        });
        of_history.collect()
    }

    fn records(&self) -> impl Iterator<Item = (&MeterKey, &[Correction])> + Clone {
        records(&self.all)
    }
}

fn records(all: &[(MeterKey, Vec<Correction>)]) -> impl Iterator<Item = (&MeterKey, &[Correction])> + Clone {
    all.iter().map(|(key, stated)| (key, stated.as_slice()))
}
