//! [`BridgeSource`]: a serial line elsewhere in the house, whose bytes travel both ways over a WebSocket.
//!
//! Speed and parity are set at the bridge: there is no common protocol for setting them through a bridge.

use std::future::pending;
use std::pin::pin;

use futures_util::future::{Either, select};
use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;

use super::{Gone, NotOpen, Source, SourceNews};
use crate::platform::{Platform, Socket, SocketNews};

/// A meter behind a bridge.
pub struct BridgeSource<P: Platform> {
    platform: P,
    url: String,
    socket: Option<P::Socket>,
}

impl<P: Platform> BridgeSource<P> {
    /// The bridge at this address, `ws://…` or `wss://…`.
    pub const fn new(platform: P, url: String) -> Self {
        Self { platform, url, socket: None }
    }
}

impl<P: Platform> Source for BridgeSource<P> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        let socket = self.platform.connect(&self.url, None);
        let mut socket = socket.map_err(|_| NotOpen::AddressRefused(self.url.clone()))?;
        let answer = {
            let heard = pin!(socket.hear());
            let late = pin!(self.platform.sleep(PATIENCE));
            match select(heard, late).await {
                Either::Left((heard, _)) => Some(heard),
                Either::Right(_) => None,
            }
        };
        match answer {
            Some(SocketNews::Open) => {
                self.socket = Some(socket);
                Ok(())
            }
            _ => Err(NotOpen::Unreachable(self.url.clone())),
        }
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        let Some(socket) = &mut self.socket else { return SourceNews::Gone };
        loop {
            let heard = pin!(socket.hear());
            let late = pin!(self.platform.until(deadline));
            match select(heard, late).await {
                Either::Left((SocketNews::Octets(bytes), _)) if !bytes.is_empty() => {
                    return SourceNews::Octets(bytes);
                }
                Either::Left((SocketNews::Closed, _)) => return SourceNews::Gone,
                Either::Left(_) => {}
                Either::Right(_) => return SourceNews::Nothing,
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.socket.as_ref().ok_or(Gone)?.say(bytes);
        Ok(())
    }

    async fn set_line(&mut self, _line: Line) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self) {
        self.socket = None;
    }

    async fn changed(&mut self) {
        pending().await
    }

    fn is_lost(&mut self) -> NotOpen {
        NotOpen::Ended(self.url.clone())
    }

    fn now(&self) -> Instant {
        self.platform.now()
    }

    fn moment(&self) -> Moment {
        self.platform.moment()
    }
}

/// Milliseconds that a bridge may take to accept the connection.
const PATIENCE: u64 = 10_000;
