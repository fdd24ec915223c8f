//! Keys of meters that encrypt: taken from a person, kept on this device and nowhere else, tried at once.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_readings::backup::Setting;
use metertap_readings::store::{MeterKey, SourceRecord, Store};
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::meter::Meter;
use super::trouble::{NOT_A_KEY, not_kept, refused, trouble};
use crate::protocol::{KeptOctets, Trouble};

/// As they are kept, in hex.
#[derive(Default, Deserialize, Serialize)]
struct KeptKeys {
    encryption: Option<String>,
    authentication: Option<String>,
}

impl Desk {
    /// The keys that are kept for a meter.
    pub(crate) async fn kept_keys(&self, meter: &MeterKey) -> Keys {
        let text = self.log.setting(&Setting::of_keys(meter)).await.ok().flatten().unwrap_or_default();
        let kept: KeptKeys = serde_json::from_str(&text).unwrap_or_default();
        let key = |text: Option<String>| text.as_deref().and_then(key);
        Keys { encryption: key(kept.encryption), authentication: key(kept.authentication) }
    }

    /// Reads meters without keys with those that have been kept for them since.
    pub(crate) async fn find_new_keys(self: &Rc<Self>) {
        let unkeyed = |(key, meter): (&MeterKey, &Meter)| (!meter.state.keyed).then(|| key.clone());
        let unkeyed: Vec<MeterKey> = self.meters.borrow().iter().filter_map(unkeyed).collect();
        for key in unkeyed {
            let keys = self.kept_keys(&key).await;
            if keys != Keys::default() {
                self.change(&key, |meter| meter.set_keys(keys));
                self.read_anew(&key).await;
            }
        }
    }

    /// The settings that keep the keys of all meters that are read, as they are known here. A recording's own keys are
    /// kept nowhere.
    pub(super) fn known_keys(&self) -> Vec<Setting> {
        let meters = self.meters.borrow();
        let keyed = meters.values().filter(|meter| {
            meter.state.keyed && !matches!(meter.state.record.source, SourceRecord::File { .. })
        });
        keyed
            .map(|meter| Setting {
                name: Setting::of_keys(&meter.state.record.key),
                value: KeptKeys::of(&meter.keys).to_json(),
            })
            .collect()
    }

    /// Forgets the keys of a meter.
    pub(crate) async fn forget_keys(&self, meter: &MeterKey) {
        // A key of a meter that is gone opens nothing.
        let _ = self.log.set_setting(&Setting::of_keys(meter), None).await;
    }

    /// Keeps keys, goes on reading with them, and says what they made of the last telegram that wanted a key.
    pub(crate) async fn unlock(self: &Rc<Self>, meter: &MeterKey, encryption: &str, authentication: &str) {
        let parsed = |text: &str| if text.trim().is_empty() { Some(None) } else { key(text).map(Some) };
        let (Some(encryption), Some(authentication)) = (parsed(encryption), parsed(authentication)) else {
            return self.say(meter, Some(trouble(NOT_A_KEY, "32 hexadecimal digits are wanted")));
        };
        let keys = Keys { encryption, authentication };
        let text = KeptKeys::of(&keys).to_json();
        if let Err(error) = self.log.set_setting(&Setting::of_keys(meter), Some(&text)).await {
            return self.say(meter, Some(not_kept(&error)));
        }
        let locked = self.change(meter, |meter| {
            meter.set_keys(keys.clone());
            meter.kept.last(|code| code.starts_with("cipher."))
        });
        self.read_anew(meter).await;
        if let Some(locked) = locked.flatten() {
            let stack = self.stack(meter);
            self.say(meter, stack.and_then(|stack| tried(stack, keys, &locked)));
        }
    }

    fn stack(&self, meter: &MeterKey) -> Option<Stack> {
        let source = self.change(meter, |meter| meter.state.record.source.clone())?;
        source.spoken()?.protocol.and_then(Stack::of_protocol)
    }

    fn say(&self, meter: &MeterKey, trouble: Option<Trouble>) {
        self.change(meter, |meter| meter.state.trouble = trouble);
        self.show(meter);
    }
}

impl KeptKeys {
    fn of(keys: &Keys) -> Self {
        let hex = |key: [u8; 16]| key.iter().map(|octet| format!("{octet:02X}")).collect();
        Self { encryption: keys.encryption.map(hex), authentication: keys.authentication.map(hex) }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What keys make of a telegram: nothing to complain of, or the trouble.
fn tried(stack: Stack, keys: Keys, telegram: &KeptOctets) -> Option<Trouble> {
    let mut session = Session::new(Setup { stack, keys, ..Setup::default() }, Instant(0));
    session.handle_octets(Instant(0), &telegram.octets);
    session.handle_timeout(Instant(u64::MAX));
    loop {
        match session.poll() {
            Output::Notice(Notice::Fault(error, span)) => return Some(refused(&error, span)),
            Output::Reading(..) | Output::Wait(_) => return None,
            Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
        }
    }
}

/// 32 hex digits; spaces and hyphens between them do not matter.
fn key(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | ':'))
        .map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let octets: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if digits.len() == 32 { octets.try_into().ok() } else { None }
}
