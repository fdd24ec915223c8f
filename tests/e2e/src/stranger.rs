//! [`Stranger`]: a server that the page was never told about. It answers every request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A server that answers every request with a script that any page may use, and records the requests.
#[derive(Debug)]
pub struct Stranger {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stranger {
    /// Starts it on the loopback address. Its port makes it a different origin.
    ///
    /// # Panics
    /// If the loopback address has no free port.
    #[must_use]
    pub fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (heard, over) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (memory, end) = (Arc::clone(&heard), Arc::clone(&over));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::Relaxed) {
                    break;
                }
                if let Some(line) = stream.ok().and_then(answer) {
                    memory.lock().expect("no other thread has failed").push(line);
                }
            }
        });
        Self { address, heard, over, thread: Some(thread) }
    }

    /// The URL of the server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first lines of all requests so far.
    ///
    /// # Panics
    /// If the server failed.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("the server has not failed").clone()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // A connection wakes the thread, which then ends.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream) -> Option<String> {
    // A browser opens connections in advance and sends nothing on them.
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut head = [0; 4096];
    let length = stream.read(&mut head).ok().filter(|length| *length > 0)?;
    let _ = stream.write_all(ANSWER.as_bytes());
    let head = String::from_utf8_lossy(head.get(..length)?).into_owned();
    head.lines().next().map(str::to_owned)
}

const PATIENCE: Duration = Duration::from_millis(500);

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 17\r\n\
    Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\nexport default 1;";
