//! A WebSocket that carries octets.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use gloo::events::EventListener;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BinaryType, Blob, CloseEvent, MessageEvent};

/// A connection, from the moment it is asked for. Dropping it closes it.
///
/// Messages come as blobs, which the browser keeps outside of the program's memory: so a message's size is known before a
/// byte of it is copied. One that is larger than a megabyte, or more than that waiting, ends the connection. What waits is
/// handed over in one piece, since octets are a stream: a flood of small messages costs no more than one large one.
pub struct WebSocket {
    socket: web_sys::WebSocket,
    arrived: UnboundedReceiver<Arrived>,
    /// The bytes in `arrived`.
    waiting: Rc<Cell<usize>>,
    /// The message whose bytes are on their way.
    reading: Option<(JsFuture, usize)>,
    /// What was told behind that.
    behind: Option<SocketEvent>,
    _listeners: [EventListener; 3],
}

/// What the browser told, with messages still unread.
enum Arrived {
    Event(SocketEvent),
    Message(Blob),
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
        /// The WebSocket close code; 1006 where the other side said nothing, 1009 where it said too much.
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
        socket.set_binary_type(BinaryType::Blob);
        let (tell, arrived) = unbounded();
        let waiting = Rc::<Cell<usize>>::default();
        let listeners = [
            on_open(&socket, tell.clone()),
            on_message(&socket, tell.clone(), Rc::clone(&waiting)),
            on_close(&socket, tell),
        ];
        Ok(Self { socket, arrived, waiting, reading: None, behind: None, _listeners: listeners })
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
        loop {
            if let Some((reading, size)) = &mut self.reading {
                let read = reading.await;
                self.waiting.set(self.waiting.get().saturating_sub(*size));
                self.reading = None;
                return match read {
                    Ok(buffer) => SocketEvent::Octets(Uint8Array::new(&buffer).to_vec()),
                    // The browser had no room for it.
                    Err(_) => self.give_up(),
                };
            }
            if let Some(event) = self.behind.take() {
                return event;
            }
            match self.arrived.next().await {
                Some(Arrived::Message(_)) if self.waiting.get() > MOST_BYTES => return self.give_up(),
                Some(Arrived::Message(blob)) => self.read(blob),
                Some(Arrived::Event(event)) => return event,
                None => return closed(ENDED),
            }
        }
    }

    /// Begins to read this message, and all that have come behind it.
    fn read(&mut self, first: Blob) {
        let (messages, mut octets) = (Array::of1(&first), size(&first));
        while let Ok(arrived) = self.arrived.try_recv() {
            match arrived {
                Arrived::Message(blob) => {
                    octets = octets.saturating_add(size(&blob));
                    messages.push(&blob);
                }
                Arrived::Event(event) => {
                    self.behind = Some(event);
                    break;
                }
            }
        }
        let all = if messages.length() > 1 { Blob::new_with_blob_sequence(&messages) } else { Ok(first) };
        match all {
            Ok(blob) => self.reading = Some((JsFuture::from(blob.array_buffer()), octets)),
            // The browser has no room for them.
            Err(_) => self.behind = Some(self.give_up()),
        }
    }

    /// Ends the connection, and forgets what came over it.
    fn give_up(&mut self) -> SocketEvent {
        self.arrived.close();
        while self.arrived.try_recv().is_ok() {}
        drop(self.socket.close());
        closed(TOO_MUCH)
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

fn on_open(socket: &web_sys::WebSocket, tell: UnboundedSender<Arrived>) -> EventListener {
    EventListener::new(socket, "open", move |_| drop(tell.unbounded_send(Arrived::Event(SocketEvent::Open))))
}

fn on_message(
    socket: &web_sys::WebSocket,
    tell: UnboundedSender<Arrived>,
    waiting: Rc<Cell<usize>>,
) -> EventListener {
    EventListener::new(socket, "message", move |event| {
        let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
        let Some(Ok(blob)) = data.map(JsCast::dyn_into::<Blob>) else { return };
        let before = waiting.get();
        waiting.set(before.saturating_add(size(&blob)));
        // The message that is too much is told, so that the connection ends; what comes behind it is not kept.
        if before <= MOST_BYTES {
            drop(tell.unbounded_send(Arrived::Message(blob)));
        }
    })
}

fn on_close(socket: &web_sys::WebSocket, tell: UnboundedSender<Arrived>) -> EventListener {
    EventListener::new(socket, "close", move |event| {
        let event = event.dyn_ref::<CloseEvent>();
        let code = event.map_or(1006, CloseEvent::code);
        let reason = event.map(CloseEvent::reason).unwrap_or_default();
        drop(tell.unbounded_send(Arrived::Event(SocketEvent::Closed { code, reason })));
    })
}

/// What a message weighs, with what the browser needs to hold it: so that many empty ones are too much as well.
fn size(blob: &Blob) -> usize {
    (blob.size() as usize).saturating_add(OF_EACH)
}

const fn closed(code: u16) -> SocketEvent {
    SocketEvent::Closed { code, reason: String::new() }
}

/// The most bytes of messages that wait to be read. A broker's answers have a few bytes, and a bridge passes on what comes
/// over a serial line: at 115,200 baud this is a minute and a half.
const MOST_BYTES: usize = 1 << 20;

/// What a blob is taken to weigh beside its bytes.
const OF_EACH: usize = 100;

/// RFC 6455, clause 7.4.1: the connection ended without a word.
const ENDED: u16 = 1006;
/// The same: a message is too big.
const TOO_MUCH: u16 = 1009;
