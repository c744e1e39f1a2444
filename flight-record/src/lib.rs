//! What proves a flight: records, keys, tree, sealing, verification.
