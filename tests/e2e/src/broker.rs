//! [`Broker`]: a separate mosquitto with a WebSocket listener, and a subscriber to all topics.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use serde_json::Value;

use crate::scene::Scene;
use crate::{PATIENCE, wait_for};

/// A broker on the loopback address, reachable by MQTT and by MQTT over WebSocket.
#[derive(Debug)]
pub struct Broker {
    folder: PathBuf,
    mqtt: u16,
    websocket: u16,
    process: Option<Child>,
    subscriber: Option<Child>,
}

/// A message as the subscriber received it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: String,
    /// Whether the broker had retained it.
    pub retained: bool,
}

impl Broker {
    /// Starts a broker and a subscriber to all topics.
    ///
    /// # Panics
    /// If mosquitto or its clients are missing, or do not start.
    #[must_use]
    pub fn start(scene: &Scene) -> Self {
        let folder = scene.path("broker");
        fs::create_dir_all(&folder).expect("the scene's folder can be written");
        let [mqtt, websocket] = free_ports();
        // mosquitto does not start with a WebSocket listener alone. It also binds every interface unless the config
        // names the address family.
        let mut config = format!(
            "listener {mqtt} 127.0.0.1\n\
             listener {websocket} 127.0.0.1\nprotocol websockets\nsocket_domain ipv4\n\
             allow_anonymous true\nmax_queued_messages 0\n\
             persistence true\npersistence_location {}/\n",
            folder.display()
        );
        if geteuid().is_root() {
            config.push_str("user root\n");
        }
        fs::write(folder.join("mosquitto.conf"), config).expect("the scene's folder can be written");
        let mut broker = Self { folder, mqtt, websocket, process: None, subscriber: None };
        broker.restart();
        broker.subscribe();
        broker
    }

    /// The URL for a page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.websocket)
    }

    /// Kills the broker. It remembers its subscribers when it is restarted.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            end(process);
        }
    }

    /// Restarts the broker on the same ports.
    ///
    /// # Panics
    /// If the broker does not start.
    pub fn restart(&mut self) {
        self.kill();
        let program = program("mosquitto");
        let log = File::options().create(true).append(true).open(self.folder.join("mosquitto.log"));
        let mut command = Command::new(program);
        command.arg("-c").arg(self.folder.join("mosquitto.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.expect("a log can be written"));
        self.process = Some(command.spawn().expect("mosquitto starts"));
        let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, self.websocket)).ok();
        let log = self.folder.join("mosquitto.log");
        wait_for(PATIENCE, listens)
            .unwrap_or_else(|| panic!("mosquitto does not listen; see {}", log.display()));
    }

    /// All messages that the subscriber received, in order.
    ///
    /// # Panics
    /// If the subscriber printed something that is not a message.
    #[must_use]
    pub fn received(&self) -> Vec<Message> {
        let text = fs::read_to_string(self.folder.join("received")).expect("the subscriber writes a file");
        // The last line may be incomplete.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let messages =
            lines.map(|line| serde_json::from_str::<Value>(line).expect("mosquitto_sub writes JSON"));
        messages
            .map(|message| Message {
                topic: message["topic"].as_str().unwrap_or_default().to_owned(),
                payload: message["payload"].as_str().unwrap_or_default().to_owned(),
                retained: message["retain"] == 1,
            })
            .collect()
    }

    fn subscribe(&mut self) {
        let file = File::create(self.folder.join("received")).expect("the scene's folder can be written");
        let errors =
            File::create(self.folder.join("mosquitto_sub.log")).expect("the scene's folder can be written");
        let mut command = Command::new("stdbuf");
        command.arg("-oL").arg(program("mosquitto_sub"));
        // A persistent session: the broker keeps messages for it that arrive while the subscriber is not connected.
        command.args(["-h", "127.0.0.1", "-p", &self.mqtt.to_string(), "-i", SUBSCRIBER, "-c", "-q", "1"]);
        command.args(["-t", "#", "-F", "%j"]);
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        self.subscriber = Some(command.spawn().expect("mosquitto_sub starts"));
        let database = self.folder.join("mosquitto.db");
        let broker = self.process.as_ref().expect("it was just started").id();
        let known = wait_for(PATIENCE, || {
            // On this signal, the broker saves its sessions. Otherwise, it would save them only when it ends properly.
            kill(Pid::from_raw(broker.cast_signed()), Signal::SIGUSR1).expect("mosquitto runs");
            let database = fs::read(&database).unwrap_or_default();
            // The name occurs twice: once for the client, and once for its subscription.
            let names = database.windows(SUBSCRIBER.len()).filter(|octets| *octets == SUBSCRIBER.as_bytes());
            (names.count() >= 2).then_some(())
        });
        known.expect("the broker has taken the subscription");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
        if let Some(subscriber) = self.subscriber.take() {
            end(subscriber);
        }
    }
}

fn free_ports() -> [u16; 2] {
    let listeners =
        [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback is there"));
    listeners.map(|listener| listener.local_addr().expect("a listener has an address").port())
}

/// The path of a mosquitto program. The broker lies in a folder that only root's PATH contains.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|program| Path::is_file(program));
    found.unwrap_or_else(|| panic!("{name} is missing: install mosquitto and mosquitto-clients"))
}

fn end(mut process: Child) {
    // This fails if the process has ended, which is fine.
    let _ = process.kill();
    let _ = process.wait();
}

const SUBSCRIBER: &str = "subscriber";
