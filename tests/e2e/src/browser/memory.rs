//! What a page and its workers hold in memory.

use serde_json::json;

use super::Browser;

/// What a page and its workers hold in memory, in octets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heaps {
    /// Objects of JavaScript.
    pub objects: u64,
    /// What lies outside of them, but for the memory of wasm.
    pub buffers: u64,
    /// The memory of the engine's wasm and of the page's, which never shrinks.
    pub wasm: u64,
}

impl Browser {
    /// What the page and the newest worker hold in memory, after what nobody needs was let go.
    #[must_use]
    pub fn heaps(&self) -> Heaps {
        self.hear();
        let worker = self.workers.borrow().last().map(|(_, session)| session.clone());
        let mut heaps = Heaps::default();
        for session in worker.into_iter().chain([self.shown.borrow().session.clone()]) {
            let mut wire = self.wire.borrow_mut();
            let _ = wire.call(&session, "HeapProfiler.collectGarbage", json!({}));
            let usage = wire.call(&session, "Runtime.getHeapUsage", json!({}));
            let usage = usage.expect("a program that runs tells what it holds");
            let octets = |name: &str| usage[name].as_f64().unwrap_or_default() as u64;
            heaps.objects += octets("usedSize");
            heaps.buffers += octets("backingStorageSize") + octets("embedderHeapUsedSize");
            let params = json!({ "expression": WASM, "awaitPromise": true, "returnByValue": true });
            let memory = wire.call(&session, "Runtime.evaluate", params).unwrap_or_default();
            heaps.wasm += memory["result"]["value"].as_f64().unwrap_or_default() as u64;
        }
        heaps
    }
}

/// The size of the memory of the program that runs there: whoever asks its module to begin again gets the one that has
/// begun.
const WASM: &str = "(async () => {
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    const module = loaded.find((name) => /\\/(app|engine)-[0-9a-f]{16}\\.js$/.test(name));
    const { memory } = await (await import(module)).default();
    return memory.buffer.byteLength;
})()";
