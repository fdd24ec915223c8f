//! The browser's WebSockets as the engine's types.

use metertap_engine::platform::{Socket, SocketNews};

use crate::browser::websocket::{SocketEvent, WebSocket};

impl Socket for WebSocket {
    fn say(&self, octets: &[u8]) {
        self.say(octets);
    }

    async fn hear(&mut self) -> SocketNews {
        match self.hear().await {
            SocketEvent::Open => SocketNews::Open,
            SocketEvent::Octets(octets) => SocketNews::Octets(octets),
            SocketEvent::Closed { .. } => SocketNews::Closed,
        }
    }
}
