//! What is answered to a request.

use std::{
    io::{self, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    Served,
    file::{File, HTML},
    reload,
    request::{LONGEST_WAIT, Request},
};

/// Reads a request and answers it.
pub(super) fn answer(mut stream: TcpStream, served: &Served, stopped: &AtomicBool) -> io::Result<()> {
    let Served { folder, host, .. } = served;
    // Whoever reads nothing for so long has gone.
    stream.set_write_timeout(Some(LONGEST_WAIT))?;
    let Some(request) = Request::read(&mut stream, stopped)? else { return Ok(()) };
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

/// A file, or that the browser has it.
fn send(stream: &mut TcpStream, request: &Request, file: &File, served: &Served) -> io::Result<()> {
    let packed = file.packs() && request.takes_gzip();
    let tag = file.tag(packed);
    let known = request.knows(&tag);
    write!(stream, "HTTP/1.1 {}\r\n", if known { "304 Not Modified" } else { "200 OK" })?;
    write!(stream, "Cache-Control: {}\r\nETag: {tag}\r\nConnection: close\r\n", file.cache)?;
    if file.packs() {
        write!(stream, "Vary: Accept-Encoding\r\n")?;
    }
    for (name, value) in served.host.headers.of(file.kind) {
        write!(stream, "{name}: {value}\r\n")?;
    }
    if known {
        stream.write_all(b"\r\n")?;
        return stream.flush();
    }
    let gzip = packed.then(|| file.packed());
    let body = gzip.as_ref().map_or(&file.body, |gzip| gzip);
    if packed {
        write!(stream, "Content-Encoding: gzip\r\n")?;
    }
    write!(stream, "Content-Type: {}\r\nContent-Length: {}\r\n\r\n", file.kind, body.len())?;
    if request.method() == "GET" {
        stream.write_all(body)?;
        served.sent.fetch_add(body.len() as u64, Ordering::Relaxed);
    }
    stream.flush()
}

/// A short answer that is no file and is not kept.
fn say(stream: &mut TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len())?;
    write!(stream, "Cache-Control: no-store\r\nConnection: close\r\n\r\n{body}")?;
    stream.flush()
}

const TEXT: &str = "text/plain; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
