//! A WebSocket that carries bytes.

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

/// A connection, from the moment it is requested. Dropping this value closes the connection.
///
/// Messages arrive as blobs, which the browser keeps outside the program's memory. So a message's size is known before
/// any byte of it is copied. A message larger than a megabyte, or more than a megabyte of waiting messages, ends the
/// connection. Waiting messages are passed on in one piece, since the bytes are a stream: a flood of small messages
/// costs no more than one large one.
pub struct WebSocket {
    socket: web_sys::WebSocket,
    arrived: UnboundedReceiver<Arrived>,
    /// The size of the messages in `arrived` and `reading`.
    waiting: Rc<Cell<usize>>,
    /// The messages whose bytes are being read, and their size.
    reading: Option<(JsFuture, usize)>,
    /// The event to return after those messages.
    behind: Option<SocketEvent>,
    _listeners: [EventListener; 3],
}

/// The browser's events. The bytes of a message have not been read yet.
enum Arrived {
    Event(SocketEvent),
    Message(Blob),
}

/// Events of the connection, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketEvent {
    /// The other side has accepted. Only now may something be sent.
    Open,
    /// Bytes.
    Octets(Vec<u8>),
    /// The connection has ended, or could not be made. Browsers do not reveal the reason.
    Closed {
        /// The WebSocket close code: 1006 if the connection ended without a close frame, 1009 if too much arrived.
        code: u16,
        /// The reason given by the other side, if any.
        reason: String,
    },
}

/// The address cannot be used: it is not `ws:` or `wss:`, or it is `ws:` in a page that was loaded over TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressRefused;

impl WebSocket {
    /// Opens a connection, with this subprotocol if any.
    ///
    /// # Errors
    /// If the browser refuses the address without trying it.
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

    /// Sends bytes; they are lost if the connection is not open.
    pub fn say(&self, octets: &[u8]) {
        // If the connection is closing, an event will report that.
        drop(self.socket.send_with_u8_array(octets));
    }

    /// How many sent bytes have not left the computer.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.socket.buffered_amount()
    }

    /// Waits for the next event. Dropping the future loses nothing.
    pub async fn hear(&mut self) -> SocketEvent {
        loop {
            if let Some((reading, size)) = &mut self.reading {
                let read = reading.await;
                self.waiting.set(self.waiting.get().saturating_sub(*size));
                self.reading = None;
                return match read {
                    Ok(buffer) => SocketEvent::Octets(Uint8Array::new(&buffer).to_vec()),
                    // The browser had no room for the message.
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

    /// Starts to read this message and all that have come after it.
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

    /// Ends the connection, and drops what came over it.
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
    let flooded = socket.clone();
    EventListener::new(socket, "message", move |event| {
        let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
        let Some(Ok(blob)) = data.map(JsCast::dyn_into::<Blob>) else { return };
        let before = waiting.get();
        waiting.set(before.saturating_add(size(&blob)));
        // The message that exceeds the limit is reported, so that the connection ends. What comes after it is not kept.
        // The connection is closed at once: the events of a flood would leave the program no time to notice it.
        if before <= MOST_BYTES {
            drop(tell.unbounded_send(Arrived::Message(blob)));
        } else {
            drop(flooded.close());
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

/// A message's size, including what the browser needs to hold it, so that a flood of empty messages counts too.
fn size(blob: &Blob) -> usize {
    (blob.size() as usize).saturating_add(OF_EACH)
}

const fn closed(code: u16) -> SocketEvent {
    SocketEvent::Closed { code, reason: String::new() }
}

/// The most bytes in messages that wait to be read. A broker's answers have a few bytes. A bridge passes on the bytes
/// of a serial line; at 115,200 baud, this many take a minute and a half.
const MOST_BYTES: usize = 1 << 20;

/// How many bytes a blob is assumed to take besides its contents.
const OF_EACH: usize = 100;

/// RFC 6455, clause 7.4.1: the connection ended without a close frame.
const ENDED: u16 = 1006;
/// RFC 6455, clause 7.4.1: a message is too big.
const TOO_MUCH: u16 = 1009;
