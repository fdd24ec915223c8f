//! The program that makes workbooks, in a worker of its own.

fn main() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(metertap_app::worker::workbook::run());
}
