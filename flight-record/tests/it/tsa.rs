//! A time-stamping authority, made of `openssl` in a folder of the test: root, signer, answers.
#![allow(dead_code, reason = "shared by the tests of two crates, which use different parts")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Extended key usage as RFC 3161 §2.3 wants it.
pub(crate) const GOOD: &str = "extendedKeyUsage=critical,timeStamping";

pub(crate) struct Authority {
    dir: PathBuf,
}

#[track_caller]
fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(dir).args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

const CONFIG: &str = "\
[req]
prompt = no
distinguished_name = name
[name]
CN = replaced by -subj
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = plain
[plain]
database = index.txt
serial = ca.serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[tsa]
default_tsa = plain_tsa
[plain_tsa]
serial = tsa.serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
";

impl Authority {
    /// `key` as `openssl req -newkey` takes it: `rsa:2048`, or `ec` with the curve.
    pub(crate) fn new(dir: &Path, key: &str, usage: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        let extensions = format!(
            "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n{usage}\n"
        );
        for (name, text) in [
            ("config", CONFIG),
            ("extensions", &extensions),
            ("middle", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"),
            ("index.txt", ""),
            ("ca.serial", "01\n"),
            ("tsa.serial", "0A\n"),
        ] {
            fs::write(dir.join(name), text).unwrap();
        }
        openssl(
            dir,
            &format!(
                "req -x509 -config config -extensions root -newkey {key} -nodes -keyout root.key -out root.pem -days 7300 -subj /CN=Root"
            ),
        );
        openssl(dir, &format!("req -config config -newkey {key} -nodes -keyout tsa.key -out tsa.csr -subj /CN=Clock"));
        let authority = Self { dir: dir.to_owned() };
        authority.certify("tsa", "extensions", "root");
        authority
    }

    /// RSA with 2048 bits, everything as it should be.
    pub(crate) fn rsa(dir: &Path) -> Self {
        Self::new(dir, "rsa:2048", GOOD)
    }

    /// P-256, everything as it should be.
    pub(crate) fn p256(dir: &Path) -> Self {
        Self::new(dir, "ec -pkeyopt ec_paramgen_curve:P-256", GOOD)
    }

    /// `<name>.csr` to `<name>.pem`, valid from 2020 to 2040.
    fn certify(&self, name: &str, extensions: &str, issuer: &str) {
        let dates = "-startdate 20200101000000Z -enddate 20400101000000Z";
        openssl(
            &self.dir,
            &format!(
                "ca -batch -notext -config config -cert {issuer}.pem -keyfile {issuer}.key {dates} -extfile {extensions} -in {name}.csr -out {name}.pem"
            ),
        );
    }

    /// The same authority under an authority between it and the root, which travels in each token.
    pub(crate) fn with_middle(self, key: &str) -> Self {
        openssl(
            &self.dir,
            &format!("req -config config -newkey {key} -nodes -keyout middle.key -out middle.csr -subj /CN=Middle"),
        );
        self.certify("middle", "middle", "root");
        openssl(&self.dir, "req -config config -key tsa.key -new -out tsa.csr -subj /CN=Clock");
        fs::remove_file(self.path("tsa.pem")).unwrap();
        self.certify("tsa", "extensions", "middle");
        let config = fs::read_to_string(self.path("config")).unwrap();
        fs::write(self.path("config"), format!("{config}certs = middle.pem\n")).unwrap();
        self
    }

    /// A line more, or another, for `openssl ts`.
    pub(crate) fn configured(self, line: &str) -> Self {
        let config = fs::read_to_string(self.path("config")).unwrap();
        let name = line.split(' ').next().unwrap_or_default();
        let kept: String =
            config.lines().filter(|old| !old.starts_with(&format!("{name} ="))).map(|old| format!("{old}\n")).collect();
        fs::write(self.path("config"), format!("{kept}{line}\n")).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// PEM of the root.
    pub(crate) fn root(&self) -> Vec<u8> {
        fs::read(self.path("root.pem")).unwrap()
    }

    /// `openssl ts -reply`.
    pub(crate) fn reply(&self, query: &[u8]) -> Vec<u8> {
        fs::write(self.path("query.tsq"), query).unwrap();
        openssl(&self.dir, "ts -reply -config config -queryfile query.tsq -out reply.tsr");
        fs::read(self.path("reply.tsr")).unwrap()
    }

    /// `openssl ts -verify` of a response against the request.
    #[track_caller]
    pub(crate) fn verify(&self, query: &[u8], response: &[u8]) {
        fs::write(self.path("verify.tsq"), query).unwrap();
        fs::write(self.path("verify.tsr"), response).unwrap();
        openssl(&self.dir, "ts -verify -queryfile verify.tsq -in verify.tsr -CAfile root.pem");
    }

    /// A response whose token has any content, signed by `openssl cms` with these options besides.
    pub(crate) fn sign(&self, content: &[u8], options: &str) -> Vec<u8> {
        fs::write(self.path("content"), content).unwrap();
        let usual = "-binary -nodetach -nosmimecap -signer tsa.pem -inkey tsa.key -md sha256 -outform DER -in content -out token";
        openssl(&self.dir, &format!("cms -sign {usual} {options}"));
        response(&fs::read(self.path("token")).unwrap())
    }

    /// The token that stamps `imprint` at `gen_time` (`YYYYMMDDhhmmss[.f]Z`).
    pub(crate) fn stamp(&self, imprint: &[u8; 32], gen_time: &str) -> Vec<u8> {
        self.sign(&tst_info(imprint, gen_time), AS_TIME_STAMP)
    }
}

/// What makes a signature of `openssl cms` one over a time-stamp.
pub(crate) const AS_TIME_STAMP: &str = "-cades -econtent_type 1.2.840.113549.1.9.16.1.4";

/// DER of one value.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = match u16::try_from(content.len()).unwrap() {
        short @ 0..=127 => vec![u8::try_from(short).unwrap()],
        long @ 128..=255 => vec![0x81, u8::try_from(long).unwrap()],
        long => [&[0x82], &long.to_be_bytes()[..]].concat(),
    };
    [&[tag], &length[..], content].concat()
}

/// `granted`, and a token.
pub(crate) fn response(token: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(0x30, &tlv(2, &[0])), token].concat())
}

/// RFC 3161 §2.4.2, written by hand: version, policy 1.3.6.1.4.1.1, imprint, serial 7, time, accuracy 0.25 s.
pub(crate) fn tst_info(imprint: &[u8; 32], gen_time: &str) -> Vec<u8> {
    let sha256 = tlv(0x30, &tlv(6, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]));
    let accuracy = tlv(0x30, &tlv(0x80, &[0, 250]));
    let imprint = tlv(0x30, &[sha256, tlv(4, imprint)].concat());
    let parts =
        [tlv(2, &[1]), tlv(6, &[0x2B, 6, 1, 4, 1, 1]), imprint, tlv(2, &[7]), tlv(0x18, gen_time.as_bytes()), accuracy];
    tlv(0x30, &parts.concat())
}
