//! The whole system, as its users run it.

mod architecture;
mod foreign;
