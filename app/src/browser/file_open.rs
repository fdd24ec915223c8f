//! Files that the user opens: with the button, or by dropping them onto the page.

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};

/// A file with its contents.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenedFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub octets: Vec<u8>,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq)]
pub enum NotOpened {
    /// The file with this name has this many bytes, which is more than the limit. None were read.
    TooLarge(String, f64),
    /// The file with this name cannot be read: it was moved, changed or removed since it was chosen.
    Gone(String),
}

/// A file with its contents, or why it was not read.
pub type Opened = Result<OpenedFile, NotOpened>;

/// Reads the files of an `<input type=file>` that has changed. A file of more than `most` bytes is not read. The input
/// is emptied, so that the same file can be chosen again.
pub async fn chosen(event: Event, most: usize) -> Vec<Opened> {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
        return Vec::new();
    };
    let files = files(input.files());
    let opened = read(files, most).await;
    input.set_value("");
    opened
}

/// Returns the first file of an `<input type=file>` that has changed, without reading it. The input is emptied, as in
/// [`chosen`].
#[must_use]
pub fn first(event: &Event) -> Option<UnreadFile> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = files(input.files()).into_iter().next();
    input.set_value("");
    file.map(UnreadFile)
}

/// A file that was chosen but not read yet.
#[derive(Clone, Debug)]
pub struct UnreadFile(File);

impl UnreadFile {
    /// The file itself, to be sent to a worker.
    #[must_use]
    pub fn into_handle(self) -> JsValue {
        self.0.into()
    }
}

/// Calls `dropped` whenever files are dropped anywhere on the page.
pub fn on_drop(dropped: impl Fn(Dropped) + 'static) {
    let Some(window) = web_sys::window() else { return };
    let options = EventListenerOptions::enable_prevent_default();
    // Without this, the browser would leave the page to show the file.
    EventListener::new_with_options(&window, "dragover", options, Event::prevent_default).forget();
    EventListener::new_with_options(&window, "drop", options, move |event| {
        event.prevent_default();
        let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
        if let Some(transfer) = transfer {
            dropped(Dropped(files(transfer.files())));
        }
    })
    .forget();
}

/// Files that were dropped but not read yet.
#[derive(Debug)]
pub struct Dropped(Vec<File>);

impl Dropped {
    /// Reads the files, except those of more than `most` bytes.
    pub async fn read(self, most: usize) -> Vec<Opened> {
        read(self.0, most).await
    }
}

fn files(list: Option<FileList>) -> Vec<File> {
    list.map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect()).unwrap_or_default()
}

async fn read(files: Vec<File>, most: usize) -> Vec<Opened> {
    let mut opened = Vec::new();
    for file in files {
        let (name, octets) = (file.name(), file.size());
        opened.push(if octets > most as f64 {
            Err(NotOpened::TooLarge(name, octets))
        } else {
            match JsFuture::from(file.array_buffer()).await {
                Ok(octets) => Ok(OpenedFile { name, octets: Uint8Array::new(&octets).to_vec() }),
                Err(_) => Err(NotOpened::Gone(name)),
            }
        });
    }
    opened
}
