//! [`Watcher`]: everything that is watched, and the list of notices.

use std::collections::BTreeMap;

use metertap_decoder::number::Number;

use super::limits::Limits;
use super::list::{Board, List, Noticed};
use super::meter::{MeterWatch, Told, Way};
use super::page::{PageState, PageWatch};
use super::rule::{Rule, Subject};
use super::watch::Change;
use crate::entry::{Entry, Moment};
use crate::store::MeterKey;

/// Applies the rules to all meters and to the page.
#[derive(Debug, Default)]
pub struct Watcher {
    /// The user's settings.
    pub limits: Limits,
    list: List,
    meters: BTreeMap<MeterKey, MeterWatch>,
    page: PageWatch,
    news: Vec<Noticed>,
    changed: bool,
    looked: Option<Moment>,
}

impl Watcher {
    /// Restores the stored list and limits. Notices that had not ended continue.
    #[must_use]
    pub fn resume(list: Option<&str>, limits: Option<&str>) -> Self {
        let limits = limits.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let list = list.map(List::read).unwrap_or_default();
        let mut watcher = Self { limits, ..Self::default() };
        for noticed in list.iter().filter(|noticed| noticed.to.is_none()) {
            let (Some(rule), Ok(worst)) = (Rule::named(&noticed.rule), noticed.value.parse()) else {
                continue;
            };
            match &noticed.meter {
                Some(meter) => {
                    let watch = watcher.meters.entry(meter.clone()).or_default();
                    watch.resume(rule, noticed.place.clone(), worst);
                }
                None => watcher.page.resume(rule, worst),
            }
        }
        watcher.list = list;
        watcher
    }

    /// Sets the meters, and when a reading of each was last received. Notices of other meters end.
    pub fn know(&mut self, meters: &[(MeterKey, Option<Moment>)], now: Moment) {
        for (meter, heard) in meters {
            self.meters.entry(meter.clone()).or_default().spoke(*heard);
        }
        let is_here = |meter: &MeterKey| meters.iter().any(|(known, _)| known == meter);
        self.meters.retain(|meter, _| is_here(meter));
        let before = self.list.clone();
        self.list.end_all(now, |noticed| noticed.meter.as_ref().is_some_and(|meter| !is_here(meter)));
        self.changed |= self.list != before;
    }

    /// Takes a reading.
    pub fn hear(&mut self, meter: &MeterKey, entry: &Entry, way: Way) {
        let watch = self.meters.entry(meter.clone()).or_default();
        let told = watch.hear(entry, way, &self.limits);
        self.note(Some(meter), told);
    }

    /// Notes that a meter has sent a reading that the disk did not take: the meter is not silent.
    pub fn not_kept(&mut self, meter: &MeterKey, now: Moment) {
        if let Some(watch) = self.meters.get_mut(meter) {
            watch.not_kept(now);
        }
    }

    /// Takes the expected mean power of the interval in progress, in percent of the highest power that raises no peak.
    pub fn expect(&mut self, meter: &MeterKey, hundredths: Number, now: Moment) {
        if let Some(watch) = self.meters.get_mut(meter) {
            let told = watch.expect(hundredths, now, &self.limits);
            self.note(Some(meter), told);
        }
    }

    /// Stops watching a meter, because it is no longer read.
    pub fn stop(&mut self, meter: &MeterKey, now: Moment) {
        if let Some(mut watch) = self.meters.remove(meter) {
            let told = watch.stop(now);
            self.note(Some(meter), told);
        }
    }

    /// Checks for silent meters, and applies the rules about the page. Call it at least every two minutes. After a
    /// longer pause, no meter is reported as silent: the computer was asleep and received nothing.
    pub fn look(&mut self, page: &PageState, now: Moment) {
        let slept = self.looked.is_some_and(|looked| now.0.saturating_sub(looked.0) > SLEPT);
        self.looked = Some(now);
        if !slept {
            let set = &self.limits;
            let waited: Vec<_> =
                self.meters.iter_mut().map(|(meter, watch)| (meter.clone(), watch.wait(now, set))).collect();
            waited.into_iter().for_each(|(meter, told)| self.note(Some(&meter), told));
        }
        let changes = self.page.look(page, &self.limits, now).into_iter();
        let told = changes
            .map(|(rule, change)| Told { rule, place: None, unit: None, change, until: None })
            .collect();
        self.note(None, told);
    }

    /// Removes the notices that have ended, because the user has read the list.
    pub fn clear(&mut self) {
        self.list.clear();
        self.changed = true;
    }

    /// The notices that have begun since the last call, the earliest first.
    pub fn take_news(&mut self) -> Vec<Noticed> {
        std::mem::take(&mut self.news)
    }

    /// The list, if it has changed since the last call.
    pub fn take_changed(&mut self) -> Option<&List> {
        std::mem::take(&mut self.changed).then_some(&self.list)
    }

    /// Whether the rule for coming peaks is switched on.
    #[must_use]
    pub fn wants_peaks(&self) -> bool {
        Rule::about(Subject::Peak).any(|rule| rule.limits(&self.limits).is_some())
    }

    /// The meters that are watched.
    #[must_use]
    pub fn meters(&self) -> Vec<MeterKey> {
        self.meters.keys().cloned().collect()
    }

    /// The board as a screen shows it.
    #[must_use]
    pub fn board(&self) -> Board {
        Board { limits: self.limits.clone(), list: self.list.iter().cloned().collect() }
    }

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &List {
        &self.list
    }

    fn note(&mut self, meter: Option<&MeterKey>, told: Vec<Told>) {
        for Told { rule, place, unit, change, until } in told {
            self.changed = true;
            match change {
                Change::Begun { since, value } => {
                    let (meter, value) = (meter.cloned(), value.to_string());
                    let noticed = Noticed {
                        rule: rule.name.to_owned(),
                        meter,
                        place,
                        value,
                        unit,
                        from: since,
                        to: until,
                    };
                    self.news.push(noticed.clone());
                    self.list.begin(noticed);
                }
                Change::Ended { at, worst } => self.list.end(rule, meter, place.as_deref(), at, worst),
            }
        }
    }
}

/// If more milliseconds than this lie between two calls, the computer was asleep.
const SLEPT: i64 = 120_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::Quantity;
    use metertap_decoder::time::Zone;

    const WAY: Way = Way { interval: Some(10_000), on_line: false, zone: Zone::UTC };

    fn key() -> MeterKey {
        MeterKey("m1".to_owned())
    }

    fn hear(watcher: &mut Watcher, second: i64, volts: &str) {
        let values = vec![measurement("1-0:32.7.0", Quantity::Voltage, volts)];
        watcher.hear(&key(), &entry(1, second * 1000, reading(values)), WAY);
    }

    #[test]
    fn a_notice_that_continues_across_a_restart_begins_once_and_ends_once() {
        let mut watcher = Watcher::resume(None, None);
        (0..20).for_each(|place| hear(&mut watcher, place * 10, "200"));
        let news = watcher.take_news();
        assert_eq!((news.len(), news[0].rule.as_str(), news[0].value.as_str()), (1, "voltage-low", "200"));
        assert_eq!((news[0].place.as_deref(), news[0].unit.as_deref()), (Some("l1"), Some("V")));
        let kept = watcher.take_changed().unwrap().written();
        assert_eq!(watcher.take_changed(), None);

        let mut watcher = Watcher::resume(Some(&kept), None);
        watcher.know(&[(key(), Some(Moment(190_000)))], Moment(200_000));
        (20..40).for_each(|place| hear(&mut watcher, place * 10, "199"));
        assert_eq!((watcher.take_news(), watcher.take_changed()), (vec![], None));
        (40..60).for_each(|place| hear(&mut watcher, place * 10, "230"));
        let over = watcher.take_changed().unwrap().iter().next().unwrap().clone();
        assert_eq!((over.to, over.value.as_str()), (Some(Moment(400_000)), "199"));
    }

    #[test]
    fn after_the_computer_sleeps_no_meter_is_reported_silent() {
        let mut watcher = Watcher::default();
        hear(&mut watcher, 0, "230");
        let page = PageState::default();
        for second in [10, 20, 36_000, 36_010] {
            watcher.look(&page, Moment(second * 1000));
        }
        hear(&mut watcher, 36_011, "230");
        let rules: Vec<_> = watcher.take_news().into_iter().map(|noticed| noticed.rule).collect();
        assert_eq!(rules, ["gap"]);
    }

    #[test]
    fn a_removed_or_paused_meter_has_no_ongoing_notice() {
        let mut watcher = Watcher::default();
        (0..20).for_each(|place| hear(&mut watcher, place * 10, "200"));
        watcher.stop(&key(), Moment(500_000));
        assert_eq!(watcher.list().iter().next().unwrap().to, Some(Moment(500_000)));
        let mut watcher = Watcher::resume(
            Some(&{
                let mut other = Watcher::default();
                (0..20).for_each(|place| hear(&mut other, place * 10, "200"));
                other.list().written()
            }),
            None,
        );
        watcher.know(&[], Moment(600_000));
        assert_eq!(watcher.take_changed().unwrap().iter().next().unwrap().to, Some(Moment(600_000)));
    }
}
