//! The crate from outside: standards' vectors, foreign packets, damage, and peers.

#[cfg(test)]
mod access_units;
#[cfg(test)]
mod clips;
#[cfg(test)]
mod klv;
#[cfg(test)]
mod klv_properties;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod transport_properties;
