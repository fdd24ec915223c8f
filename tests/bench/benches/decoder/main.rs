//! Measures the decoder and its peers with the same buffers, in turn, so that a busy machine slows all of them alike.
//!
//! Prints a line for each buffer and contender: buffer, telegrams, bytes, contender, median nanoseconds for the whole
//! buffer, ratio, and values found. The ratio is the median of the contender's time divided by ours in the same round,
//! in thousandths. A contender that finds no values has no line.
//!
//! `--buffers FOLDER` writes the buffers to that folder for the wasm part.

use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs, io};

use buffers::Buffer;

mod buffers;
mod contenders;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip_while(|argument| argument != "--buffers");
    let folder = arguments.nth(1).map(PathBuf::from);
    for buffer in buffers::all()? {
        if let Some(folder) = &folder {
            leave(&buffer, folder)?;
        }
        measure(&buffer);
    }
    Ok(())
}

fn leave(buffer: &Buffer, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let name = format!("{}\t{}.bin", buffer.name, buffer.stack.protocol());
    fs::write(folder.join(name.replace('\t', "=")), &buffer.bytes)
}

fn measure(buffer: &Buffer) {
    let contenders = contenders::of(buffer.stack);
    let mut found = vec![0; contenders.len()];
    let mut rounds = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for ((_, read), (values, times)) in contenders.iter().zip(found.iter_mut().zip(&mut rounds)) {
            let begun = Instant::now();
            *values = read(buffer);
            times.push(begun.elapsed().as_nanos());
        }
    }
    for ((name, _), (values, times)) in contenders.iter().zip(found.iter().zip(&rounds)) {
        // Not every contender decodes every meter.
        if *values == 0 {
            continue;
        }
        // Their time in thousandths of ours. The first contender is our decoder.
        let ratios = times.iter().zip(&rounds[0]).map(|(theirs, ours)| theirs * 1000 / ours.max(&1));
        println!(
            "{}\t{}\t{}\t{name}\t{}\t{}\t{values}",
            buffer.name,
            buffer.telegrams,
            buffer.bytes.len(),
            median(times.iter().copied()),
            median(ratios)
        );
    }
}

fn median(numbers: impl Iterator<Item = u128>) -> u128 {
    let mut numbers: Vec<u128> = numbers.collect();
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

const ROUNDS: usize = 301;
