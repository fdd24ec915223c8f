//! A WebSocket that carries octets.

use std::fmt;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use gloo::events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, MessageEvent};

/// A connection, from the moment it is asked for. Dropping it closes it.
pub struct WebSocket {
    socket: web_sys::WebSocket,
    heard: UnboundedReceiver<SocketEvent>,
    _listeners: [EventListener; 3],
}

/// What comes from the other side, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketEvent {
    /// The other side accepted; only now may something be said.
    Open,
    /// Octets.
    Octets(Vec<u8>),
    /// The connection has ended, or could not be made. Browsers do not tell a page why not.
    Closed {
        /// The WebSocket close code; 1006 where the other side said nothing.
        code: u16,
        /// What the other side said, if anything.
        reason: String,
    },
}

/// The address cannot be used: not `ws:` or `wss:`, or `ws:` from a page that came over TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressRefused;

impl WebSocket {
    /// Asks for a connection, under this subprotocol if any.
    ///
    /// # Errors
    /// An address that the browser will not even try.
    pub fn open(url: &str, subprotocol: Option<&str>) -> Result<Self, AddressRefused> {
        let socket = match subprotocol {
            Some(subprotocol) => web_sys::WebSocket::new_with_str(url, subprotocol),
            None => web_sys::WebSocket::new(url),
        };
        let socket = socket.map_err(|_| AddressRefused)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (tell, heard) = unbounded();
        let listeners =
            [on_open(&socket, tell.clone()), on_message(&socket, tell.clone()), on_close(&socket, tell)];
        Ok(Self { socket, heard, _listeners: listeners })
    }

    /// Says something; lost if the connection is not open.
    pub fn say(&self, octets: &[u8]) {
        // A closing connection is about to tell so by itself.
        drop(self.socket.send_with_u8_array(octets));
    }

    /// Octets said that have not left the computer.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.socket.buffered_amount()
    }

    /// Waits for what comes next. Dropping the future loses nothing.
    pub async fn hear(&mut self) -> SocketEvent {
        self.heard.next().await.unwrap_or(SocketEvent::Closed { code: 1006, reason: String::new() })
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        drop(self.socket.close());
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").finish_non_exhaustive()
    }
}

fn on_open(socket: &web_sys::WebSocket, tell: UnboundedSender<SocketEvent>) -> EventListener {
    EventListener::new(socket, "open", move |_| drop(tell.unbounded_send(SocketEvent::Open)))
}

fn on_message(socket: &web_sys::WebSocket, tell: UnboundedSender<SocketEvent>) -> EventListener {
    EventListener::new(socket, "message", move |event| {
        let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
        if let Some(Ok(buffer)) = data.map(JsCast::dyn_into::<ArrayBuffer>) {
            drop(tell.unbounded_send(SocketEvent::Octets(Uint8Array::new(&buffer).to_vec())));
        }
    })
}

fn on_close(socket: &web_sys::WebSocket, tell: UnboundedSender<SocketEvent>) -> EventListener {
    EventListener::new(socket, "close", move |event| {
        let event = event.dyn_ref::<CloseEvent>();
        let code = event.map_or(1006, CloseEvent::code);
        let reason = event.map(CloseEvent::reason).unwrap_or_default();
        drop(tell.unbounded_send(SocketEvent::Closed { code, reason }));
    })
}
