use super::*;
use crate::digest::hex32;
use crate::keys::DeviceKey;

const SCOPE: LiveScope = LiveScope { about: [7; 16], boot: [1; 6] };

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn fresh() -> (Ephemeral, LiveOffer) {
    offer(SCOPE, 1_700_000_000, &key(2)).unwrap()
}

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn both_sides_and_nobody_else_have_the_keys() {
    let (own, made) = fresh();
    let (answered, aircraft) = answer(&made, &key(1)).unwrap().unwrap();
    let station = accept(own, &made, &answered, &key(1).public()).unwrap();
    assert_eq!(station, aircraft);
    assert_ne!(station.video, station.klv);
    let (again, _) = fresh();
    assert!(accept(again, &made, &answered, &key(1).public()).is_none(), "the secret of another offer");
    let (_, other) = answer(&made, &key(1)).unwrap().unwrap();
    assert_ne!(other, aircraft, "each agreement has its own");
}

#[test]
fn no_secret_is_ever_shown() {
    let (own, made) = fresh();
    assert_eq!(format!("{own:?}"), "Ephemeral(…)");
    let (_, keys) = answer(&made, &key(1)).unwrap().unwrap();
    assert_eq!(format!("{keys:?}"), "LiveKeys { video: Master(…), klv: Master(…) }");
}

#[test]
fn an_answer_of_somebody_else_or_to_something_else_is_none() {
    let ((own, made), (other_own, other)) = (fresh(), fresh());
    let (good, _) = answer(&made, &key(1)).unwrap().unwrap();
    assert!(accept(other_own, &other, &good, &key(1).public()).is_none(), "to another offer");
    let (forged, _) = answer(&made, &key(3)).unwrap().unwrap();
    assert!(accept(own, &made, &forged, &key(1).public()).is_none(), "of another aircraft");
}

/// The points of small order, and their other spellings: with each of them the secret would be 0.
#[test]
fn a_half_of_small_order_agrees_nothing() {
    let mut below = [0xff; 32];
    (below[0], below[31]) = (0xec, 0x7f);
    let mut at = below;
    at[0] = 0xed;
    let mut above = below;
    above[0] = 0xee;
    let mut one = [0; 32];
    one[0] = 1;
    let eight = [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ]
    .map(|text| hex32(text).unwrap());
    for half in [[0; 32], one, below, at, above, eight[0], eight[1]] {
        let small = LiveOffer::sign(SCOPE, half, 1_700_000_000, &key(2));
        assert!(answer(&small, &key(1)).unwrap().is_none(), "offered {half:?}");
        let (own, made) = fresh();
        let answered = LiveAnswer::sign(&made, half, &key(1));
        assert!(accept(own, &made, &answered, &key(1).public()).is_none(), "answered {half:?}");
    }
}

/// RFC 7748 §6.1.
#[test]
fn the_secret_is_rfc_7748() {
    let side = |secret, public| (Ephemeral(StaticSecret::from(hex32(secret).unwrap())), hex32(public).unwrap());
    let (alice, alice_public) = side(
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    );
    let (bob, bob_public) = side(
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    );
    assert_eq!((alice.public(), bob.public()), (alice_public, bob_public));
    let shared = alice.0.diffie_hellman(&x25519_dalek::PublicKey::from(bob.public()));
    assert_eq!(*shared.as_bytes(), hex32("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742").unwrap());
}

/// RFC 5869 A.1.
#[test]
fn the_expansion_is_rfc_5869() {
    let hkdf = Hkdf::<sha2::Sha256>::new(Some(&octets("000102030405060708090a0b0c")), &[0x0b; 22]);
    let mut okm = [0; 42];
    hkdf.expand(&octets("f0f1f2f3f4f5f6f7f8f9"), &mut okm).unwrap();
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(okm[..], octets(expected)[..]);
}

/// What OpenSSL makes of the same halves, from the words of FORMAT.md.
#[test]
fn openssl_makes_the_same_keys() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        dir.path().join(name).into_os_string().into_string().unwrap()
    };
    let openssl = |words: &[&str]| {
        let output = std::process::Command::new("openssl").args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let (station, aircraft) = ([0x11; 32], Ephemeral(StaticSecret::from([0x22; 32])));
    let own = Ephemeral(StaticSecret::from(station));
    let offer = LiveOffer::sign(SCOPE, own.public(), 1_700_000_000, &key(2));
    let answer = LiveAnswer::sign(&offer, aircraft.public(), &key(1));
    // RFC 8410: PKCS #8 and SubjectPublicKeyInfo of X25519.
    let secret = file("secret", &[octets("302e020100300506032b656e04220420"), station.to_vec()].concat());
    let public = file("public", &[octets("302a300506032b656e032100"), answer.key.to_vec()].concat());
    let inputs = ["-inkey", &secret, "-keyform", "DER", "-peerkey", &public, "-peerform", "DER"];
    let shared = openssl(&[&["pkeyutl", "-derive"][..], &inputs].concat());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let salt = format!("hexsalt:{}", Sha256::of(&[offer.encode(), answer.encode()].concat()));
    let (secret, keys) = (format!("hexkey:{}", hex(&shared)), own.agree(&offer, &answer).unwrap());
    for (info, master) in [("skyseal-live/1 video", &keys.video), ("skyseal-live/1 klv", &keys.klv)] {
        let info = format!("info:{info}");
        let options = ["-kdfopt", "digest:SHA256", "-kdfopt", &secret, "-kdfopt", &salt, "-kdfopt", &info];
        let derived = openssl(&[&["kdf", "-keylen", "46", "-binary"][..], &options, &["HKDF"]].concat());
        assert_eq!(derived, *master.bytes(), "{info}");
    }
}
