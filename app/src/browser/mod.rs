//! One file per thing that the browser can do, for window and worker alike. Nothing here knows of meters.

pub mod clock;
pub mod file_save;
pub mod indexed_db;
pub mod random;
pub mod serial;
pub mod web_lock;
pub mod websocket;
pub mod worker_port;
