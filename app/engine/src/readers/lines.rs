//! [`Lines`]: the lines that several meters share. Each line is identified by the source of one of its meters, and
//! lasts as long as any reader uses it.

use std::sync::{Arc, Weak};

use metertap_readings::store::SourceRecord;

use super::source::any::AnySource;
use super::source::shared::SharedLine;

#[derive(Default)]
pub(super) struct Lines(Vec<(SourceRecord, Weak<SharedLine<AnySource>>)>);

impl Lines {
    /// The line behind that adapter or bridge. If the line is new, makes it from `source`.
    pub(super) fn of(&mut self, record: &SourceRecord, source: AnySource) -> Arc<SharedLine<AnySource>> {
        self.0.retain(|(_, line)| line.strong_count() > 0);
        let known = self.0.iter().find(|(other, _)| other.is_beside(record));
        if let Some(line) = known.and_then(|(_, line)| line.upgrade()) {
            return line;
        }
        let line = SharedLine::new(source);
        self.0.push((record.clone(), Arc::downgrade(&line)));
        line
    }
}

#[cfg(test)]
mod tests {
    use metertap_decoder::time::{Instant, MeterTime, Zone};
    use metertap_readings::entry::Moment;
    use metertap_readings::store::LineSettings;
    use metertap_simulator::Model;

    use super::*;
    use crate::clock::{Clock, UnknownZone};
    use crate::readers::source::simulated::SimulatedSource;

    /// A clock that stands still.
    #[derive(Clone)]
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Instant {
            Instant(0)
        }

        fn moment(&self) -> Moment {
            Moment(0)
        }

        async fn sleep_until(&self, _deadline: Instant) {}

        fn local(&self, _moment: Moment) -> Option<MeterTime> {
            None
        }

        fn zone_named(&self, name: &str) -> Result<Zone, UnknownZone> {
            Err(UnknownZone(name.to_owned()))
        }

        fn zone(&self) -> Result<Zone, UnknownZone> {
            Ok(Zone::UTC)
        }
    }

    fn bridge(url: &str) -> SourceRecord {
        SourceRecord::Bridge { url: url.to_owned(), spoken: LineSettings::default() }
    }

    #[test]
    fn a_line_is_shared_while_it_is_read_and_then_forgotten() {
        let source = || AnySource::new(SimulatedSource::new(Still, Model::Dsmr5, 1));
        let mut lines = Lines::default();
        let one = lines.of(&bridge("ws://a/"), source());
        let same = lines.of(&bridge("ws://a/"), source());
        assert!(Arc::ptr_eq(&one, &same));
        drop(one);
        assert!(Arc::ptr_eq(&same, &lines.of(&bridge("ws://a/"), source())), "it is still read");
        drop(same);
        let _other = lines.of(&bridge("ws://b/"), source());
        assert_eq!(lines.0.len(), 1);
    }
}
