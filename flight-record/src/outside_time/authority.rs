//! Who signed a token: a certificate for time-stamping and nothing else, and the roots that a reader brings.

use super::TokenError;
use crate::digest::Sha256;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{self, ExtendedKeyUsage, KeyUsages};

/// id-kp-timeStamping (RFC 5280 §4.2.1.12), in full and as the bytes of the identifier.
const TIME_STAMPING: der::asn1::ObjectIdentifier = der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const TIME_STAMPING_DER: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
/// Most roots that a reader brings.
const MAX_ROOTS: usize = 64;

/// Roots of time-stamping authorities that the reader trusts.
#[derive(Clone, Debug, Default)]
pub struct Roots(Vec<CertificateDer<'static>>);

/// Why a file of roots cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It is not PEM.
    #[error("not certificates in PEM (-----BEGIN CERTIFICATE-----)")]
    NotPem(#[source] rustls_pki_types::pem::Error),
    /// A certificate in it cannot be a root.
    #[error("certificate {number} is none that a chain can end at")]
    NoRoot {
        /// Which, from 1.
        number: usize,
        /// Why.
        source: webpki::Error,
    },
    /// There is none, or there are too many.
    #[error("there are {found} certificates in it; a file of roots has 1 to {MAX_ROOTS}")]
    Count {
        /// How many.
        found: usize,
    },
}

impl Roots {
    /// Adds the certificates of a PEM file; what stands between them is passed over.
    ///
    /// # Errors
    /// When one does not read, there is none, or there are more than 64.
    pub fn add_pem(&mut self, pem: &[u8]) -> Result<(), RootsError> {
        let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
            .take(MAX_ROOTS + 1)
            .collect::<Result<_, _>>()
            .map_err(RootsError::NotPem)?;
        if found.is_empty() || found.len() > MAX_ROOTS {
            return Err(RootsError::Count { found: found.len() });
        }
        for (number, root) in (1..).zip(&found) {
            anchor_from_trusted_cert(root).map_err(|source| RootsError::NoRoot { number, source })?;
        }
        self.0.extend(found);
        Ok(())
    }

    /// Whether the reader brought none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// RFC 3161 §2.3: one extended key usage, critical, for time-stamping; and valid when it signed.
pub(super) fn check(signer: &Certificate, at_utc_us: i64) -> Result<(), TokenError> {
    let facts = &signer.tbs_certificate;
    let usage = facts.get::<ExtendedKeyUsage>()?;
    match usage {
        Some((true, usage)) if usage.0 == [TIME_STAMPING] => {}
        Some((false, usage)) if usage.0 == [TIME_STAMPING] => {
            return Err(TokenError::Rule("the signer's certificate does not make its time-stamping usage critical"));
        }
        Some(_) | None => return Err(TokenError::Rule("the signer's certificate is not for time-stamping alone")),
    }
    if let Some((_, usage)) = facts.get::<pkix::KeyUsage>()? {
        let may_sign = usage.0.contains(KeyUsages::DigitalSignature) || usage.0.contains(KeyUsages::NonRepudiation);
        if !may_sign {
            return Err(TokenError::Rule("the signer's certificate is not for signing"));
        }
    }
    let instant =
        |time: x509_cert::time::Time| i128::try_from(time.to_unix_duration().as_micros()).unwrap_or(i128::MAX);
    let (from, until) = (instant(facts.validity.not_before), instant(facts.validity.not_after));
    // The last second counts whole, as the certificate says it.
    if i128::from(at_utc_us) < from || i128::from(at_utc_us) >= until + 1_000_000 {
        return Err(TokenError::Rule("the signer's certificate was not valid at the time of the token"));
    }
    Ok(())
}

/// The first root with a chain to the signer, the first of `certificates`.
pub(super) fn root(certificates: &[Vec<u8>], at_utc_us: i64, roots: &Roots) -> Result<Sha256, String> {
    let all: Vec<_> = certificates.iter().map(|bytes| CertificateDer::from(bytes.as_slice())).collect();
    let (Some((signer, others)), Ok(at_us)) = (all.split_first(), u64::try_from(at_utc_us)) else {
        return Err("it is dated before 1970".to_owned());
    };
    if roots.is_empty() {
        return Err("no root of an authority was brought (--tsa-root)".to_owned());
    }
    let signer = EndEntityCert::try_from(signer).map_err(|error| error.to_string())?;
    let at = UnixTime::since_unix_epoch(Duration::from_micros(at_us));
    let mut why = String::new();
    for root in &roots.0 {
        let Ok(anchor) = anchor_from_trusted_cert(root) else { continue };
        let usage = KeyUsage::required_if_present(TIME_STAMPING_DER);
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        match signer.verify_for_usage(algorithms, &[anchor], others, at, usage, None, None) {
            Ok(_) => return Ok(Sha256::of(root)),
            Err(error) => why = error.to_string(),
        }
    }
    Err(format!("its signer has no chain to a root that was brought: {why}"))
}
