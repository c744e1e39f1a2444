//! The ground station; for now, its headless trust commands.
