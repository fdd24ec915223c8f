//! [`Claim`]: a turn to write where the browser has no locks, as over plain HTTP. Tabs agree on it over a channel of their
//! own.
//!
//! Whoever wants to write asks, and is answered by whoever does. Where nobody answers, the lowest number of those who ask
//! begins. The writer says so every few seconds; one that is not heard any more is gone. Should two of them write, since one
//! was asleep, the higher number steps back.

use futures_channel::mpsc::UnboundedReceiver;
use futures_channel::oneshot::{Receiver, channel};
use futures_util::future::Shared;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_decoder::time::Instant;

use crate::platform::{Channel, Claims, Platform, Saying, Word};
use crate::task::Task;

/// A turn to write, until this is dropped.
pub(crate) struct Claim {
    /// What it is known by on the disk.
    pub(crate) number: u32,
    _says: Task,
    /// Ends when another tab turns out to write, and to be the one to go on.
    lost: Shared<Receiver<()>>,
}

impl Claim {
    /// Waits until no other tab writes.
    pub(crate) async fn wait<P: Platform>(platform: &P) -> Self {
        let Channel { say, mut heard } = platform.channel(CHANNEL);
        let number = platform.random() as u32;
        loop {
            say(Saying::Claims(Claims::Wants(number)));
            if !is_another_first(platform, &mut heard, number).await {
                break;
            }
            is_silent(platform, &mut heard).await;
        }
        let (holds, lost) = channel();
        let (mut holds, its) = (Some(holds), platform.clone());
        let says = platform.begin(|stop| async move {
            loop {
                say(Saying::Claims(Claims::Writes(number)));
                let due = its.now().after(APART);
                loop {
                    let claims = select_biased! {
                        () = stop.asked().fuse() => return say(Saying::Claims(Claims::Left)),
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

    /// Whether another tab writes too, and is the one to go on.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.clone().now_or_never().is_some()
    }
}

/// Whether another tab writes, or asks with a lower number.
async fn is_another_first<P: Platform>(
    platform: &P,
    heard: &mut UnboundedReceiver<Word<P::Handle>>,
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

/// Waits until whoever writes says that it is gone, or says nothing for a while.
async fn is_silent<P: Platform>(platform: &P, heard: &mut UnboundedReceiver<Word<P::Handle>>) {
    let mut until = platform.now().after(SILENCE);
    while let Some(claims) = next(platform, heard, until).await {
        match claims {
            Claims::Writes(_) => until = platform.now().after(SILENCE),
            Claims::Wants(_) => {}
            Claims::Left => return,
        }
    }
}

/// What is said next about who writes; none until then. Where there is no channel, nobody says anything.
async fn next<P: Platform>(
    platform: &P,
    heard: &mut UnboundedReceiver<Word<P::Handle>>,
    until: Instant,
) -> Option<Claims> {
    let mut late = Box::pin(platform.sleep_until(until).fuse());
    loop {
        select_biased! {
            word = heard.next() => match word {
                Some(Word::Claims(claims)) => return Some(claims),
                Some(Word::Told(_) | Word::Wish(..)) => {}
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
/// Milliseconds within which whoever writes answers.
const GATHERING: u64 = 1500;
/// Milliseconds between two times that the writer says so, and after which it is gone when it does not.
const APART: u64 = 3000;
const SILENCE: u64 = 3 * APART;
