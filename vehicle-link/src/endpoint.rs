//! Where a link goes, as written in a configuration or on a command line.

use std::{fmt, str::FromStr};

/// One end of a link.
///
/// | text | meaning |
/// |---|---|
/// | `udpin:HOST:PORT`, `udpin:PORT` | listen; peers are those who send, each by its address |
/// | `udpout:HOST:PORT` | send there first; answers come back to the same socket |
/// | `tcpin:HOST:PORT`, `tcpin:PORT` | accept connections |
/// | `tcpout:HOST:PORT` | connect, and connect again when it breaks |
/// | `serial:PATH:BAUD` | a serial port, opened again when it goes away |
///
/// Without HOST, all addresses of the machine (`0.0.0.0`). An IPv6 host is written in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Listen for datagrams.
    UdpIn(Address),
    /// Send datagrams to one address.
    UdpOut(Address),
    /// Accept TCP connections.
    TcpIn(Address),
    /// Connect over TCP.
    TcpOut(Address),
    /// Serial port.
    Serial {
        /// Device file.
        path: String,
        /// Bits per second.
        baud: u32,
    },
}

/// A host (name or number) and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Name, IPv4 or IPv6 (without brackets).
    pub host: String,
    /// Port; 0 where the system shall choose.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UdpIn(address) => write!(f, "udpin:{address}"),
            Self::UdpOut(address) => write!(f, "udpout:{address}"),
            Self::TcpIn(address) => write!(f, "tcpin:{address}"),
            Self::TcpOut(address) => write!(f, "tcpout:{address}"),
            Self::Serial { path, baud } => write!(f, "serial:{path}:{baud}"),
        }
    }
}

/// Why a text is not an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an endpoint: {why}; write e.g. udpin:0.0.0.0:14550, udpout:10.0.0.2:14550, tcpin:5760, tcpout:HOST:5760 or serial:/dev/ttyAMA0:921600"
)]
pub struct EndpointError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        parse(text).map_err(|why| EndpointError { text: text.to_owned(), why })
    }
}

fn parse(text: &str) -> Result<Endpoint, &'static str> {
    let (kind, rest) = text.split_once(':').ok_or("it has no `:`")?;
    match kind {
        "udpin" => Ok(Endpoint::UdpIn(listen(rest)?)),
        "udpout" => Ok(Endpoint::UdpOut(remote(rest)?)),
        "tcpin" => Ok(Endpoint::TcpIn(listen(rest)?)),
        "tcpout" => Ok(Endpoint::TcpOut(remote(rest)?)),
        "serial" => {
            let (path, baud) = rest.rsplit_once(':').ok_or("the baud rate is missing")?;
            let baud = baud.parse().map_err(|_| "the baud rate is not a whole number")?;
            match (path, baud) {
                ("", _) => Err("the device path is empty"),
                (_, 0) => Err("the baud rate is 0"),
                _ => Ok(Endpoint::Serial { path: path.to_owned(), baud }),
            }
        }
        _ => Err("the kind is none of udpin, udpout, tcpin, tcpout, serial"),
    }
}

fn listen(text: &str) -> Result<Address, &'static str> {
    match text.rsplit_once(':') {
        Some((host, port)) => address(host, port),
        None => address("0.0.0.0", text),
    }
}

fn remote(text: &str) -> Result<Address, &'static str> {
    let (host, port) = text.rsplit_once(':').ok_or("it needs a host and a port")?;
    match address(host, port)? {
        Address { port: 0, .. } => Err("port 0 cannot be sent to"),
        address => Ok(address),
    }
}

fn address(host: &str, port: &str) -> Result<Address, &'static str> {
    let port = port.parse().map_err(|_| "the port is not a number from 0 to 65535")?;
    let bare = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or("the bracket is not closed")?,
        None if host.contains(':') => return Err("an IPv6 host goes in brackets"),
        None => host,
    };
    if bare.is_empty() {
        return Err("the host is empty");
    }
    Ok(Address { host: bare.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in [
            "udpin:0.0.0.0:14550",
            "udpout:ground.example:14550",
            "tcpin:[::1]:5760",
            "tcpout:127.0.0.1:5760",
            "serial:/dev/ttyAMA0:921600",
            "serial:/dev/serial/by-id/usb:1:57600",
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        let all = "tcpin:5760".parse::<Endpoint>().unwrap();
        assert_eq!(all.to_string(), "tcpin:0.0.0.0:5760");
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, why) in [
            ("", "it has no `:`"),
            ("udp:1.2.3.4:1", "the kind is none of udpin, udpout, tcpin, tcpout, serial"),
            ("udpout:14550", "it needs a host and a port"),
            ("udpout:1.2.3.4:0", "port 0 cannot be sent to"),
            ("tcpin::5760", "the host is empty"),
            ("tcpout:::1:5760", "an IPv6 host goes in brackets"),
            ("tcpout:[::1:5760", "the bracket is not closed"),
            ("udpin:0.0.0.0:70000", "the port is not a number from 0 to 65535"),
            ("serial:/dev/ttyS0", "the baud rate is missing"),
            ("serial::57600", "the device path is empty"),
            ("serial:/dev/ttyS0:0", "the baud rate is 0"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert_eq!((error.why, error.text.as_str()), (why, text));
        }
    }
}
