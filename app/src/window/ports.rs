//! Permission for a serial port: only the window can ask for it.

use leptos::prelude::*;
use metertap_decoder::question::Search;
use metertap_readings::store::{LineSettings, SourceRecord};

use super::engine::Engine;
use super::route;
use crate::browser::port_chooser::{NotPicked, pick};
use crate::model::port_kinds::ADAPTER_VENDORS;
use crate::model::{PageModel, PortSearch, Screen};
use crate::protocol::Command;

/// Lets the user pick a port, and the engine read it. The engine finds it among the ports granted to this site.
pub async fn connect(
    model: PageModel,
    engine: Engine,
    (spoken, search): (LineSettings, Option<Search>),
    every: bool,
) {
    model.refused.set(None);
    model.port.set(PortSearch::Open);
    let picked = pick(if every { &[] } else { ADAPTER_VENDORS }).await;
    model.port.set(match picked {
        Ok(port) => {
            let (vendor, product) = (port.vendor, port.product);
            let source = SourceRecord::Serial { vendor, product, spoken };
            engine.send(&Command::Add { source, search });
            route::go(&Screen::Live);
            PortSearch::Quiet
        }
        Err(NotPicked::Cancelled) => PortSearch::Cancelled,
        Err(NotPicked::Forbidden) => PortSearch::Forbidden,
        Err(NotPicked::Failed) => PortSearch::Failed,
    });
}
