//! WebSockets of the browser in the engine's words.

use metertap_engine::platform::{Socket, SocketNews};

use crate::browser::websocket::{Heard, WebSocket};

impl Socket for WebSocket {
    fn say(&self, octets: &[u8]) {
        self.say(octets);
    }

    async fn hear(&mut self) -> SocketNews {
        match self.hear().await {
            Heard::Open => SocketNews::Open,
            Heard::Octets(octets) => SocketNews::Octets(octets),
            Heard::Closed { .. } => SocketNews::Closed,
        }
    }
}
