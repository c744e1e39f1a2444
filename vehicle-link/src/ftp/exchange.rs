//! One request of a file after another, each answered by the next number.

use super::{FILE_TRANSFER_PROTOCOL, TIMING, packet::Packet};
use crate::{
    frames::{Body, Frame},
    request::{Ends, Pending, Silence},
};

/// The conversation so far.
#[derive(Debug)]
pub(super) struct Exchange {
    ends: Ends,
    seq: u16,
    asked: Packet,
    pending: Option<Pending>,
}

impl Exchange {
    /// The numbers begin with the time: ArduPilot takes a number that its last answer was to for a repetition, and gives that answer again,
    /// also to a program that was started anew.
    pub(super) fn new(ends: Ends, now_ns: u64) -> Self {
        let [low, high, ..] = (now_ns / 1_000_000).to_le_bytes();
        Self { ends, seq: u16::from_le_bytes([low, high]), asked: Packet::default(), pending: None }
    }

    pub(super) fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    pub(super) fn end(&mut self) {
        self.pending = None;
    }

    /// What was asked last.
    pub(super) fn asked(&self) -> &Packet {
        &self.asked
    }

    /// Asks; the number is put on it.
    pub(super) fn ask(&mut self, packet: Packet, now_ns: u64) -> Body {
        self.asked = Packet { seq: self.seq, ..packet };
        let body = self.asked.body(self.ends);
        self.pending = Some(Pending::new(body.clone(), TIMING, now_ns));
        body
    }

    /// Something useful came, though not the end: the wait begins anew.
    pub(super) fn prolong(&mut self, now_ns: u64) {
        self.pending = Some(Pending::new(self.asked.body(self.ends), TIMING, now_ns));
    }

    /// A packet from the other end for us.
    pub(super) fn heard(&mut self, frame: &Frame, now_ns: u64) -> Option<Packet> {
        let pending = self.pending.as_mut().filter(|_| self.ends.hears(frame))?;
        pending.heard(now_ns);
        (frame.message_id() == FILE_TRANSFER_PROTOCOL && self.ends.concern(frame)).then(|| Packet::read(frame))
    }

    /// Whether `packet` answers what was asked last; the next is then numbered after it.
    pub(super) fn is_answer(&mut self, packet: &Packet) -> bool {
        let answers = packet.req_opcode == self.asked.opcode && packet.seq == self.asked.seq.wrapping_add(1);
        if answers {
            self.seq = packet.seq.wrapping_add(1);
        }
        answers
    }

    /// A burst has one number after another: the next request comes after the last of them.
    pub(super) fn follow(&mut self, packet: &Packet) {
        self.seq = packet.seq.wrapping_add(1);
    }

    pub(super) fn poll(&mut self, now_ns: u64) -> Option<Result<Body, Silence>> {
        self.pending.as_mut()?.poll(now_ns)
    }
}
