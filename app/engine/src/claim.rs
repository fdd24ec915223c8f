//! [`Claim`]: a turn to write if the browser has no locks, as over plain HTTP. Tabs agree on the turn over a channel of
//! their own.
//!
//! A tab that wants to write draws a random number and asks the others, and the writer answers. If no writer answers,
//! the tab with the lowest number among those that ask begins to write. The writer announces itself every few seconds.
//! A writer that is silent for too long is considered gone. Two tabs may write if one of them was asleep. The tab with
//! the higher number then stops.

use futures_channel::mpsc::UnboundedReceiver;
use futures_channel::oneshot::{Receiver, channel};
use futures_util::future::Shared;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_decoder::time::Instant;

use crate::platform::{Channel, Claims, Incoming, Outgoing, Platform};
use crate::task::Task;

/// A turn to write, until this value is dropped.
pub(crate) struct Claim {
    /// The number of the claim, which is also noted on the disk.
    pub(crate) number: u32,
    _says: Task,
    /// Completes when it turns out that another tab writes and has precedence.
    lost: Shared<Receiver<()>>,
}

impl Claim {
    pub(crate) async fn wait<P: Platform>(platform: &P) -> Self {
        let Channel { say, mut heard } = platform.channel(CHANNEL);
        let number = platform.random() as u32;
        loop {
            say(Outgoing::Claims(Claims::Wants(number)));
            if !is_another_first(platform, &mut heard, number).await {
                break;
            }
            is_silent(platform, &mut heard).await;
        }
        let (holds, lost) = channel();
        let (mut holds, its) = (Some(holds), platform.clone());
        let says = platform.begin(|stop| async move {
            loop {
                say(Outgoing::Claims(Claims::Writes(number)));
                let due = its.now().after(APART);
                loop {
                    let claims = select_biased! {
                        () = stop.asked().fuse() => return say(Outgoing::Claims(Claims::Left)),
                        claims = next(&its, &mut heard, due).fuse() => claims,
                    };
                    match claims {
                        Some(Claims::Writes(other)) if other < number => drop(holds.take()),
                        Some(Claims::Writes(_) | Claims::Left) => {}
                        Some(Claims::Wants(_)) | None => break,
                    }
                }
            }
        });
        Self { number, _says: says, lost: lost.shared() }
    }

    /// Whether another tab writes too, and has precedence.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.clone().now_or_never().is_some()
    }
}

/// Listens for a while. Returns whether another tab writes, or asks with a lower number.
async fn is_another_first<P: Platform>(
    platform: &P,
    heard: &mut UnboundedReceiver<Incoming<P::Handle>>,
    number: u32,
) -> bool {
    let until = platform.now().after(GATHERING);
    while let Some(claims) = next(platform, heard, until).await {
        match claims {
            Claims::Writes(_) => return true,
            Claims::Wants(other) if other < number => return true,
            Claims::Wants(_) | Claims::Left => {}
        }
    }
    false
}

/// Waits until the writer says that it has left, or is silent for too long.
async fn is_silent<P: Platform>(platform: &P, heard: &mut UnboundedReceiver<Incoming<P::Handle>>) {
    let mut until = platform.now().after(SILENCE);
    while let Some(claims) = next(platform, heard, until).await {
        match claims {
            Claims::Writes(_) => until = platform.now().after(SILENCE),
            Claims::Wants(_) => {}
            Claims::Left => return,
        }
    }
}

/// The next message about who writes; `None` if none arrives before `until`. If the channel is closed, waits until
/// `until`.
async fn next<P: Platform>(
    platform: &P,
    heard: &mut UnboundedReceiver<Incoming<P::Handle>>,
    until: Instant,
) -> Option<Claims> {
    let mut late = Box::pin(platform.sleep_until(until).fuse());
    loop {
        select_biased! {
            word = heard.next() => match word {
                Some(Incoming::Claims(claims)) => return Some(claims),
                Some(Incoming::Event(_) | Incoming::Command(..)) => {}
                None => {
                    late.await;
                    return None;
                }
            },
            () = late => return None,
        }
    }
}

const CHANNEL: &str = "metertap-writer";
/// Milliseconds within which a writer answers.
const GATHERING: u64 = 1500;
/// Milliseconds between two announcements of the writer.
const APART: u64 = 3000;
/// Milliseconds of silence after which a writer is considered gone.
const SILENCE: u64 = 3 * APART;
