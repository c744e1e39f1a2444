//! The whole system, as its users run it.

mod architecture;
mod crash;
mod damage;
mod disk_full;
mod flight;
mod foreign;
mod recorded;
