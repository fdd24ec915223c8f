//! One file per thing that the browser can do, for window and worker alike. Nothing here knows of meters.

pub mod broadcast;
pub mod canvas;
pub mod clipboard;
pub mod clock;
pub mod file_open;
pub mod file_save;
pub mod file_slices;
pub mod folder;
pub mod folder_picker;
pub mod indexed_db;
pub mod install;
pub mod kept_folder;
pub mod locale;
pub mod mark;
pub mod page;
pub mod port_chooser;
pub mod random;
pub mod save_picker;
pub mod serial;
pub mod service_worker;
pub mod side_worker;
pub mod storage;
pub mod web_lock;
pub mod websocket;
pub mod worker;
pub mod worker_port;
