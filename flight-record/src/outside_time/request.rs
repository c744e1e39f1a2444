//! Asking: the request that goes to an authority, and what of its answer is kept.

use super::asn1::{MessageImprint, PkiStatusInfo, TimeStampReq, TimeStampResp};
use super::{GRANTED, MAX_TOKEN_BYTES, SHA_256, Token, TokenError, not_granted};
use crate::digest::Sha256;
use der::asn1::{Null, OctetString};
use der::{Any, Decode as _, Encode as _};
use x509_cert::spki::AlgorithmIdentifierOwned;

/// A request for a token over one imprint.
pub struct Request {
    imprint: Sha256,
    nonce: u64,
}

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is no good token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is over something else.
    #[error("the authority stamped something else than what was sent")]
    OtherImprint,
    /// The token answers another request.
    #[error("the authority answered another request: its nonce is not the one sent")]
    OtherNonce,
}

impl Request {
    /// A request; `nonce` is random and used once.
    pub fn new(imprint: Sha256, nonce: u64) -> Self {
        Self { imprint, nonce }
    }

    /// What is sent: `TimeStampReq` in DER, asking for the certificate too.
    ///
    /// # Errors
    /// Never in practice: a digest and a number have a DER form.
    pub fn der(&self) -> Result<Vec<u8>, TokenError> {
        let null = Any::encode_from(&Null)?;
        let message_imprint = MessageImprint {
            hash_algorithm: AlgorithmIdentifierOwned { oid: SHA_256, parameters: Some(null) },
            hashed_message: OctetString::new(self.imprint.0)?,
        };
        Ok(TimeStampReq { version: 1, message_imprint, nonce: self.nonce, cert_req: true }.to_der()?)
    }

    /// Checks the answer; gives it in the form in which it is kept, and the token in it.
    ///
    /// # Errors
    /// When the authority refused, the answer is no good token, or is one for another request.
    pub fn answered(&self, reply: &[u8]) -> Result<(Vec<u8>, Token), Refused> {
        if reply.len() as u64 > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong.into());
        }
        let response = TimeStampResp::from_der(reply).map_err(TokenError::from)?;
        if response.status.status != GRANTED {
            return Err(not_granted(&response).into());
        }
        let status = PkiStatusInfo { status: GRANTED, status_string: None, fail_info: None };
        let kept = TimeStampResp { status, token: response.token }.to_der().map_err(TokenError::from)?;
        let token = Token::open(&kept)?;
        if token.imprint != self.imprint {
            return Err(Refused::OtherImprint);
        }
        if token.nonce != Some(self.nonce.to_der().map_err(TokenError::from)?) {
            return Err(Refused::OtherNonce);
        }
        Ok((kept, token))
    }
}
