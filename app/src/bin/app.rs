//! The window's program.

fn main() {
    metertap_app::window::open();
}
