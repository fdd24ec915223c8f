//! The browser's serial ports as the engine's types.

use gloo::events::EventListener;
use metertap_decoder::line::{Line, Parity};
use metertap_engine::platform;

use crate::browser::serial::{self, LineError, OpenPort, Port, ReadError, Serial, Setting};

impl platform::Serial for Serial {
    type Port = Port;
    type Listening = [EventListener; 2];

    async fn ports(&self) -> Vec<Port> {
        self.ports().await
    }

    fn listen(&self, changed: impl Fn() + Clone + 'static) -> Self::Listening {
        self.on_change(changed)
    }
}

impl platform::Port for Port {
    type Open = OpenPort;

    fn usb(&self) -> (Option<u16>, Option<u16>) {
        self.usb()
    }

    async fn open(&self, line: Line) -> Result<OpenPort, String> {
        let parity = match line.parity {
            Parity::None => serial::Parity::None,
            Parity::Even => serial::Parity::Even,
            Parity::Odd => serial::Parity::Odd,
        };
        let setting =
            Setting { baud: line.baud, data_bits: line.data_bits, parity, stop_bits: line.stop_bits };
        self.open(setting).await.map_err(|error| error.name)
    }
}

impl platform::OpenPort for OpenPort {
    async fn read(&mut self) -> Result<Vec<u8>, platform::ReadError> {
        Ok(self.read().await?)
    }

    async fn write(&self, octets: &[u8]) -> Result<(), platform::ReadError> {
        Ok(self.write(octets).await?)
    }

    async fn close(self) {
        self.close().await;
    }
}

impl From<ReadError> for platform::ReadError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Gone => Self::Gone,
            ReadError::Line(LineError::Overrun) => Self::Line(platform::LineError::Overrun),
            ReadError::Line(LineError::Break) => Self::Line(platform::LineError::Break),
            ReadError::Line(LineError::Framing) => Self::Line(platform::LineError::Framing),
            ReadError::Line(LineError::Parity) => Self::Line(platform::LineError::Parity),
            ReadError::Line(LineError::Unknown) => Self::Line(platform::LineError::Unknown),
        }
    }
}
