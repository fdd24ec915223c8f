//! The browser's chooser of serial ports: only the window may open it, and only from a click.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, SerialPort, SerialPortFilter, SerialPortRequestOptions};

/// Whether this page can read serial ports at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SerialSupport {
    /// It can.
    Yes,
    /// The page was loaded over plain http from another machine: browsers do not give ports to such pages.
    Insecure,
    /// The browser has no Web Serial.
    Missing,
}

/// The USB ids of the adapter that was picked; `None` for a port that is not USB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PickedPort {
    /// USB vendor id.
    pub vendor: Option<u16>,
    /// USB product id.
    pub product: Option<u16>,
}

/// Why no port was picked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotPicked {
    /// The user closed the chooser. Not an error.
    Cancelled,
    /// The site or the machine's administrator forbids serial ports.
    Forbidden,
    /// The browser did not open the chooser.
    Failed,
}

/// What this browser and this page allow.
#[must_use]
pub fn support() -> SerialSupport {
    let Some(window) = web_sys::window() else { return SerialSupport::Missing };
    if !window.is_secure_context() {
        SerialSupport::Insecure
    } else if js_sys::Reflect::has(&window.navigator(), &"serial".into()).unwrap_or(false) {
        SerialSupport::Yes
    } else {
        SerialSupport::Missing
    }
}

/// Opens the chooser with the adapters of these USB vendors, or with every port if `vendors` is empty.
///
/// # Errors
///
/// [`NotPicked`] says why no port was picked.
pub async fn pick(vendors: &[u16]) -> Result<PickedPort, NotPicked> {
    let window = web_sys::window().ok_or(NotPicked::Failed)?;
    let filters: Vec<_> = vendors.iter().map(|vendor| adapters_of(*vendor)).collect();
    let options = SerialPortRequestOptions::new();
    if !filters.is_empty() {
        options.set_filters(&filters);
    }
    let request = window.navigator().serial().request_port_with_options(&options);
    let port: SerialPort = JsFuture::from(request).await.map_err(|error| reason(&error))?.unchecked_into();
    let ids = port.get_info();
    Ok(PickedPort { vendor: ids.get_usb_vendor_id(), product: ids.get_usb_product_id() })
}

fn adapters_of(vendor: u16) -> SerialPortFilter {
    let filter = SerialPortFilter::new();
    filter.set_usb_vendor_id(vendor);
    filter
}

fn reason(error: &wasm_bindgen::JsValue) -> NotPicked {
    match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotFoundError") => NotPicked::Cancelled,
        Some("SecurityError") => NotPicked::Forbidden,
        _ => NotPicked::Failed,
    }
}
