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
