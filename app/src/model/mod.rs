//! The window's model: what the screens show, as signals, and what a user can ask for. It knows messages and readings,
//! but no browser.

mod actions;
mod apply;
pub mod countries;
mod environment;
mod files;
mod locale;
mod meter;
mod page;
mod page_services;
mod picture;
pub mod port_kinds;
mod requests;
mod screen;

pub use self::actions::{Action, Actions};
pub use self::apply::{Effect, apply, tell};
pub use self::environment::{Notifications, Page, PortSearch, ReplayChoice, Serial, Space};
pub use self::files::{DailyBackup, Export, FileProgress, Import, Notice, Restore};
pub use self::locale::{DateForm, Locale};
pub use self::meter::{Condition, MeterModel};
pub use self::page::{EngineState, PageModel};
pub use self::page_services::{
    CardParts, Changed, Coming, Draw, Drawing, DrawnLayer, IsOne, PageServices, Surface,
};
pub use self::picture::Picture;
pub use self::requests::{
    DayRange, ExportRequest, Head, ImportRequest, PictureRequest, SavedForm, SavedPicture, TypedRequest,
};
pub use self::screen::Screen;
