//! The memory of a page and its workers.

use serde_json::json;

use super::Browser;

/// The memory of a page and its workers, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heaps {
    /// JavaScript objects.
    pub objects: u64,
    /// Buffers outside the JavaScript heap, without wasm memory.
    pub buffers: u64,
    /// The wasm memory of the engine and the page, which never shrinks.
    pub wasm: u64,
}

impl Browser {
    /// The memory of the page and the newest worker after garbage collection.
    #[must_use]
    pub fn heaps(&self) -> Heaps {
        self.hear();
        let worker = self.workers.borrow().last().map(|(_, session)| session.clone());
        let mut heaps = Heaps::default();
        for session in worker.into_iter().chain([self.shown.borrow().session.clone()]) {
            let mut wire = self.wire.borrow_mut();
            let _ = wire.call(&session, "HeapProfiler.collectGarbage", json!({}));
            let usage = wire.call(&session, "Runtime.getHeapUsage", json!({}));
            let usage = usage.expect("a running program reports its memory");
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

/// A script for the size of the program's memory. Initialising its module again returns the instance that exists
/// already.
const WASM: &str = "(async () => {
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    const module = loaded.find((name) => /\\/(app|engine)-[0-9a-f]{16}\\.js$/.test(name));
    const { memory } = await (await import(module)).default();
    return memory.buffer.byteLength;
})()";
