//! [`BridgeSource`]: a serial line somewhere in the house, its octets in both directions over a WebSocket.
//!
//! Speed and parity are the bridge's own affair: no common way is known to set them through one.

use std::future::pending;
use std::pin::pin;

use futures_util::future::{Either, select};
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;

use super::{Gone, Heard, NotOpen, Source};
use crate::browser::clock::sleep;
use crate::browser::websocket::{Heard as Message, WebSocket};
use crate::engine::time::sleep_until;

/// A meter behind a bridge.
#[derive(Debug)]
pub(crate) struct BridgeSource {
    url: String,
    socket: Option<WebSocket>,
}

impl BridgeSource {
    /// The bridge at this address, `ws://…` or `wss://…`.
    pub(crate) fn new(url: String) -> Self {
        Self { url, socket: None }
    }
}

impl Source for BridgeSource {
    async fn open(&mut self) -> Result<(), NotOpen> {
        let mut socket =
            WebSocket::open(&self.url, None).map_err(|_| NotOpen::AddressRefused(self.url.clone()))?;
        let answer = {
            let heard = pin!(socket.hear());
            let late = pin!(sleep(PATIENCE));
            match select(heard, late).await {
                Either::Left((heard, _)) => Some(heard),
                Either::Right(_) => None,
            }
        };
        match answer {
            Some(Message::Open) => {
                self.socket = Some(socket);
                Ok(())
            }
            _ => Err(NotOpen::Unreachable(self.url.clone())),
        }
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> Heard {
        let Some(socket) = &mut self.socket else { return Heard::Gone };
        loop {
            let heard = pin!(socket.hear());
            let late = pin!(sleep_until(deadline));
            match select(heard, late).await {
                Either::Left((Message::Octets(octets), _)) if !octets.is_empty() => {
                    return Heard::Octets(octets);
                }
                Either::Left((Message::Closed { .. }, _)) => return Heard::Gone,
                Either::Left(_) => {}
                Either::Right(_) => return Heard::Nothing,
            }
        }
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), Gone> {
        self.socket.as_ref().ok_or(Gone)?.say(octets);
        Ok(())
    }

    async fn set_line(&mut self, _line: Line) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self) {
        self.socket = None;
    }

    async fn changed(&self) {
        pending().await
    }
}

/// Milliseconds that a bridge may take to accept us.
const PATIENCE: u64 = 10_000;
