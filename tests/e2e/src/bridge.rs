//! [`Bridge`]: a meter's line behind a WebSocket, as Wi-Fi and Ethernet adapters offer it.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use metertap_simulator::{Asked, Meter, Model, Said, Truth};
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Error, Message, WebSocket, accept};

/// A bridge that serves one page at a time. It stops when it is dropped.
#[derive(Debug)]
pub struct Bridge {
    port: u16,
    said: Arc<Mutex<Vec<Truth>>>,
    connections: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Messages of zeros, sent before anything that the meter sends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overture {
    /// The number of messages.
    pub messages: usize,
    /// The number of fragments in each message (RFC 6455, clause 5.4).
    pub fragments: usize,
    /// The number of bytes in each fragment.
    pub bytes: usize,
}

impl Overture {
    fn play(self, socket: &mut WebSocket<TcpStream>) -> Result<(), Error> {
        for _ in 0..self.messages {
            for fragment in 1..=self.fragments {
                let data = if fragment == 1 { Data::Binary } else { Data::Continue };
                let frame =
                    Frame::message(vec![0; self.bytes], OpCode::Data(data), fragment == self.fragments);
                socket.write(Message::Frame(frame))?;
            }
        }
        socket.flush()
    }
}

impl Bridge {
    /// A bridge with a simulated meter. The meter pushes or answers as its model does.
    ///
    /// # Panics
    /// If the loopback address has no free port.
    #[must_use]
    pub fn open(model: Model, seed: u64, start_unix_seconds: i64) -> Self {
        Self::open_with(Overture::default(), model, seed, start_unix_seconds)
    }

    /// As [`Self::open`], but the first connection begins with messages of zeros.
    ///
    /// # Panics
    /// If the loopback address has no free port.
    #[must_use]
    pub fn open_with(overture: Overture, model: Model, seed: u64, start_unix_seconds: i64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has a free port");
        listener.set_nonblocking(true).expect("a listener can be polled");
        let port = listener.local_addr().expect("a listener has a port").port();
        let (said, over) = (Arc::<Mutex<Vec<Truth>>>::default(), Arc::<AtomicBool>::default());
        let (memory, end) = (Arc::clone(&said), Arc::clone(&over));
        let connections = Arc::<AtomicUsize>::default();
        let (mut behind, count) = (Behind::new(model, seed, start_unix_seconds), Arc::clone(&connections));
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
                        let first = if is_first { overture } else { Overture::default() };
                        serve(stream, first, &mut behind, &memory, &end);
                    }
                    Err(_) => thread::sleep(TICK),
                }
            }
        });
        Self { port, said, connections, over, thread: Some(thread) }
    }

    /// The URL of the bridge.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    /// The number of connections so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// The contents of the telegrams that its meter has sent so far.
    ///
    /// # Panics
    /// If the bridge failed.
    #[must_use]
    pub fn said(&self) -> Vec<Truth> {
        self.said.lock().expect("the bridge has not failed").clone()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !thread::panicking() {
                ended.expect("the bridge has not failed");
            }
        }
    }
}

/// The meter on the line, its start, and the bytes still to be sent.
struct Behind {
    began: Instant,
    model: Model,
    pushes: Option<std::iter::Peekable<Meter>>,
    answers: Option<Asked>,
    due: Vec<Said>,
}

impl Behind {
    fn new(model: Model, seed: u64, start: i64) -> Self {
        let answers = Asked::new(model, seed, start);
        let pushes = answers.is_none().then(|| Meter::new(model, seed, start).peekable());
        Self { began: Instant::now(), model, pushes, answers, due: Vec::new() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn hear(&mut self, octets: &[u8]) {
        let (now, line) = (self.now(), self.model.line());
        if let Some(meter) = &mut self.answers {
            self.due.extend(meter.hear(now + line.milliseconds(octets.len()), line, octets));
            self.due.sort_by_key(|said| said.at);
        }
    }

    fn next(&mut self) -> Option<(Vec<u8>, Option<Truth>)> {
        let now = self.now();
        if self.due.first().is_some_and(|said| said.at <= now) {
            let said = self.due.remove(0);
            return Some((said.bytes, said.truth));
        }
        let pushed = self.pushes.as_mut()?.next_if(|telegram| telegram.due <= now)?;
        Some((pushed.bytes, Some(pushed.truth)))
    }
}

fn serve(
    stream: TcpStream,
    overture: Overture,
    behind: &mut Behind,
    memory: &Mutex<Vec<Truth>>,
    over: &AtomicBool,
) {
    stream.set_nonblocking(false).expect("a stream can be waited for");
    let Ok(mut socket) = accept(stream) else { return };
    if overture.play(&mut socket).is_err() {
        return;
    }
    socket.get_ref().set_read_timeout(Some(TICK)).expect("a stream has a time-out");
    while !over.load(Ordering::Relaxed) && exchange(&mut socket, behind, memory).is_ok() {}
}

/// Passes on what arrived within a tick, in both directions.
fn exchange(
    socket: &mut WebSocket<TcpStream>,
    behind: &mut Behind,
    memory: &Mutex<Vec<Truth>>,
) -> Result<(), Error> {
    match socket.read() {
        Ok(Message::Binary(octets)) => behind.hear(&octets),
        Ok(_) => {}
        Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        Err(error) => return Err(error),
    }
    while let Some((octets, truth)) = behind.next() {
        // In pieces, as a bridge sends the contents of its buffer.
        for piece in octets.chunks(PIECE) {
            socket.send(Message::binary(piece.to_vec()))?;
        }
        memory.lock().expect("the test has not failed").extend(truth);
    }
    Ok(())
}

const TICK: Duration = Duration::from_millis(5);
const PIECE: usize = 64;
