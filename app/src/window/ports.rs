//! Permission to a serial port: only the window can ask for it.

use leptos::prelude::*;

use super::engine::Engine;
use super::route;
use crate::browser::port_chooser::{NotPicked, pick};
use crate::protocol::Command;
use crate::screens::Screen;
use crate::screens::port_kind::{ADAPTER_VENDORS, PortKind};
use crate::screens::shown::{PortSearch, Shown};

/// Lets the person pick a port and has the engine read it. The engine finds it among the ports granted to this site.
pub async fn connect(shown: Shown, engine: Engine, kind: &'static PortKind, every: bool) {
    shown.refused.set(None);
    shown.port.set(PortSearch::Open);
    let picked = pick(if every { &[] } else { ADAPTER_VENDORS }).await;
    shown.port.set(match picked {
        Ok(port) => {
            let source = kind.source(port.vendor, port.product);
            engine.send(&Command::Add { source, search: kind.search });
            route::go(&Screen::Live);
            PortSearch::Quiet
        }
        Err(NotPicked::Cancelled) => PortSearch::Cancelled,
        Err(NotPicked::Forbidden) => PortSearch::Forbidden,
        Err(NotPicked::Failed) => PortSearch::Failed,
    });
}
