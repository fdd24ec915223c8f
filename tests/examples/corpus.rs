//! Rewrites the simulated cases of the corpus: bytes and truth both come from the simulator, nothing from the decoder.
//! `cargo run -p metertap-tests --example corpus`

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use metertap_decoder::hex;
use metertap_simulator::{Meter, Model, Telegram, TrueValue};
use serde_json::{Map, Value, json};

fn main() -> io::Result<()> {
    for model in Model::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/meters").join(model.name());
        fs::create_dir_all(&folder)?;
        let mut source = format!(
            "octets = \"simulated\"\nvalues = \"the simulator's own truth\"\nprotocol = \"{}\"\n",
            model.protocol()
        );
        if let Some(keys) = model.keys() {
            let _ = writeln!(source, "encryption_key = \"{}\"", hex::lower(&keys.encryption));
            if let Some(key) = keys.authentication {
                let _ = writeln!(source, "authentication_key = \"{}\"", hex::lower(&key));
            }
        }
        fs::write(folder.join("source.toml"), source)?;
        // From 15 s before a full hour, so that the case has every list of the meter.
        let telegrams: Vec<Telegram> = Meter::new(*model, 20, 1_795_219_185).take(16).collect();
        fs::write(folder.join("full-hour.hex"), bytes(&telegrams))?;
        let truth: String = telegrams.iter().map(|telegram| reading(telegram) + "\n").collect();
        fs::write(folder.join("full-hour.json"), truth)?;
    }
    Ok(())
}

fn bytes(telegrams: &[Telegram]) -> String {
    let mut text = String::new();
    for telegram in telegrams {
        for line in telegram.bytes.chunks(48) {
            text += &hex::lower(line);
            text.push('\n');
        }
    }
    text
}

fn reading(telegram: &Telegram) -> String {
    let values: Vec<Value> = telegram.truth.values.iter().map(value).collect();
    json!({ "v": 1, "meter": telegram.truth.meter, "time": telegram.truth.time, "values": values })
        .to_string()
}

fn value(truth: &TrueValue) -> Value {
    let mut fields = Map::new();
    fields.insert("register".into(), json!(truth.register));
    fields.insert("quantity".into(), json!(truth.quantity));
    let optional = [
        ("phase", truth.phase.map(|phase| json!(phase))),
        ("tariff", truth.tariff.map(|tariff| json!(tariff))),
        ("channel", truth.channel.map(|channel| json!(channel))),
        ("storage", truth.storage.map(|storage| json!(storage))),
        ("scaling", truth.scaling.map(|scaling| json!(scaling))),
        ("time", truth.time.as_ref().map(|time| json!(time))),
    ];
    fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    fields.insert("value".into(), json!(truth.value));
    fields.insert("unit".into(), json!(truth.unit));
    if let Some(error) = truth.error {
        fields.insert("error".into(), json!(error));
    }
    Value::Object(fields)
}
