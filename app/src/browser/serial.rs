//! Web Serial in a worker: ports that the user has allowed are opened, read and closed.
//!
//! Only the window can ask for permission; a worker finds allowed ports only. By the standard (WICG Web Serial), a port
//! survives framing, parity, break and overrun errors, but its stream does not. After each such error, a new reader is
//! needed.

use gloo::events::EventListener;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
pub use web_sys::ParityType as Parity;
use web_sys::{
    FlowControlType, ReadableStreamDefaultReader, SerialOptions, SerialOutputSignals, SerialPort,
    WritableStreamDefaultWriter,
};

/// `navigator.serial`.
#[derive(Clone, Debug)]
pub struct Serial {
    serial: web_sys::Serial,
}

impl Serial {
    /// Finds `navigator.serial`; `None` if the browser has no Web Serial, or does not give it to an insecure page.
    #[must_use]
    pub fn find() -> Option<Self> {
        let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).ok()?;
        let serial = Reflect::get(&navigator, &JsValue::from_str("serial")).ok()?;
        serial.is_object().then(|| Self { serial: serial.unchecked_into() })
    }

    /// All ports that are plugged in and allowed, in no fixed order; empty if a policy forbids them.
    pub async fn ports(&self) -> Vec<Port> {
        let Ok(ports) = JsFuture::from(self.serial.get_ports()).await else { return Vec::new() };
        ports.iter().map(|port| Port { port }).collect()
    }

    /// Calls back whenever an allowed port is plugged in or unplugged, until the listeners are dropped.
    pub fn on_change(&self, changed: impl Fn() + Clone + 'static) -> [EventListener; 2] {
        ["connect", "disconnect"].map(|event| {
            let changed = changed.clone();
            EventListener::new(&self.serial, event, move |_| changed())
        })
    }
}

/// A port that this page may open.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    port: SerialPort,
}

impl Port {
    /// USB vendor and product; `None` for a port that is not USB.
    #[must_use]
    pub fn usb(&self) -> (Option<u16>, Option<u16>) {
        let told = self.port.get_info();
        (told.get_usb_vendor_id(), told.get_usb_product_id())
    }

    /// Opens the port and raises DTR and RTS, from which many optical heads and adapters draw their power.
    ///
    /// # Errors
    /// If another program has the port, or this one may not use it: browsers do not distinguish the two.
    pub async fn open(&self, setting: Setting) -> Result<OpenPort, OpenError> {
        let options = SerialOptions::new(setting.baud);
        options.set_data_bits(setting.data_bits);
        options.set_parity(setting.parity);
        options.set_stop_bits(setting.stop_bits);
        options.set_flow_control(FlowControlType::None);
        options.set_buffer_size(BUFFER);
        JsFuture::from(self.port.open(&options))
            .await
            .map_err(|error| OpenError { name: name_of(&error) })?;
        let signals = SerialOutputSignals::new();
        signals.set_data_terminal_ready(true);
        signals.set_request_to_send(true);
        // Not every tty has these lines, but a tty without them can be read too.
        drop(JsFuture::from(self.port.set_signals_with_signals(&signals)).await);
        Ok(OpenPort { port: self.port.clone(), reading: None })
    }
}

/// The settings of the line.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Bits per second.
    pub baud: u32,
    /// 7 or 8.
    pub data_bits: u8,
    /// The parity bit.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

/// The port could not be opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenError {
    /// The browser's name for the error, such as `NetworkError`.
    pub name: String,
}

/// An open port. Close it with [`OpenPort::close`]; dropping it leaves it open.
#[derive(Debug)]
pub struct OpenPort {
    port: SerialPort,
    reading: Option<Reading>,
}

#[derive(Debug)]
struct Reading {
    reader: ReadableStreamDefaultReader,
    next: JsFuture,
}

/// Why there are no bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReadError {
    /// There was an error in the bytes on the line. The port stays open: continue reading.
    Line(LineError),
    /// The port is gone.
    Gone,
}

/// An error on the line that the browser reported.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineError {
    /// Bytes came faster than they were read.
    Overrun,
    /// The line was held at zero: check the cable or the head.
    Break,
    /// A character without its stop bit: wrong baud rate.
    Framing,
    /// A wrong parity bit: wrong setting, or interference.
    Parity,
    /// The operating system did not report the kind.
    Unknown,
}

impl OpenPort {
    /// Whether this port is the same one as `port`.
    #[must_use]
    pub fn is(&self, port: &Port) -> bool {
        self.port == port.port
    }

    /// Waits for at least one byte. Dropping the future loses no byte: the next call continues the same read.
    ///
    /// # Errors
    /// [`ReadError::Line`] for each error on the line, [`ReadError::Gone`] at the end.
    pub async fn read(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut reading = match self.reading.take() {
            Some(reading) => reading,
            None => self.begin()?,
        };
        loop {
            let settled = {
                let slot = self.reading.insert(reading);
                (&mut slot.next).await
            };
            let Some(mut settled_reading) = self.reading.take() else { return Err(ReadError::Gone) };
            let result = match settled {
                Ok(result) => result,
                Err(error) => {
                    settled_reading.reader.release_lock();
                    return Err(read_error(&error));
                }
            };
            let octets = chunk(&result).ok_or(ReadError::Gone)?;
            settled_reading.next = JsFuture::from(settled_reading.reader.read());
            if !octets.is_empty() {
                self.reading = Some(settled_reading);
                return Ok(octets);
            }
            reading = settled_reading;
        }
    }

    /// Sends bytes to the meter. Returns when the port has taken them.
    ///
    /// # Errors
    /// If the port is gone.
    pub async fn write(&self, octets: &[u8]) -> Result<(), ReadError> {
        let stream = self.port.writable();
        if stream.is_null() {
            return Err(ReadError::Gone);
        }
        let writer = WritableStreamDefaultWriter::new(&stream).map_err(|_| ReadError::Gone)?;
        let written = JsFuture::from(writer.write_with_chunk(&Uint8Array::from(octets))).await;
        writer.release_lock();
        written.map(drop).map_err(|error| read_error(&error))
    }

    /// Closes the port in the one order that the standard allows: cancel, release, close.
    pub async fn close(mut self) {
        if let Some(Reading { reader, .. }) = self.reading.take() {
            // If the port is gone, cancelling and closing fail. It is closed already.
            drop(JsFuture::from(reader.cancel()).await);
            reader.release_lock();
        }
        drop(JsFuture::from(self.port.close()).await);
    }

    fn begin(&self) -> Result<Reading, ReadError> {
        let stream = self.port.readable();
        if stream.is_null() {
            return Err(ReadError::Gone);
        }
        let reader = ReadableStreamDefaultReader::new(&stream).map_err(|_| ReadError::Gone)?;
        let next = JsFuture::from(reader.read());
        Ok(Reading { reader, next })
    }
}

/// How many bytes the browser buffers while we are busy: six seconds at 115200 baud.
const BUFFER: u32 = 65_536;

/// The bytes in a `{ value, done }`; `None` once the stream is done.
fn chunk(result: &JsValue) -> Option<Vec<u8>> {
    let value = Reflect::get(result, &JsValue::from_str("value")).ok()?;
    value.dyn_into::<Uint8Array>().ok().map(|octets| octets.to_vec())
}

fn read_error(error: &JsValue) -> ReadError {
    match name_of(error).as_str() {
        "BufferOverrunError" => ReadError::Line(LineError::Overrun),
        "BreakError" => ReadError::Line(LineError::Break),
        "FramingError" => ReadError::Line(LineError::Framing),
        "ParityError" => ReadError::Line(LineError::Parity),
        "UnknownError" => ReadError::Line(LineError::Unknown),
        _ => ReadError::Gone,
    }
}

fn name_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name())).unwrap_or_default()
}
