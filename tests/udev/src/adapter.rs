//! [`Adapter`]: a USB serial adapter as one line of text.

use std::fmt;
use std::str::FromStr;

/// A USB serial adapter. Its text is the five fields with tabs between them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Adapter {
    /// The path that is opened; it may be a symlink to a pseudo-terminal.
    pub devname: String,
    /// USB vendor id.
    pub vendor: u16,
    /// USB product id.
    pub product: u16,
    /// The adapter's serial number. Without one, browsers forget the permission when they end.
    pub serial: String,
    /// The name that the browser's port chooser shows.
    pub name: String,
}

impl Adapter {
    /// The path under which udev would know the adapter. No file needs to exist there.
    #[must_use]
    pub fn syspath(&self) -> String {
        format!("{SYSPATH}{}", self.devname)
    }

    /// The value of a udev property.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<String> {
        Some(match name {
            // Chromium accepts only ports whose driver has the type `serial`. The driver with the major number 4, that
            // of a PC's own ports, has it.
            "MAJOR" => "4".to_owned(),
            "MINOR" => "64".to_owned(),
            "DEVNAME" => self.devname.clone(),
            "SUBSYSTEM" => SUBSYSTEM.to_owned(),
            "ID_VENDOR_ID" => format!("{:04x}", self.vendor),
            "ID_MODEL_ID" => format!("{:04x}", self.product),
            "ID_MODEL_ENC" => self.name.clone(),
            "ID_SERIAL_SHORT" if !self.serial.is_empty() => self.serial.clone(),
            _ => return None,
        })
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { devname, vendor, product, serial, name } = self;
        write!(f, "{devname}\t{vendor:04x}\t{product:04x}\t{serial}\t{name}")
    }
}

impl FromStr for Adapter {
    type Err = NotAnAdapter;

    fn from_str(line: &str) -> Result<Self, NotAnAdapter> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [devname, vendor, product, serial, name] = fields[..] else { return Err(NotAnAdapter) };
        let id = |text| u16::from_str_radix(text, 16).map_err(|_| NotAnAdapter);
        Ok(Self {
            devname: devname.to_owned(),
            vendor: id(vendor)?,
            product: id(product)?,
            serial: serial.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// The line does not have the five fields of an adapter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAnAdapter;

/// The subsystem of every serial port.
pub const SUBSYSTEM: &str = "tty";
const SYSPATH: &str = "/sys/devices/virtual/metertap";
