//! The signature of a token: CMS SignedData (RFC 5652 §5) with one signer, whose certificate is named by what is signed.

use super::TokenError;
use super::asn1::{SigningCertificate, SigningCertificateV2};
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedAttributes, SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, Decode as _, Encode as _, Tag, Tagged as _};
use ring::digest;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::EndEntityCert;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;

/// Most certificates in a token.
const MAX_CERTIFICATES: usize = 16;

const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const ID_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const ID_CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const ID_MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const ID_SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const ID_SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const ID_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ID_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const ID_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// What a signature that holds is over, and whose it is.
pub(super) struct Signed {
    /// DER of a TSTInfo, if the signer kept to what it says.
    pub(super) content: Vec<u8>,
    pub(super) signer: Certificate,
    /// The other certificates, DER.
    pub(super) others: Vec<Vec<u8>>,
}

/// Checks the signature of a token.
///
/// # Errors
/// The first rule that is broken.
pub(super) fn open(token: &[u8]) -> Result<Signed, TokenError> {
    let envelope = ContentInfo::from_der(token)?;
    if envelope.content_type != ID_SIGNED_DATA {
        return Err(TokenError::Rule("the token is not signed data"));
    }
    let data: SignedData = envelope.content.decode_as()?;
    let content = octets(&data)?;
    let [signer] = data.signer_infos.0.as_slice() else {
        return Err(TokenError::Rule("the token does not have exactly one signer"));
    };
    let [digest_algorithm] = data.digest_algorithms.as_slice() else {
        return Err(TokenError::Rule("the token does not have exactly one digest algorithm"));
    };
    if *digest_algorithm != signer.digest_alg || data.version != cms::content_info::CmsVersion::V3 {
        return Err(TokenError::Rule("the token does not announce what its signer used"));
    }
    let certificates = certificates(&data)?;
    let at = certificates.iter().position(|certificate| is_of(signer, certificate));
    let at = at.ok_or(TokenError::Rule("the signer's certificate is not in the token"))?;
    let attributes = signer.signed_attrs.as_ref().ok_or(TokenError::Rule("nothing names what was signed"))?;
    check_attributes(attributes, signer, &content, &certificates[at].to_der()?)?;
    check_signature(signer, &attributes.to_der()?, &certificates[at].to_der()?)?;
    let others = certificates.iter().enumerate().filter(|(number, _)| *number != at);
    let others = others.map(|(_, certificate)| certificate.to_der()).collect::<Result<_, _>>()?;
    Ok(Signed { content, signer: certificates[at].clone(), others })
}

/// The content: an OCTET STRING with a TSTInfo.
fn octets(data: &SignedData) -> Result<Vec<u8>, TokenError> {
    let content = &data.encap_content_info;
    if content.econtent_type != ID_TST_INFO {
        return Err(TokenError::Rule("what is signed is not a time-stamp"));
    }
    let content = content.econtent.as_ref().ok_or(TokenError::Rule("what was signed is not in the token"))?;
    Ok(content.decode_as::<OctetString>()?.into_bytes())
}

fn certificates(data: &SignedData) -> Result<Vec<Certificate>, TokenError> {
    let all = data.certificates.iter().flat_map(|set| set.0.iter());
    let plain = |choice: &CertificateChoices| match choice {
        CertificateChoices::Certificate(certificate) => Ok(certificate.clone()),
        CertificateChoices::Other(_) => Err(TokenError::Form("it carries something else than certificates")),
    };
    let found = all.take(MAX_CERTIFICATES + 1).map(plain).collect::<Result<Vec<_>, _>>()?;
    if found.len() > MAX_CERTIFICATES { Err(TokenError::Form("it carries too many certificates")) } else { Ok(found) }
}

/// RFC 5652 §5.3: a signer is named by issuer and serial (version 1) or by its key's identifier (version 3).
fn is_of(signer: &SignerInfo, certificate: &Certificate) -> bool {
    use cms::content_info::CmsVersion;
    let facts = &certificate.tbs_certificate;
    match (&signer.sid, signer.version) {
        (SignerIdentifier::IssuerAndSerialNumber(named), CmsVersion::V1) => {
            named.issuer == facts.issuer && named.serial_number == facts.serial_number
        }
        (SignerIdentifier::SubjectKeyIdentifier(named), CmsVersion::V3) => {
            matches!(facts.get::<SubjectKeyIdentifier>(), Ok(Some((_, held))) if held == *named)
        }
        _ => false,
    }
}

/// The one value of an attribute that stands there once.
fn attribute(attributes: &SignedAttributes, id: ObjectIdentifier) -> Result<Option<&Any>, TokenError> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == id);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(attribute), None) if attribute.values.len() == 1 => Ok(attribute.values.get(0)),
        _ => Err(TokenError::Rule("a signed attribute stands there twice")),
    }
}

/// RFC 3161 §2.4.2, RFC 5652 §11, RFC 5816: content type, digest of the content, and which certificate signs.
fn check_attributes(
    attributes: &SignedAttributes,
    signer: &SignerInfo,
    content: &[u8],
    certificate: &[u8],
) -> Result<(), TokenError> {
    let content_type = attribute(attributes, ID_CONTENT_TYPE)?.map(Any::decode_as::<ObjectIdentifier>).transpose()?;
    if content_type != Some(ID_TST_INFO) {
        return Err(TokenError::Rule("the signature does not say that it is over a time-stamp"));
    }
    let signed = attribute(attributes, ID_MESSAGE_DIGEST)?.map(Any::decode_as::<OctetString>).transpose()?;
    let digest = digest::digest(digest_of(&signer.digest_alg)?, content);
    if signed.as_ref().map(OctetString::as_bytes) != Some(digest.as_ref()) {
        return Err(TokenError::Rule("the signature is over another time-stamp"));
    }
    let v1 = attribute(attributes, ID_SIGNING_CERTIFICATE)?.map(Any::decode_as::<SigningCertificate>).transpose()?;
    let v2 = attribute(attributes, ID_SIGNING_CERTIFICATE_V2)?.map(Any::decode_as::<SigningCertificateV2>);
    let v2 = v2.transpose()?;
    if v1.is_none() && v2.is_none() {
        return Err(TokenError::Rule("the signature does not name the certificate it was made under"));
    }
    let names = |algorithm, hash: &OctetString| digest::digest(algorithm, certificate).as_ref() == hash.as_bytes();
    let mut named = true;
    if let Some(v1) = v1 {
        named &= v1.certs.first().is_some_and(|id| names(&digest::SHA1_FOR_LEGACY_USE_ONLY, &id.cert_hash));
    }
    if let Some(v2) = v2 {
        let first = v2.certs.first().ok_or(TokenError::Form("it names no certificate"))?;
        let algorithm = first.hash_algorithm.as_ref().map_or(Ok(&digest::SHA256), digest_of)?;
        named &= names(algorithm, &first.cert_hash);
    }
    if named { Ok(()) } else { Err(TokenError::Rule("the signature was made under another certificate")) }
}

/// SHA-2 with parameters absent or NULL (RFC 5754 §2).
fn digest_of(algorithm: &AlgorithmIdentifierOwned) -> Result<&'static digest::Algorithm, TokenError> {
    if !is_bare(algorithm) {
        return Err(TokenError::Form("a digest algorithm has no parameters"));
    }
    match algorithm.oid {
        super::SHA_256 => Ok(&digest::SHA256),
        ID_SHA_384 => Ok(&digest::SHA384),
        ID_SHA_512 => Ok(&digest::SHA512),
        other => Err(TokenError::Unsupported(other.to_string())),
    }
}

fn is_bare(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.parameters.as_ref().is_none_or(|any| any.tag() == Tag::Null && any.value().is_empty())
}

fn check_signature(signer: &SignerInfo, message: &[u8], certificate: &[u8]) -> Result<(), TokenError> {
    let certificate = CertificateDer::from(certificate);
    let certificate = EndEntityCert::try_from(&certificate)
        .map_err(|_| TokenError::Form("the signer's certificate is not one of version 3"))?;
    for algorithm in algorithms(signer)? {
        match certificate.verify_signature(algorithm, message, signer.signature.as_bytes()) {
            Ok(()) => return Ok(()),
            // The algorithm is for another kind of key.
            Err(webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
            Err(_) => return Err(TokenError::Signature),
        }
    }
    Err(TokenError::Unsupported(signer.signature_algorithm.oid.to_string()))
}

/// What may verify the signature: PKCS #1 under its bare name goes by the digest (RFC 3370 §3.2), every other by its own.
fn algorithms(signer: &SignerInfo) -> Result<Vec<&'static dyn SignatureVerificationAlgorithm>, TokenError> {
    let named = &signer.signature_algorithm;
    if named.oid == ID_RSA {
        if !is_bare(named) {
            return Err(TokenError::Form("RSA has no parameters"));
        }
        return Ok(vec![match digest_of(&signer.digest_alg)? {
            of if of == &digest::SHA256 => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
            of if of == &digest::SHA384 => webpki::ring::RSA_PKCS1_2048_8192_SHA384,
            _ => webpki::ring::RSA_PKCS1_2048_8192_SHA512,
        }]);
    }
    let named = Any::encode_from(named)?;
    let known = webpki::ALL_VERIFICATION_ALGS.iter().copied();
    Ok(known.filter(|algorithm| algorithm.signature_alg_id().as_ref() == named.value()).collect())
}
