//! The contenders: our decoder, and the best crate for each protocol. Each looks at every value and keeps none.

use std::hint::black_box;

use dlms_cosem_rs::axdr::Data;
use dlms_cosem_rs::codec::Decode;
use dlms_cosem_rs::transport::hdlc::{Found, Framer};
use dlms_cosem_rs::xdlms::Apdu;
use m_bus_parser::WiredFrame;
use m_bus_parser::mbus_data::MbusData;
use metertap_decoder::stack::Stack;
use sml_rs::SmlReader;
use sml_rs::parser::complete::{File, MessageBody};

use crate::buffers::Buffer;

/// A name, and the function that decodes a buffer and counts the values found.
pub(crate) type Contender = (&'static str, fn(&Buffer) -> usize);

/// Our decoder, then the peers for that stack.
pub(crate) fn of(stack: Stack) -> Vec<Contender> {
    let ours: Contender = ("metertap", |buffer| metertap_bench::values(buffer.stack, &buffer.bytes));
    let theirs: &[Contender] = match stack.protocol().as_str() {
        "p1" => &[("dsmr5", dsmr5), ("dlms-cosem-rs", dlms_cosem_p1)],
        "dlms-hdlc" => &[("dlms-cosem-rs", dlms_cosem_hdlc)],
        "sml" => &[("sml-rs", sml_rs)],
        "mbus" => &[("m-bus-parser", m_bus_parser)],
        _ => &[],
    };
    [&[ours][..], theirs].concat()
}

/// The crate parses objects lazily, so every object is taken from its iterator.
fn dsmr5(buffer: &Buffer) -> usize {
    let bytes = buffer.bytes.iter().map(|byte| Ok::<u8, ()>(*byte));
    let mut values = 0;
    for readout in dsmr5::Reader::new(bytes) {
        let Ok(readout) = readout else { continue };
        let Ok(telegram) = readout.to_telegram() else { continue };
        values += telegram.objects().filter_map(Result::ok).map(black_box).count();
    }
    values
}

/// The crate parses lines lazily, so each is asked for its scaled value. The size of the window is the one that the
/// crate's documentation suggests.
fn dlms_cosem_p1(buffer: &Buffer) -> usize {
    use dlms_cosem_rs::transport::p1::{Found, TelegramReader};

    let mut reader = TelegramReader::default();
    let (mut at, mut values) = (0, 0);
    while at < buffer.bytes.len() {
        let window = &buffer.bytes[at..buffer.bytes.len().min(at + 4096)];
        match reader.next_telegram(window) {
            Ok(Found::Telegram { telegram, consumed }) => {
                at += consumed;
                values +=
                    telegram.lines().flatten().filter(|line| black_box(line.as_scaled()).is_some()).count();
            }
            _ => break,
        }
    }
    values
}

/// Decodes frames and counts their values. The crate does not combine the names, scalers and units of its objects.
fn dlms_cosem_hdlc(buffer: &Buffer) -> usize {
    let mut framer = Framer::new();
    let (mut at, mut values) = (0, 0);
    while let Ok(Found::Frame { frame, consumed }) = framer.next_frame(&buffer.bytes[at..]) {
        at += consumed;
        let apdu = frame.information.get(3..).and_then(|apdu| Apdu::from_bytes(apdu).ok());
        if let Some(Apdu::DataNotification(notification)) = apdu {
            values += leaves(&notification.body);
        }
    }
    values
}

fn leaves(data: &Data<'_>) -> usize {
    match data {
        Data::Array(items) | Data::Structure(items) => {
            items.iter().filter_map(Result::ok).map(|item| leaves(&item)).sum()
        }
        leaf => {
            black_box(leaf);
            1
        }
    }
}

fn sml_rs(buffer: &Buffer) -> usize {
    let mut reader = SmlReader::from_slice(&buffer.bytes);
    let mut values = 0;
    while let Some(file) = reader.next::<File<'_>>() {
        let Ok(file) = file else { continue };
        for message in &file.messages {
            if let MessageBody::GetListResponse(list) = &message.message_body {
                values += list.val_list.iter().map(black_box).count();
            }
        }
    }
    values
}

/// The crate decodes one frame at a time. It computes units lazily, so each record is asked for its units.
fn m_bus_parser(buffer: &Buffer) -> usize {
    let ends = buffer.starts.iter().skip(1).copied().chain([buffer.bytes.len()]);
    let mut values = 0;
    for (start, end) in buffer.starts.iter().zip(ends) {
        let Ok(parsed) = MbusData::<WiredFrame<'_>>::try_from(&buffer.bytes[*start..end]) else { continue };
        for record in parsed.data_records.into_iter().flatten().filter_map(Result::ok) {
            black_box(record.value());
            values += 1;
            if let Some(information) = record.value_information() {
                for unit in information.units() {
                    black_box(unit);
                }
            }
        }
    }
    values
}
