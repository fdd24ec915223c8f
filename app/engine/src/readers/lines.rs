//! [`Lines`]: the lines that meters share, each with a meter's source to tell it by. A line lasts as long as anybody reads
//! it.

use std::sync::{Arc, Weak};

use metertap_readings::store::SourceRecord;

use super::source::Source;
use super::source::bridge::BridgeSource;
use super::source::serial::SerialSource;
use super::source::shared::SharedLine;
use crate::platform::Platform;

/// The lines that are read.
pub(super) struct Lines<P: Platform> {
    serial: Shared<SerialSource<P>>,
    bridges: Shared<BridgeSource<P>>,
}

type Shared<S> = Vec<(SourceRecord, Weak<SharedLine<S>>)>;

impl<P: Platform> Default for Lines<P> {
    fn default() -> Self {
        Self { serial: Vec::new(), bridges: Vec::new() }
    }
}

impl<P: Platform> Lines<P> {
    /// The line behind an adapter, which is this one where there is none yet.
    pub(super) fn serial(
        &mut self,
        record: &SourceRecord,
        source: SerialSource<P>,
    ) -> Arc<SharedLine<SerialSource<P>>> {
        line(&mut self.serial, record, source)
    }

    /// The line behind a bridge, likewise.
    pub(super) fn bridge(
        &mut self,
        record: &SourceRecord,
        source: BridgeSource<P>,
    ) -> Arc<SharedLine<BridgeSource<P>>> {
        line(&mut self.bridges, record, source)
    }
}

fn line<S: Source>(lines: &mut Shared<S>, record: &SourceRecord, source: S) -> Arc<SharedLine<S>> {
    lines.retain(|(_, line)| line.strong_count() > 0);
    let known = lines.iter().find(|(other, _)| other.is_beside(record));
    if let Some(line) = known.and_then(|(_, line)| line.upgrade()) {
        return line;
    }
    let line = SharedLine::new(source);
    lines.push((record.clone(), Arc::downgrade(&line)));
    line
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

    /// A clock that stands.
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
    fn a_line_is_one_and_the_same_as_long_as_anybody_reads_it_and_forgotten_then() {
        let source = || SimulatedSource::new(Still, Model::Dsmr5, 1);
        let mut lines = Vec::new();
        let one = line(&mut lines, &bridge("ws://a/"), source());
        let same = line(&mut lines, &bridge("ws://a/"), source());
        assert!(Arc::ptr_eq(&one, &same));
        drop(one);
        assert!(Arc::ptr_eq(&same, &line(&mut lines, &bridge("ws://a/"), source())), "somebody reads it");
        drop(same);
        let _other = line(&mut lines, &bridge("ws://b/"), source());
        assert_eq!(lines.len(), 1);
    }
}
