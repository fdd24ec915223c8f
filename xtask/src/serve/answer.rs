//! Answers requests.

use std::{
    io::{self, Write},
    net::TcpStream,
    sync::atomic::AtomicBool,
};

use super::{
    Served,
    file::{File, HTML},
    line::PACKET,
    reload,
    request::{LONGEST_WAIT, Request},
};

pub(super) fn answer(mut stream: TcpStream, served: &Served, stopped: &AtomicBool) -> io::Result<()> {
    let Served { folder, host, .. } = served;
    // A browser that reads nothing for this long has gone away.
    stream.set_write_timeout(Some(LONGEST_WAIT))?;
    let Some(request) = Request::read(&mut stream, stopped)? else { return Ok(()) };
    if let Some(pace) = &served.pace {
        pace.wait();
    }
    if !matches!(request.method(), "GET" | "HEAD") {
        return say(&mut stream, "405 Method Not Allowed", TEXT, "Only GET and HEAD are answered here.\n");
    }
    if let Some(builds) = &host.builds {
        match request.target() {
            reload::STREAM => return reload::stream(&mut stream, folder, builds, stopped),
            reload::SCRIPT => return say(&mut stream, "200 OK", SCRIPT, reload::PROGRAM),
            reload::SERVICE_WORKER => return say(&mut stream, "404 Not Found", TEXT, "None here.\n"),
            _ => {}
        }
    }
    match File::find(folder, request.target()) {
        Some(mut file) => {
            if host.builds.is_some() && file.kind == HTML {
                file = file.with(|html| reload::into_page(html, folder));
            }
            send(&mut stream, &request, &file, served)
        }
        None if host.builds.is_some() && request.target() == "/" => {
            let page = reload::into_page(reload::NO_PAGE.as_bytes(), folder);
            say(&mut stream, "200 OK", HTML, &String::from_utf8_lossy(&page))
        }
        None => say(&mut stream, "404 Not Found", TEXT, "There is no such file in this build.\n"),
    }
}

/// Sends a file, or the answer that the browser already has it.
fn send(stream: &mut TcpStream, request: &Request, file: &File, served: &Served) -> io::Result<()> {
    let Served { host, account, .. } = served;
    let coding = file.coding(request);
    let tag = file.tag(coding);
    let known = host.validators && request.knows(&tag);
    let mut head = format!("HTTP/1.1 {}\r\n", if known { "304 Not Modified" } else { "200 OK" });
    if host.validators {
        head += &format!("Cache-Control: {}\r\nETag: {tag}\r\n", file.cache);
    }
    head += "Connection: close\r\n";
    if file.packs() {
        head += "Vary: Accept-Encoding\r\n";
    }
    for (name, value) in host.headers.of(file.kind) {
        head += &format!("{name}: {value}\r\n");
    }
    if known {
        stream.write_all((head + "\r\n").as_bytes())?;
        return stream.flush();
    }
    if let Some(coding) = coding {
        head += &format!("Content-Encoding: {coding}\r\n");
    }
    let body = file.coded(coding);
    head += &format!("Content-Type: {}\r\nContent-Length: {}\r\n\r\n", file.kind, body.len());
    stream.write_all(head.as_bytes())?;
    if request.method() == "GET" {
        let answer = account.begin(request.target());
        let packets = if served.pace.is_some() { PACKET } else { usize::MAX };
        for packet in body.chunks(packets) {
            match &served.pace {
                Some(pace) => pace.send(stream, packet)?,
                None => stream.write_all(packet)?,
            }
            account.enter(answer, packet.len());
        }
    }
    stream.flush()
}

/// Sends a short text that is not a file and must not be cached.
fn say(stream: &mut TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len())?;
    write!(stream, "Cache-Control: no-store\r\nConnection: close\r\n\r\n{body}")?;
    stream.flush()
}

const TEXT: &str = "text/plain; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
