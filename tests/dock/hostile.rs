//! A listed station that turns hostile, and a crowd that is not listed: bounded and refused.

use std::fs;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::time::Duration;

use flight_record::dock::tls;
use rustls::{ClientConnection, StreamOwned};

use crate::berth::{Berth, key};
use crate::network::Serving;

type Wire = StreamOwned<ClientConnection, TcpStream>;

fn connected(address: SocketAddr) -> Wire {
    let config = tls::client(&key(6), Arc::new(|_| true)).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), tls::no_name()).unwrap(), stream)
}

/// Status and body of the answer to raw bytes.
fn answer(address: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut wire = connected(address);
    // The other end may have hung up before all of it was sent.
    let _ = wire.write_all(request);
    let _ = wire.flush();
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    // A cut without TLS's own goodbye is an end too.
    while let Ok(read @ 1..) = wire.read(&mut buffer) {
        text.extend_from_slice(&buffer[..read]);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    (status, text)
}

fn get(address: SocketAddr, target: &str, more: &str) -> (u16, String) {
    answer(address, format!("GET {target} HTTP/1.1\r\nHost: dock\r\nConnection: close\r\n{more}\r\n").as_bytes())
}

#[test]
fn no_path_leads_outside_the_flight() {
    let berth = Berth::new();
    fs::write(berth.temp.path().join("secret"), b"SECRET").unwrap();
    symlink(berth.temp.path().join("secret"), berth.flight_dir().join("documents/link")).unwrap();
    symlink(berth.temp.path(), berth.flight_dir().join("torn")).unwrap();
    fs::create_dir(berth.flight_dir().join("stills")).unwrap();
    let serving = Serving::start(&berth);
    let flight = berth.flight;
    for path in [
        "../../secret",
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/secret",
        "%252e%252e/secret",
        "/etc/passwd",
        "//etc/passwd",
        "documents/../../../secret",
        "documents/./link",
        "documents/link",
        "documents%00/link",
        "torn/secret",
        "stills",
        "stills/",
        "documents",
        ".",
        "..",
        "",
        "a/b/c/d",
        &"x".repeat(4000),
    ] {
        let (status, text) = get(serving.address, &format!("/v1/flights/{flight}/file?path={path}"), "");
        assert!(matches!(status, 400 | 404), "{path}: {text}");
        assert!(!text.contains("SECRET"), "{path}");
    }
    for target in [
        "/v1/flights/../device-log/records",
        "/v1/flights/..%2fdock",
        "/v1/flights/..%2f..%2fkeys/file?path=x",
        "/v1/device-log/..%2f..%2fsecret",
        "/v1/device-log/keys",
        "/etc/passwd",
        "/",
    ] {
        let (status, text) = get(serving.address, target, "");
        assert!(matches!(status, 400 | 404), "{target}: {text}");
    }
    let listed = get(serving.address, &format!("/v1/flights/{flight}/others"), "").1;
    assert!(listed.contains("documents/link") && listed.contains("torn"), "what is odd is said: {listed}");
}

#[test]
fn ranges_methods_and_bodies_are_bounded() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let file = format!("/v1/flights/{}/file?path=records.jsonl", berth.flight);
    let ranged = |range: &str| get(serving.address, &file, &format!("Range: {range}\r\n")).0;
    assert_eq!(ranged("bytes=0-"), 206);
    assert_eq!(ranged("bytes=18446744073709551615-"), 416);
    assert_eq!(ranged("bytes=99999999999-"), 416);
    for odd in ["bytes=0-1,2-3,4-5", "bytes=-1", "bytes=99999999999999999999999-", "pages=1-", "bytes=9-3x"] {
        assert_eq!(ranged(odd), 400, "{odd}");
    }
    let mut many = String::new();
    (0..200).for_each(|number| many.push_str(&format!("X-{number}: 1\r\n")));
    assert!(matches!(get(serving.address, "/v1/device", &many).0, 400 | 431));
    assert!(matches!(get(serving.address, "/v1/device", &format!("X: {}\r\n", "x".repeat(100_000))).0, 0 | 400 | 431));
    let erase = format!("/v1/flights/{}/erase", berth.flight);
    let post = |length: u64, body: &[u8]| {
        let head =
            format!("POST {erase} HTTP/1.1\r\nHost: dock\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        answer(serving.address, &[head.as_bytes(), body].concat())
    };
    assert_eq!(post(1 << 40, b"").0, 413, "refused by what it announces");
    let (status, text) = post(5, b"order");
    assert!(status == 409 && text.contains("error"), "{text}");
    assert_eq!(answer(serving.address, b"DELETE /v1/flights HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n").0, 405);
    assert!(matches!(answer(serving.address, b"\x16\x03\x01 nonsense\r\n\r\n").0, 0 | 400));
    assert!(berth.flight_dir().join("records.jsonl").exists());
}

#[test]
fn whoever_dribbles_or_says_nothing_is_let_go_and_a_crowd_keeps_nobody_out_for_long() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    // A thousand that never say who they are; most are let go at once, the rest after the handshake's time.
    let crowd: Vec<TcpStream> = (0..1000).filter_map(|_| TcpStream::connect(serving.address).ok()).collect();
    assert!(crowd.len() > 900, "{}", crowd.len());
    // Four listed ones that hold every place and never finish what they ask for. They get in once the crowd is gone.
    let slow: Vec<Wire> = (0..4).map(|_| dribbling(serving.address)).collect();
    let (status, _) = get(serving.address, "/v1/device", "");
    assert_eq!(status, 0, "every place is taken");
    // Their time runs out, however the bytes come.
    for mut wire in slow {
        let _ = wire.write_all(b"o");
        let mut rest = Vec::new();
        let _ = wire.read_to_end(&mut rest);
        assert!(!String::from_utf8_lossy(&rest).contains(" 200 "));
    }
    assert_eq!(get(serving.address, "/v1/device", "").0, 200);
    for mut stranger in crowd {
        stranger.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let ended = stranger.read(&mut [0; 16]);
        assert!(matches!(ended, Ok(0)) || ended.is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock));
    }
}

/// A connection that has sent the beginning of a request, as soon as one is to be had.
fn dribbling(address: SocketAddr) -> Wire {
    let until_ns = onboard::clock::mono_ns() + 30_000_000_000;
    while onboard::clock::mono_ns() < until_ns {
        let mut wire = connected(address);
        let sent = wire.write_all(b"GET /v1/dev").and_then(|()| wire.flush());
        // Let in, if it is not hung up on: the next byte does not come, and no end either.
        wire.sock.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let waiting = wire
            .read(&mut [0; 1])
            .is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        if sent.is_ok() && waiting {
            wire.sock.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            return wire;
        }
    }
    panic!("no place came free")
}
