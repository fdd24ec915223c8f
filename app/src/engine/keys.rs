//! Keys of meters that encrypt: taken from a person, kept on this device and nowhere else, tried at once.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Setting;
use metertap_readings::store::MeterKey;
use metertap_readings::store::settings::{MeterKeys, key};

use super::desk::Desk;
use super::meter::Meter;
use super::trouble::{not_kept, refused, trouble};
use crate::protocol::{KeptOctets, Trouble};

impl Desk {
    /// The keys that are kept for a meter.
    pub(crate) async fn kept_keys(&self, meter: &MeterKey) -> MeterKeys {
        let text = self.log.setting(&Setting::of_keys(meter)).await.ok().flatten().unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Reads meters without keys with those that have been kept for them since.
    pub(crate) async fn find_new_keys(self: &Rc<Self>) {
        let unkeyed = |(key, meter): (&MeterKey, &Meter)| (!meter.state.keyed).then(|| key.clone());
        let unkeyed: Vec<MeterKey> = self.meters.borrow().iter().filter_map(unkeyed).collect();
        for key in unkeyed {
            let kept = self.kept_keys(&key).await;
            if kept.keys != Keys::default() {
                self.change(&key, |meter| meter.set_keys(kept));
                self.read_anew(&key).await;
            }
        }
    }

    /// Keeps keys, goes on reading with them, and says what they made of the last telegram that wanted a key.
    pub(crate) async fn unlock(self: &Rc<Self>, meter: &MeterKey, encryption: &str, authentication: &str) {
        let parsed = |text: &str| if text.trim().is_empty() { Some(None) } else { key(text).map(Some) };
        let (Some(encryption), Some(authentication)) = (parsed(encryption), parsed(authentication)) else {
            return self.say(meter, Some(trouble(Code::KeyForm, "32 hexadecimal digits are wanted")));
        };
        let keys = Keys { encryption, authentication };
        let typed = MeterKeys { keys: keys.clone(), from: None };
        let kept = Setting::Keys(meter.clone(), typed.clone());
        if let Err(error) = self.log.set_setting(&kept.name(), Some(&kept.value())).await {
            return self.say(meter, Some(not_kept(&error)));
        }
        let locked = self.change(meter, |meter| {
            meter.set_keys(typed);
            meter.kept.last(Code::is_of_cipher)
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
