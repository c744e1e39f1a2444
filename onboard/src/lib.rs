//! The agent that flies: records, seals and signs footage and telemetry in flight.
