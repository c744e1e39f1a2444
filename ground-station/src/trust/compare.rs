//! Whether a request is the one of the device, station, store or person it says: two people compare fingerprints.

use anyhow::{Context as _, bail};
use flight_record::keys::KeyId;
use flight_record::trust::{EnrolmentRequest, Role, in_groups};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

/// What the comparison came to.
pub(super) enum Compared {
    Same,
    Other,
}

/// Compares the request's fingerprint with what the other side shows: by `expect`, by eye (`yes`, or an answer on the
/// terminal).
pub(super) fn with_the_device(
    request: &EnrolmentRequest,
    role: Role,
    expect: Option<KeyId>,
    yes: bool,
) -> anyhow::Result<Compared> {
    let found = request.public_key.id();
    if let Some(expected) = expect {
        if expected != found {
            bail!(
                "the request is for key\n  {}\nand not for\n  {}\nSomebody may have changed it on the way: fetch it again from the {role} itself",
                in_groups(&found),
                in_groups(&expected)
            );
        }
        return Ok(Compared::Same);
    }
    if yes {
        return Ok(Compared::Same);
    }
    if !io::stdin().is_terminal() {
        bail!(
            "nobody is at a terminal to compare the fingerprint of {}\n  {}\nGive it with --expect as the {role} shows it, or --yes when it was compared already",
            request.name,
            in_groups(&found)
        );
    }
    eprint!(
        "{} asks to be enrolled as a {role} with the key\n\n  {}\n\nDoes the {role} show the same? yes or no: ",
        request.name,
        in_groups(&found)
    );
    let mut answer = String::new();
    io::stdin().lock().take(64).read_line(&mut answer).context("cannot read the answer")?;
    Ok(if answer.trim().eq_ignore_ascii_case("yes") { Compared::Same } else { Compared::Other })
}
