//! TLS between aircraft and ground: version 1.3 only, raw public keys both ways (RFC 7250), Ed25519, no names and no
//! certificates. Who a key belongs to is the trust list's to say, which the caller brings as a function.

use crate::keys::{DeviceKey, PublicKey, Signer as _};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, ServerConfig,
    SignatureAlgorithm, SignatureScheme,
};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Says whether a key may be on the other end.
pub type Accepts = Arc<dyn Fn(&PublicKey) -> bool + Send + Sync>;

/// Everything of a SubjectPublicKeyInfo of Ed25519 that stands before the 32 bytes of the key (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PROTOCOL: &[u8] = b"http/1.1";

/// The aircraft's side: presents `own`, demands a key that `accepts`. No session is resumed, so that each connection is
/// judged anew.
///
/// # Errors
/// When the cryptographic provider lacks TLS 1.3, which `ring` does not.
pub fn server(own: &DeviceKey, accepts: Accepts) -> Result<ServerConfig, Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(Peers { accepts }))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(presented(own))));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

/// The ground's side: presents `own`, demands a key that `accepts`, sends no name.
///
/// # Errors
/// As [`server`].
pub fn client(own: &DeviceKey, accepts: Accepts) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Peers { accepts }))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(presented(own))));
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

/// What to give where rustls asks for a server's name: there are no names here.
pub fn no_name() -> ServerName<'static> {
    ServerName::IpAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED).into())
}

/// The key the other end proved to hold; none before the handshake is done.
pub fn peer_key(presented: Option<&[CertificateDer<'_>]>) -> Option<PublicKey> {
    match presented {
        Some([one]) => key_of(one),
        _ => None,
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The raw public key in the place of a certificate.
fn presented(own: &DeviceKey) -> Arc<CertifiedKey> {
    let spki = [&SPKI_PREFIX[..], own.public().as_bytes()].concat();
    Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], Arc::new(Ed25519(own.clone()))))
}

fn key_of(spki: &[u8]) -> Option<PublicKey> {
    PublicKey::from_bytes(spki.strip_prefix(&SPKI_PREFIX)?.try_into().ok()?).ok()
}

/// Our key as rustls takes it: it signs here, so that the secret is copied nowhere.
struct Ed25519(DeviceKey);

impl fmt::Debug for Ed25519 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519({})", self.0.public())
    }
}

impl SigningKey for Ed25519 {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SignatureScheme::ED25519).then(|| Box::new(Self(self.0.clone())) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for Ed25519 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(message).to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// Judges the other end, whichever end that is.
struct Peers {
    accepts: Accepts,
}

impl fmt::Debug for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peers")
    }
}

impl Peers {
    fn judge(&self, spki: &[u8], others: usize) -> Result<(), Error> {
        let key = key_of(spki).filter(|_| others == 0).ok_or(CertificateError::BadEncoding)?;
        if (self.accepts)(&key) { Ok(()) } else { Err(CertificateError::ApplicationVerificationFailure.into()) }
    }

    /// The strict rule of this crate, not the provider's.
    fn verify(message: &[u8], spki: &[u8], signed: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        let signature: Option<&[u8; 64]> = signed.signature().try_into().ok();
        let holds = match (signed.scheme, key_of(spki), signature) {
            (SignatureScheme::ED25519, Some(key), Some(signature)) => key.verifies(message, signature),
            _ => false,
        };
        if holds { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
    }
}

/// What either verifier of rustls, of servers and of clients, wants to know about signatures, in the same words.
macro_rules! signatures_by_raw_keys {
    () => {
        fn verify_tls12_signature(
            &self,
            _message: &[u8],
            _cert: &CertificateDer<'_>,
            _signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            // Not spoken: the configurations above do not offer it.
            Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Self::verify(message, cert, signed)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }

        fn requires_raw_public_keys(&self) -> bool {
            true
        }
    };
}

impl ServerCertVerifier for Peers {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(end_entity, intermediates.len()).map(|()| ServerCertVerified::assertion())
    }

    signatures_by_raw_keys!();
}

impl ClientCertVerifier for Peers {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.judge(end_entity, intermediates.len()).map(|()| ClientCertVerified::assertion())
    }

    signatures_by_raw_keys!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{ClientConnection, ServerConnection};

    fn key(seed: u8) -> DeviceKey {
        DeviceKey::from_seed([seed; 32])
    }

    fn only(key: &DeviceKey) -> Accepts {
        let wanted = key.public();
        Arc::new(move |offered| *offered == wanted)
    }

    /// Carries bytes between the two ends until both are content or one refuses.
    fn shake(client: ClientConfig, server: ServerConfig) -> Result<(ClientConnection, ServerConnection), Error> {
        let mut client = ClientConnection::new(Arc::new(client), no_name())?;
        let mut server = ServerConnection::new(Arc::new(server))?;
        for _ in 0..10 {
            let mut wire = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut wire).unwrap();
            }
            server.read_tls(&mut &wire[..]).unwrap();
            server.process_new_packets()?;
            wire.clear();
            while server.wants_write() {
                server.write_tls(&mut wire).unwrap();
            }
            client.read_tls(&mut &wire[..]).unwrap();
            client.process_new_packets()?;
        }
        assert!(!client.is_handshaking() && !server.is_handshaking());
        Ok((client, server))
    }

    #[test]
    fn each_end_learns_the_others_key() {
        let (aircraft, station) = (key(1), key(2));
        let (client, server) =
            shake(client(&station, only(&aircraft)).unwrap(), server(&aircraft, only(&station)).unwrap()).unwrap();
        assert_eq!(peer_key(client.peer_certificates()), Some(aircraft.public()));
        assert_eq!(peer_key(server.peer_certificates()), Some(station.public()));
        assert_eq!(client.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        assert_eq!(server.alpn_protocol(), Some(PROTOCOL));
    }

    #[test]
    fn a_key_that_is_not_accepted_is_refused_by_either_end() {
        let (aircraft, station, other) = (key(1), key(2), key(3));
        for (client_key, server_key) in [(&other, &aircraft), (&station, &other)] {
            let refused =
                shake(client(client_key, only(&aircraft)).unwrap(), server(server_key, only(&station)).unwrap());
            let Err(error) = refused else { panic!("accepted") };
            let wanted = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
            assert_eq!(error, wanted);
        }
    }

    #[test]
    fn a_claimed_key_needs_its_secret() {
        let (aircraft, station, thief) = (key(1), key(2), key(3));
        let mut stolen = client(&thief, only(&aircraft)).unwrap();
        let spki = [&SPKI_PREFIX[..], station.public().as_bytes()].concat();
        let claimed = CertifiedKey::new(vec![CertificateDer::from(spki)], Arc::new(Ed25519(thief)));
        stolen.client_auth_cert_resolver = Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::new(claimed)));
        let Err(error) = shake(stolen, server(&aircraft, only(&station)).unwrap()) else { panic!("accepted") };
        assert_eq!(error, Error::InvalidCertificate(CertificateError::BadSignature));
    }

    #[test]
    fn a_client_without_a_key_is_refused() {
        let aircraft = key(1);
        let anonymous = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Peers { accepts: only(&aircraft) }))
            .with_no_client_auth();
        assert!(shake(anonymous, server(&aircraft, Arc::new(|_| true)).unwrap()).is_err());
    }

    #[test]
    fn only_the_one_form_of_a_key_is_read() {
        let spki = [&SPKI_PREFIX[..], key(1).public().as_bytes()].concat();
        assert_eq!(key_of(&spki), Some(key(1).public()));
        assert_eq!(key_of(&spki[..43]), None);
        assert_eq!(key_of(&[&spki[..], &[0]].concat()), None);
        assert_eq!(key_of(&[&SPKI_PREFIX[..], &[0; 32]].concat()), None, "a point of small order");
    }
}
